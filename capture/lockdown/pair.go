package lockdown

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"ibfs/capture/deadline"
	"ibfs/capture/usbmux"
)

// A PairState is what a pairing waits for.
type PairState int

// What is to be done at the phone.
const (
	Connect PairState = iota + 1 // it is gone: connect it again
	Daemon                       // usbmuxd has ended; as a rule the phone's coming starts it
	Unlock                       // it is locked, and cannot even ask
	Trust                        // it asks: tap Trust, then enter the passcode
)

// PairOptions say how a pairing is made.
type PairOptions struct {
	Options
	Timeout time.Duration    // how long to wait at the phone; 0 is two minutes
	Waiting func(PairState)  // is told each change of what is waited for; may be nil
	Now     func() time.Time // dates the certificates; nil is time.Now
	New     bool             // makes a record in the place of the daemon's, however good that is
}

// pairTries is how often the phone may turn down a pair record as such.
const pairTries = 3

// Pair returns a pair record that the phone takes: the daemon's, where that is
// good, else a new one, which it makes and gives the daemon to keep. With New the
// record that was there before counts as bad. Without it, a phone that has forgotten
// that record, and has another key than then, is ErrOtherKey.
//
// The phone asks its owner first. The same record is sent once a second until
// the answer is there: a phone that is gone meanwhile is waited for by its UDID,
// and comes back under another number. usbmuxd on Linux pairs by itself when
// Trust is tapped, so its record is read again before each try.
//
// When the time is up the error wraps ErrTrustPending, ErrPasscodeLocked,
// usbmux.ErrNotRunning, usbmux.ErrNoDevice or ErrNoAnswer. It
// wraps ErrAsleep for a phone over Wi-Fi whose record could not be tried.
func Pair(ctx context.Context, mux *usbmux.Mux, dev usbmux.Device, opts PairOptions) (*usbmux.PairRecord, error) {
	if opts.Timeout == 0 {
		opts.Timeout = 2 * time.Minute
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	opts.Options = opts.withDefaults()
	p := pairing{mux: mux, dev: dev, opts: opts}
	within, cancel := context.WithTimeout(ctx, opts.Timeout)
	defer cancel()
	r, err := p.run(within)
	if err != nil {
		if ctx.Err() == nil && ended(err) {
			err = fmt.Errorf("nobody answered it within %v: %w", opts.Timeout, cmp.Or(p.last, ErrNoAnswer))
		}
		return nil, fmt.Errorf("pair: %w", err)
	}
	return r, nil
}

type pairing struct {
	mux     *usbmux.Mux
	dev     usbmux.Device
	opts    PairOptions
	fresh   *usbmux.PairRecord // the one that is sent until it is answered
	before  *usbmux.PairRecord // the daemon's, when the phone does not know it any more
	refused string             // HostID of the daemon's record that the phone does not know
	looked  bool               // it is known what record there was before
	state   PairState
	last    error // why it was not done at the last try
}

func (p *pairing) run(ctx context.Context) (*usbmux.PairRecord, error) {
	for dropped := 0; ; {
		r, err := p.try(ctx)
		switch {
		case err == nil:
			return r, nil
		case errors.Is(err, ErrTrustPending):
			p.wait(Trust)
		case errors.Is(err, ErrPasscodeLocked):
			p.wait(Unlock)
		case errors.Is(err, usbmux.ErrNotRunning):
			p.wait(Daemon)
		case errors.Is(err, usbmux.ErrNoDevice), errors.Is(err, usbmux.ErrRefused), deadline.Gone(err):
			p.wait(Connect)
		case isCode(err, "InvalidPairRecord", "SavePairRecordFailed") && dropped < pairTries:
			p.fresh = nil
			dropped++
		default:
			return nil, err
		}
		p.last = err
		if err := sleep(ctx, p.opts.Pause); err != nil {
			return nil, err
		}
	}
}

func (p *pairing) wait(state PairState) {
	if p.state != state && p.opts.Waiting != nil {
		p.opts.Waiting(state)
	}
	p.state = state
}

// try tries the daemon's record, then our own.
func (p *pairing) try(ctx context.Context) (*usbmux.PairRecord, error) {
	if err := p.find(ctx); err != nil {
		return nil, err
	}
	r, err := p.mux.PairRecord(ctx, p.dev.UDID)
	known := err == nil || errors.Is(err, ErrNotPaired) || errors.Is(err, usbmux.ErrBadRecord)
	if p.opts.New && !p.looked && known { // a later one can be new: the daemon pairs by itself, too
		p.looked = true
		if err == nil {
			p.refused = r.HostID
		}
	}
	switch {
	case err == nil && r.HostID != p.refused:
		if err = p.prove(ctx, r); err == nil {
			return r, nil
		}
		if !errors.Is(err, ErrNotPaired) && !errors.Is(err, usbmux.ErrBadRecord) {
			return nil, err
		}
		p.refused, p.before = r.HostID, r
	case err != nil && !errors.Is(err, ErrNotPaired) && !errors.Is(err, usbmux.ErrBadRecord):
		return nil, err
	}
	return p.ask(ctx)
}

// find looks the phone up by its UDID.
func (p *pairing) find(ctx context.Context) error {
	devices, err := p.mux.Devices(ctx)
	if err != nil {
		return err
	}
	for _, dev := range devices {
		if usbmux.SameUDID(dev.UDID, p.dev.UDID) {
			p.dev = dev
			return nil
		}
	}
	return usbmux.ErrNoDevice
}

// prove starts a session with a record.
func (p *pairing) prove(ctx context.Context, r *usbmux.PairRecord) error {
	c, err := Open(ctx, p.mux, p.dev, p.opts.Options)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.StartSession(ctx, r)
}

// ask sends the phone our record, which only it can make good.
func (p *pairing) ask(ctx context.Context) (*usbmux.PairRecord, error) {
	c, err := dialControl(ctx, p.mux, p.dev, p.opts.Log)
	if err != nil {
		return nil, err
	}
	defer c.close(ctx)
	if p.fresh == nil {
		if p.fresh, err = p.newRecord(ctx, c); err != nil {
			return nil, err
		}
	}
	r := p.fresh
	reply, err := c.ask(ctx, "Pair", map[string]any{
		"ProtocolVersion": "2",
		"PairingOptions":  map[string]any{"ExtendedPairingErrors": true},
		"PairRecord": map[string]any{ // never the private keys
			"DeviceCertificate": r.DeviceCertificate,
			"HostCertificate":   r.HostCertificate,
			"RootCertificate":   r.RootCertificate,
			"HostID":            r.HostID,
			"SystemBUID":        r.SystemBUID,
		},
	})
	if err != nil {
		return nil, err
	}
	r.EscrowBag = reply.Bytes("EscrowBag")
	if err := p.mux.SavePairRecord(ctx, p.dev, r); err != nil {
		return nil, fmt.Errorf("save the pair record: %w", err)
	}
	return r, nil
}

// newRecord makes a record for the phone. Both values are read before Pair: some
// versions close the connection when they are read after it.
func (p *pairing) newRecord(ctx context.Context, c *control) (*usbmux.PairRecord, error) {
	buid, err := p.mux.BUID(ctx)
	if err != nil {
		return nil, err
	}
	key, err := c.ask(ctx, "GetValue", valueArgs("", "DevicePublicKey"))
	if err != nil {
		return nil, err
	}
	if p.before != nil && !p.opts.AnyKey {
		if err := sameKey(p.before, key.Bytes("Value")); err != nil {
			return nil, err
		}
	}
	mac, err := c.ask(ctx, "GetValue", valueArgs("", "WiFiAddress"))
	if err != nil && !errors.Is(err, ErrNoValue) {
		return nil, err
	}
	r, err := mint(key.Bytes("Value"), p.opts.Now())
	if err != nil {
		return nil, fmt.Errorf("make certificates: %w", err)
	}
	r.HostID, r.SystemBUID, r.WiFiMACAddress = newHostID(), buid, mac.String("Value")
	return r, nil
}

// sameKey is ErrOtherKey for a phone that does not have the key with which it was
// paired before: what answers to a phone's UDID must not get its backups without a
// word. A record without a key tells nothing.
func sameKey(before *usbmux.PairRecord, devicePublicKey []byte) error {
	cert, err := deviceCertificate(before)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	was, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	now, err := parseDeviceKey(devicePublicKey)
	if err != nil {
		return err
	}
	if ok && !was.Equal(now) {
		return ErrOtherKey
	}
	return nil
}

// newHostID is a random UUID in upper case.
func newHostID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

package lockdown_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ibfs/capture/fakedevice"
	"ibfs/capture/lockdown"
	"ibfs/capture/plist"
	"ibfs/capture/usbmux"
)

const afc = "com.apple.afc"

// A bench is a simulated phone, and the way to it.
type bench struct {
	phone *fakedevice.Phone
	fake  *fakedevice.Mux
	mux   *usbmux.Mux
	log   *logBuffer
	opts  lockdown.Options
}

func newBench(t *testing.T, phone *fakedevice.Phone) *bench {
	t.Helper()
	fake, err := fakedevice.Start(fakedevice.Options{Phones: []*fakedevice.Phone{phone}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fake.Close() })
	addr, err := usbmux.ParseAddress("UNIX:" + fake.Socket())
	if err != nil {
		t.Fatal(err)
	}
	log := &logBuffer{}
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	b := &bench{phone, fake, usbmux.New(addr, logger), log, lockdown.Options{Log: logger, Pause: 20 * time.Millisecond}}
	t.Cleanup(func() { b.checkSecrets(t) })
	return b
}

type logBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// checkSecrets holds the log against the daemon's pair record.
func (b *bench) checkSecrets(t *testing.T) {
	b.log.mu.Lock()
	defer b.log.mu.Unlock()
	if strings.Contains(b.log.b.String(), "BEGIN") {
		t.Error("the log holds PEM")
	}
	if r, err := usbmux.ParsePairRecord(b.fake.Record(b.phone.UDID)); err == nil && len(r.EscrowBag) > 0 {
		if bytes.Contains(b.log.b.Bytes(), r.EscrowBag) || strings.Contains(b.log.b.String(), fmt.Sprintf("%x", r.EscrowBag)) {
			t.Error("the log holds the escrow bag")
		}
	}
}

func (b *bench) device(t *testing.T) usbmux.Device {
	t.Helper()
	devices, err := b.mux.Devices(t.Context())
	if err != nil || len(devices) != 1 {
		t.Fatalf("devices are %v, %v", devices, err)
	}
	return devices[0]
}

func (b *bench) pair(t *testing.T) *usbmux.PairRecord {
	t.Helper()
	r, err := lockdown.Pair(t.Context(), b.mux, b.device(t), lockdown.PairOptions{Options: b.opts})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// session pairs and opens a session.
func (b *bench) session(t *testing.T) *lockdown.Client {
	t.Helper()
	r := b.pair(t)
	c, err := lockdown.Open(t.Context(), b.mux, b.device(t), b.opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.StartSession(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return c
}

func (b *bench) events(prefix string) (n int) {
	for _, e := range b.phone.Events() {
		if strings.HasPrefix(e.String(), prefix) {
			n++
		}
	}
	return n
}

func TestValuesBeforeAndInASession(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{Name: "Anna’s iPhone"})
	c, err := lockdown.Open(t.Context(), b.mux, b.device(t), b.opts)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if v, err := c.Value(t.Context(), "", "DeviceName"); v != "Anna’s iPhone" || err != nil {
		t.Errorf("the name is %v, %v", v, err)
	}
	if v, err := c.Value(t.Context(), "", "PhoneNumber"); err == nil {
		t.Errorf("the phone number is %v without a session", v)
	}
	if err := c.StartSession(t.Context(), b.pair(t)); err != nil {
		t.Fatal(err)
	}
	all, err := c.Values(t.Context(), "")
	if err != nil || all.String("PhoneNumber") == "" {
		t.Errorf("in a session: %v, %v", all, err)
	}
	if _, err := c.Value(t.Context(), "", "NoSuchThing"); !errors.Is(err, lockdown.ErrNoValue) {
		t.Errorf("a missing value: %v", err)
	}
	const domain, key = "com.apple.mobile.wireless_lockdown", "EnableWifiConnections"
	if err := c.SetValue(t.Context(), domain, key, true); err != nil {
		t.Fatal(err)
	}
	if v, err := c.Value(t.Context(), domain, key); v != true || err != nil {
		t.Errorf("what was set is %v, %v", v, err)
	}
}

func TestPairNeverSendsPrivateKeys(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{BareSerial: true})
	r := b.pair(t)
	if len(r.EscrowBag) != 32 || len(r.RootPrivateKey) == 0 {
		t.Error("the record is not whole")
	}
	if n := b.events("lockdown: Pair: the host sent"); n > 0 {
		t.Error("a private key was sent")
	}
	if _, err := usbmux.ParsePairRecord(b.fake.Record(b.phone.UDID)); err != nil {
		t.Errorf("the daemon keeps: %v", err)
	}
	if again := b.pair(t); again.HostID != r.HostID || b.events("lockdown: Pair") != 1 {
		t.Error("a good record was not used again")
	}
}

// A phone whose owner unlocks it late and taps Trust late is polled with one record.
func TestPairWaits(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{Faults: fakedevice.Faults{PairLocked: 2, PairPending: 3}})
	var states []lockdown.PairState
	_, err := lockdown.Pair(t.Context(), b.mux, b.device(t), lockdown.PairOptions{
		Options: b.opts, Waiting: func(s lockdown.PairState) { states = append(states, s) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []lockdown.PairState{lockdown.Unlock, lockdown.Trust}; !slices.Equal(states, want) {
		t.Errorf("it waited for %v", states)
	}
}

func TestPairEnds(t *testing.T) {
	for name, c := range map[string]struct {
		phone *fakedevice.Phone
		want  error
	}{
		"denied":     {&fakedevice.Phone{Faults: fakedevice.Faults{PairDenied: true}}, lockdown.ErrTrustDenied},
		"unanswered": {&fakedevice.Phone{Faults: fakedevice.Faults{PairPending: -1}}, lockdown.ErrTrustPending},
		"locked":     {&fakedevice.Phone{Faults: fakedevice.Faults{PairLocked: -1}}, lockdown.ErrPasscodeLocked},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, c.phone)
			_, err := lockdown.Pair(t.Context(), b.mux, b.device(t), lockdown.PairOptions{Options: b.opts, Timeout: 2 * time.Second})
			if !errors.Is(err, c.want) {
				t.Errorf("ended with %v", err)
			}
			if b.fake.Record(b.phone.UDID) != nil {
				t.Error("a record was kept")
			}
		})
	}
}

// FC-36: Trust is tapped late, the phone goes and comes back under another number.
func TestPairGoesOnWithAnotherNumber(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{Faults: fakedevice.Faults{PairPending: 3}})
	dev := b.device(t)
	var states []lockdown.PairState
	once := sync.OnceFunc(func() {
		b.fake.Detach(b.phone)
		time.AfterFunc(200*time.Millisecond, func() { b.fake.Attach(b.phone) })
	})
	_, err := lockdown.Pair(t.Context(), b.mux, dev, lockdown.PairOptions{
		Options: b.opts,
		Waiting: func(s lockdown.PairState) {
			states = append(states, s)
			if s == lockdown.Trust {
				once()
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if b.device(t).ID == dev.ID {
		t.Error("the number is the same")
	}
	if want := []lockdown.PairState{lockdown.Trust, lockdown.Connect, lockdown.Trust}; !slices.Equal(states, want) {
		t.Errorf("it waited for %v", states)
	}
}

// usbmuxd on Linux pairs by itself when Trust is tapped: its record is taken, also
// where a new one is wanted, as it was not there before.
func TestPairTakesTheDaemonsRecord(t *testing.T) {
	for _, anew := range []bool{false, true} {
		b := newBench(t, &fakedevice.Phone{})
		daemons := b.pair(t)
		raw := b.fake.Record(b.phone.UDID)
		b.fake.SetRecord(b.phone.UDID, nil)
		b.phone.Lock(true) // our own attempt is not answered
		r, err := lockdown.Pair(t.Context(), b.mux, b.device(t), lockdown.PairOptions{
			Options: b.opts, New: anew, Timeout: 5 * time.Second,
			Waiting: func(lockdown.PairState) { b.fake.SetRecord(b.phone.UDID, raw) },
		})
		if err != nil || r.HostID != daemons.HostID {
			t.Errorf("new %v: paired with %v, %v", anew, r, err)
		}
	}
}

func newClient(t *testing.T, b *bench) *lockdown.Client {
	t.Helper()
	c, err := lockdown.Open(t.Context(), b.mux, b.device(t), b.opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The phone forgot this computer: its old record is dropped, a new one is made.
func TestPairAfterThePhoneForgot(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{})
	old := b.pair(t)
	b.phone.Forget()
	c := newClient(t, b)
	defer c.Close()
	if err := c.StartSession(t.Context(), old); !errors.Is(err, lockdown.ErrNotPaired) {
		t.Errorf("with the old record: %v", err)
	}
	if b.fake.Record(b.phone.UDID) == nil {
		t.Error("the record is gone before a new one is there")
	}
	if r := b.pair(t); r.HostID == old.HostID {
		t.Error("the old record was kept")
	}
}

// Another phone under the same UDID, which knows no host, is not paired by itself: it
// would get the backups of the first. Asked to, it is.
func TestPairOfATwin(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{})
	old := b.pair(t)
	b.phone.Forget()
	b.phone.SetFaults(fakedevice.Faults{OwnKey: true})
	o := lockdown.PairOptions{Options: b.opts}
	if _, err := lockdown.Pair(t.Context(), b.mux, b.device(t), o); !errors.Is(err, lockdown.ErrOtherKey) {
		t.Errorf("error %v", err)
	}
	if r, err := usbmux.ParsePairRecord(b.fake.Record(b.phone.UDID)); err != nil || r.HostID != old.HostID {
		t.Errorf("the record is another, or none: %v", err)
	}
	o.New = true
	if r, err := lockdown.Pair(t.Context(), b.mux, b.device(t), o); err != nil || r.HostID == old.HostID {
		t.Errorf("paired anew: %v", err)
	}
	if r := b.pair(t); r.HostID == old.HostID {
		t.Error("the old record is there again")
	}
}

func TestPairOverABadRecord(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{})
	bad, err := plist.XML(map[string]any{
		"HostID": "H", "SystemBUID": "B", "HostCertificate": []byte("x"), "DeviceCertificate": []byte("x"), "HostPrivateKey": []byte("x"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, record := range map[string][]byte{"empty": {}, "no list": []byte("bplist00"), "no certificates": bad} {
		b.fake.SetRecord(b.phone.UDID, record)
		if _, err := lockdown.Pair(t.Context(), b.mux, b.device(t), lockdown.PairOptions{Options: b.opts}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSessionIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		faults fakedevice.Faults
		want   error
	}{
		"TLS 1.3, at the first read": {fakedevice.Faults{TLSReject: -1}, lockdown.ErrNotPaired},
		"TLS 1.2, in the handshake":  {fakedevice.Faults{TLSReject: -1, OnlyTLS12: true}, lockdown.ErrNotPaired},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, &fakedevice.Phone{Faults: c.faults})
			r := b.pair(t)
			client := newClient(t, b)
			defer client.Close()
			if err := client.StartSession(t.Context(), r); !errors.Is(err, c.want) {
				t.Errorf("got %v", err)
			}
			if b.fake.Record(b.phone.UDID) == nil {
				t.Error("the record is gone")
			}
		})
	}
}

func TestService(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{Faults: fakedevice.Faults{ServiceLimit: 2}})
	c := b.session(t)
	conn, err := c.Service(t.Context(), afc, true)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if n := b.events("lockdown: StartService com.apple.afc, escrow bag: true"); n != 1 {
		t.Errorf("it was started %d times with an escrow bag", n)
	}
	if _, err := c.Service(t.Context(), "com.apple.nothing", false); !errors.Is(err, lockdown.ErrNoService) {
		t.Errorf("a service that is none: %v", err)
	}
	without := newClient(t, b)
	defer without.Close()
	if _, err := without.Service(t.Context(), afc, false); !errors.Is(err, lockdown.ErrNotPaired) {
		t.Errorf("without a session: %v", err)
	}
}

func TestServiceWithoutEnd(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{Faults: fakedevice.Faults{ServiceLimit: -1}})
	c := b.session(t)
	if _, err := c.Service(t.Context(), afc, false); !errors.Is(err, lockdown.ErrTooMany) {
		t.Errorf("got %v", err)
	}
}

// What an idle connection was closed for is asked again on a new one.
func TestIdleConnectionIsMadeAnew(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{})
	c := b.session(t)
	b.phone.SetFaults(fakedevice.Faults{Idle: 500 * time.Millisecond})
	for range 2 {
		if _, err := c.Value(t.Context(), "", "PhoneNumber"); err != nil {
			t.Error(err)
		}
		time.Sleep(800 * time.Millisecond)
	}
	conn, err := c.Service(t.Context(), afc, false)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	b.fake.Detach(b.phone)
	for began := time.Now(); err == nil && time.Since(began) < 5*time.Second; { // an answer may be on its way yet
		_, err = c.Value(t.Context(), "", "PhoneNumber")
	}
	if !errors.Is(err, usbmux.ErrNoDevice) {
		t.Errorf("unplugged: %v", err)
	}
}

func TestContextEndsPairing(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{Faults: fakedevice.Faults{PairPending: -1}})
	ctx, cancel := context.WithCancel(t.Context())
	var at time.Time
	_, err := lockdown.Pair(ctx, b.mux, b.device(t), lockdown.PairOptions{
		Options: b.opts,
		Waiting: func(lockdown.PairState) { at = time.Now(); cancel() },
	})
	if !errors.Is(err, context.Canceled) || time.Since(at) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(at), err)
	}
}

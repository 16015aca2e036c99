package capture

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"ibfs/capture/devicelink"
	"ibfs/capture/lockdown"
	"ibfs/capture/plist"
	"ibfs/capture/service"
	"ibfs/capture/usbmux"
)

// An Identity is what a phone tells anyone.
type Identity struct {
	UDID           string `json:"udid"`
	Name           string `json:"name"`
	Class          string `json:"class"`          // "iPhone", "iPad"
	ProductType    string `json:"productType"`    // "iPhone13,2"
	ProductVersion string `json:"productVersion"` // of iOS
}

// Options say how phones are reached. The zero value but for Mux is ready.
type Options struct {
	Mux    *usbmux.Mux
	Log    *slog.Logger     // nil is none
	Now    func() time.Time // nil is time.Now
	Wait   time.Duration    // how long to wait for somebody to unlock the phone or to tap Trust; 0 is two minutes
	Events func(Event)      // is told where the run stands, from one goroutine at a time; nil: nobody is
	AnyKey bool             // see lockdown.Options
	Anew   bool             // pair anew: see New of lockdown.PairOptions
	Lock   time.Duration    // how long another host's lock is waited for; 0 is ten seconds
	// Patience is how long the phone's backup service may be silent.
	Patience devicelink.Patience
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Events = oneByOne(o.Events)
	if o.Wait == 0 {
		o.Wait = 2 * time.Minute
	}
	if o.Lock == 0 {
		o.Lock = 10 * time.Second
	}
	return o
}

// oneByOne makes events come one after another: the phone's notifications come
// beside the run.
func oneByOne(events func(Event)) func(Event) {
	if events == nil {
		return func(Event) {}
	}
	var mu sync.Mutex // held while events is called
	return func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		events(e)
	}
}

// lookTime is how long a phone may take to say who it is. One that sleeps, over
// Wi-Fi, would be tried for minutes.
const lookTime = 5 * time.Second

// Look asks a phone who it is, which needs no pairing. The error is
// lockdown.ErrNoAnswer after some seconds.
func Look(ctx context.Context, dev usbmux.Device, o Options) (Identity, error) {
	within, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	id, err := look(within, dev, o.withDefaults())
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		return Identity{}, fmt.Errorf("%w: %w", lockdown.ErrNoAnswer, err)
	}
	return id, err
}

func look(ctx context.Context, dev usbmux.Device, o Options) (Identity, error) {
	c, err := lockdown.Open(ctx, o.Mux, dev, lockdown.Options{Log: o.Log})
	if err != nil {
		return Identity{}, err
	}
	defer c.Close()
	values, err := c.Values(ctx, "")
	if err != nil {
		return Identity{}, err
	}
	return identity(dev, values), nil
}

// short is what a phone tells of itself, cut to a length, in bytes, that device.json and
// terminals can take.
func short(values plist.Dict, key string) string {
	s := values.String(key)
	return strings.ToValidUTF8(s[:min(len(s), 1<<10)], "")
}

func identity(dev usbmux.Device, values plist.Dict) Identity {
	id := Identity{
		UDID:           short(values, "UniqueDeviceID"),
		Name:           short(values, "DeviceName"),
		Class:          short(values, "DeviceClass"),
		ProductType:    short(values, "ProductType"),
		ProductVersion: short(values, "ProductVersion"),
	}
	if id.UDID == "" {
		id.UDID = dev.UDID
	}
	return id
}

// A Phone is one that is paired, in a session. When the context of a call has ended,
// it is good for Close alone.
type Phone struct {
	Identity
	dev    usbmux.Device
	values plist.Dict // of the default domain
	client *lockdown.Client
	opt    Options
	stop   context.CancelFunc // ends the heartbeat

	bye   context.Context    // of all farewells: it ends soon after that of a call
	leave context.CancelFunc // ends bye
}

// goodbye is how long the phone may take, for all farewells together, to hear that a
// run was broken off; else for each. What ends the link to its backup service adds to
// it, and it is below a second with that.
const goodbye = 500 * time.Millisecond

// hurry bounds the farewells of a call whose context ends; what it returns undoes that.
func (p *Phone) hurry(ctx context.Context) (undo func() bool) {
	return context.AfterFunc(ctx, func() { time.AfterFunc(goodbye, p.leave) })
}

// Connect pairs with a phone, if that is still to be done, and starts a session.
// The events tell what its owner has to do meanwhile.
func Connect(ctx context.Context, dev usbmux.Device, o Options) (*Phone, error) {
	o = o.withDefaults()
	o.Events(Event{Step: Connecting})
	lo := lockdown.Options{Log: o.Log, AnyKey: o.AnyKey}
	record, err := lockdown.Pair(ctx, o.Mux, dev, lockdown.PairOptions{
		Options: lo, Timeout: o.Wait, Now: o.Now, New: o.Anew,
		Waiting: func(s lockdown.PairState) { o.Events(Event{Step: Connecting, Need: needs[s]}) },
	})
	if err != nil && (errors.Is(err, usbmux.ErrNotRunning) || errors.Is(err, usbmux.ErrNoDevice)) {
		return nil, &unpluggedError{err}
	}
	if err != nil {
		return nil, err
	}
	if dev, err = again(ctx, o.Mux, dev); err != nil {
		return nil, err
	}
	client, err := lockdown.Open(ctx, o.Mux, dev, lo)
	if err != nil {
		return nil, err
	}
	p := &Phone{dev: dev, client: client, opt: o, stop: func() {}}
	p.bye, p.leave = context.WithCancel(context.WithoutCancel(ctx))
	defer p.hurry(ctx)()
	if err := p.start(ctx, record); err != nil {
		err = p.explain(ctx, err)
		p.Close()
		return nil, err
	}
	return p, nil
}

var needs = map[lockdown.PairState]Need{
	lockdown.Connect: NeedConnect, lockdown.Daemon: NeedDaemon, lockdown.Unlock: NeedUnlock, lockdown.Trust: NeedTrust,
}

// again finds the device that a phone is now: one that was waited for may have
// come back under another number.
func again(ctx context.Context, mux *usbmux.Mux, dev usbmux.Device) (usbmux.Device, error) {
	all, err := mux.Devices(ctx)
	if err != nil {
		return dev, err
	}
	found := dev
	for _, d := range all {
		switch {
		case d.ID == dev.ID:
			return dev, nil
		case usbmux.SameUDID(d.UDID, dev.UDID):
			found = d
		}
	}
	return found, nil
}

func (p *Phone) start(ctx context.Context, record *usbmux.PairRecord) (err error) {
	if err := p.client.StartSession(ctx, record); err != nil {
		return err
	}
	if p.values, err = p.client.Values(ctx, ""); err != nil {
		return err
	}
	p.Identity = identity(p.dev, p.values)
	if !usbmux.SameUDID(p.UDID, p.dev.UDID) {
		return fmt.Errorf("session: %w: it has another UDID", lockdown.ErrOtherPhone)
	}
	if p.dev.Connection == usbmux.Network {
		p.keepAlive(ctx)
	}
	return nil
}

// keepAlive answers the phone's heartbeat. Without it the phone ends every
// connection over Wi-Fi. The daemon does the same, as a rule.
func (p *Phone) keepAlive(ctx context.Context) {
	conn, err := p.client.Service(ctx, service.NameHeartbeat, false)
	if err != nil {
		p.opt.Log.Warn("no heartbeat", "err", err)
		return
	}
	ctx, p.stop = context.WithCancel(ctx)
	go func() {
		defer conn.Close()
		err := service.Heartbeat(ctx, conn)
		p.opt.Log.Debug("heartbeat ended", "err", err)
	}()
}

// Connection is how the phone is reached: usbmux.USB or usbmux.Network.
func (p *Phone) Connection() string { return p.dev.Connection }

// Close ends the session.
func (p *Phone) Close() error {
	defer p.leave()
	p.stop()
	return p.client.Leave(p.bye)
}

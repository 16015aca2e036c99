package lockdown_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"ibfs/capture/fakedevice"
	"ibfs/capture/lockdown"
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

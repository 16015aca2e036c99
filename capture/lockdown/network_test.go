package lockdown_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"ibfs/capture/capturetest"
	"ibfs/capture/fakedevice"
	"ibfs/capture/lockdown"
	"ibfs/capture/usbmux"
)

// A relay stands between us and the daemon of a bench. It ends a connection in
// place of a request, and changes what the phone says in the clear.
type relay struct {
	cuts     atomic.Int64 // StartSessions that are still to be cut off
	old, new string       // of the same length
}

func (r *relay) start(t *testing.T, b *bench) {
	t.Helper()
	addr, err := usbmux.ParseAddress(capturetest.Socket(t, func(host net.Conn) { r.serve(host, b.fake.Socket()) }))
	if err != nil {
		t.Fatal(err)
	}
	b.mux = usbmux.New(addr, b.opts.Log)
}

func (r *relay) serve(host net.Conn, daemon string) {
	phone, err := net.Dial("unix", daemon)
	if err != nil {
		return
	}
	defer phone.Close()
	go func() {
		defer host.Close()
		pass(host, phone, func(b []byte) ([]byte, bool) {
			return bytes.ReplaceAll(b, []byte(r.old+"<"), []byte(r.new+"<")), true
		})
	}()
	pass(phone, host, func(b []byte) ([]byte, bool) {
		return b, !bytes.Contains(b, []byte("StartSession")) || r.cuts.Add(-1) < 0
	})
}

// pass copies until filter says no. Each message here is one write, and fits.
func pass(to io.Writer, from io.Reader, filter func([]byte) ([]byte, bool)) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		out, ok := filter(b[:n])
		if !ok {
			return
		}
		if _, err := to.Write(out); err != nil {
			return
		}
	}
}

// overNetwork pairs a phone by cable and gives its other entry.
func overNetwork(t *testing.T, b *bench) (usbmux.Device, *usbmux.PairRecord) {
	t.Helper()
	r := b.pair(t)
	dev := b.device(t)
	dev.ID, dev.Connection = dev.ID+1, usbmux.Network
	return dev, r
}

// FC-38: a phone over Wi-Fi that closes is asleep, not unpaired.
func TestNetworkPhoneIsAsleep(t *testing.T) {
	for name, c := range map[string]struct {
		cuts int64
		want error
	}{
		"and wakes":     {5, nil},
		"and sleeps on": {1 << 40, lockdown.ErrAsleep},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, &fakedevice.Phone{Network: true})
			dev, r := overNetwork(t, b)
			var cutting relay
			cutting.start(t, b)
			cutting.cuts.Store(c.cuts)
			client, err := lockdown.Open(t.Context(), b.mux, dev, b.opts)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			err = client.StartSession(t.Context(), r)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || errors.Is(err, lockdown.ErrNotPaired) {
				t.Errorf("got %v", err)
			}
			if b.fake.Record(b.phone.UDID) == nil || b.events("lockdown: Pair") != 1 {
				t.Error("the pairing was touched")
			}
		})
	}
}

// By cable the same end means that the phone does not trust us.
func TestCablePhoneCloses(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{})
	r := b.pair(t)
	var cutting relay
	cutting.start(t, b)
	cutting.cuts.Store(1 << 40)
	client := newClient(t, b)
	defer client.Close()
	if err := client.StartSession(t.Context(), r); !errors.Is(err, lockdown.ErrNotPaired) {
		t.Errorf("attached: %v", err)
	}
	b.fake.Detach(b.phone)
	if err := client.StartSession(t.Context(), r); !errors.Is(err, usbmux.ErrNoDevice) || errors.Is(err, lockdown.ErrNotPaired) {
		t.Errorf("detached: %v", err)
	}
}

func TestPairOverNetworkIsRefused(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{Network: true})
	wireless := relay{old: "<integer>1", new: "<integer>0"} // no phone has that number
	wireless.start(t, b)
	_, err := lockdown.Pair(t.Context(), b.mux, b.device(t), lockdown.PairOptions{Options: b.opts})
	if !errors.Is(err, lockdown.ErrPairOverNetwork) {
		t.Errorf("got %v", err)
	}
}

func TestPhoneInRestoreMode(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{})
	restoring := relay{old: "com.apple.mobile.lockdown", new: "com.apple.mobile.restored"}
	restoring.start(t, b)
	if _, err := lockdown.Open(t.Context(), b.mux, b.device(t), b.opts); !errors.Is(err, lockdown.ErrRestoreMode) {
		t.Errorf("got %v", err)
	}
}

// A phone that answers for another.
func TestPhoneOfAnotherUDID(t *testing.T) {
	other := strings.Repeat("a", 40)
	b := newBench(t, &fakedevice.Phone{Values: map[string]map[string]any{"": {"UniqueDeviceID": other}}})
	if _, err := lockdown.Pair(t.Context(), b.mux, b.device(t), lockdown.PairOptions{Options: b.opts}); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, b)
	defer c.Close()
	r, err := b.mux.PairRecord(t.Context(), b.phone.UDID)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.StartSession(t.Context(), r); !errors.Is(err, lockdown.ErrOtherPhone) {
		t.Errorf("got %v", err)
	}
}

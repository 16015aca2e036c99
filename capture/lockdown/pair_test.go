package lockdown_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"ibfs/capture/fakedevice"
	"ibfs/capture/lockdown"
	"ibfs/capture/plist"
	"ibfs/capture/usbmux"
)

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

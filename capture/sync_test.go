package capture_test

import (
	"context"
	"errors"
	"testing"

	"ibfs/capture/fakedevice"
	"ibfs/capture/service"
)

const (
	unlocked = "unlock /com.apple.itunes.lock_sync"
	finished = "post com.apple.itunes-mobdev.syncDidFinish"
)

// saw counts what the phone saw of a service.
func (b *bench) saw(source, text string) int {
	n := 0
	for _, e := range b.phone.Events(source) {
		if e.Text == text {
			n++
		}
	}
	return n
}

// A phone that another host syncs with is left to that one.
func TestAnotherHostsLock(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(3))}, Faults: fakedevice.Faults{LockBusy: -1}})
	b.opt.Lock = 1
	if _, err := b.run(t.Context()); !errors.Is(err, service.ErrWouldBlock) {
		t.Fatalf("error %v", err)
	}
	if b.saw("afc", unlocked) > 0 || b.saw("notification_proxy", finished) > 0 {
		t.Errorf("what was not ours is ended: %v", b.phone.Events("afc", "notification_proxy"))
	}
	if b.saw("notification_proxy", "shutdown") != 1 {
		t.Error("the proxy was not told the end")
	}
}

// A phone that listens hears all farewells of a run that is broken off.
func TestFarewells(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(3))}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b.phone.SetScript(fakedevice.Fault{Before: fakedevice.StepUpload, Do: both(fakedevice.Call(cancel), fakedevice.Stall())})
	if _, err := b.run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	for source, text := range map[string]string{"afc": unlocked, "notification_proxy": finished} {
		if n := b.saw(source, text); n != 1 {
			t.Errorf("%s: %d times %q", source, n, text)
		}
	}
}

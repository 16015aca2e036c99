package capture_test

import (
	"errors"
	"testing"
	"time"

	"ibfs/capture"
	"ibfs/capture/fakedevice"
	"ibfs/capture/lockdown"
)

// A phone that says nothing is looked at for some seconds.
func TestLookAtASilentPhone(t *testing.T) {
	t.Parallel()
	p := &fakedevice.Phone{UDID: udid}
	p.Faults.Answers = func() { <-t.Context().Done() }
	b := newBench(t, p)
	devices, err := b.opt.Mux.Devices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err = capture.Look(t.Context(), devices[0], b.opt)
	if took := time.Since(began); !errors.Is(err, lockdown.ErrNoAnswer) || took > 15*time.Second {
		t.Errorf("after %v: %v", took, err)
	}
}

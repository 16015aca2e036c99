package capture_test

import (
	"errors"
	"testing"
	"time"

	"ibfs/capture"
	"ibfs/capture/fakedevice"
)

// A phone that is gone once it has agreed is not waited for, and that it agreed is told.
func TestChangePasswordUnconfirmed(t *testing.T) {
	p := &fakedevice.Phone{
		UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(1), password)},
		Values: map[string]map[string]any{"com.apple.mobile.backup": {"WillEncrypt": false}}, // as long as it can be asked
	}
	b := newBench(t, p)
	p.SetScript(fakedevice.Fault{Before: fakedevice.StepEnd, Do: fakedevice.Call(func() { b.mux.Detach(p) })})
	phone, err := b.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer phone.Close()
	began := time.Now()
	err = phone.ChangePassword(t.Context(), nil, []byte(password))
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if !errors.Is(err, capture.ErrUnconfirmed) || !errors.Is(err, capture.ErrUnplugged) {
		t.Errorf("error %v", err)
	}
}

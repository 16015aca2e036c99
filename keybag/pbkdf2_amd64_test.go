package keybag

import "testing"

// A Go release whose SHA-256 tells its state in another form would only be slow.
func TestSHANIInUse(t *testing.T) {
	if !hasSHANI {
		t.Skip("no SHA instructions here")
	}
	if _, ok := newSHA256(nil).(*shaniPRF); !ok {
		t.Error("the SHA instructions are there and not used")
	}
}

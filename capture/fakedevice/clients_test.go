package fakedevice_test

import (
	"strings"
	"testing"
	"time"

	"ibfs/capture/fakedevice"
)

const udid = "00008110-000A1C2E3F40801E"

func contains(t *testing.T, out string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(out, w) {
			t.Errorf("%q is not in:\n%s", w, out)
		}
	}
}

// has says whether an event happened.
func has(p *fakedevice.Phone, event string) bool {
	for _, e := range p.Events() {
		if e.String() == event {
			return true
		}
	}
	return false
}

// await waits for what a phone does at its own pace.
func await(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come")
		}
	}
}

func TestLibimobiledevicePairs(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	c := libimobiledevice(t, start(t, fakedevice.Options{Phones: []*fakedevice.Phone{p}}))
	contains(t, c.run("idevice_id", "-l"), udid)
	public := c.run("ideviceinfo", "-s")
	contains(t, public, "DeviceName: Anna's iPhone", "ProductVersion: 17.5.1")
	if strings.Contains(public, "PhoneNumber") {
		t.Error("the phone number is read without a session")
	}
	contains(t, c.run("idevicepair", "pair"), "SUCCESS: Paired with device "+udid)
	contains(t, c.run("idevicepair", "validate"), "SUCCESS")
	contains(t, c.run("ideviceinfo"), "PhoneNumber", "SerialNumber: F2LFAKE0PHON")
	if got := c.run("ideviceinfo", "-q", "com.apple.mobile.backup", "-k", "WillEncrypt"); got != "false" {
		t.Errorf("WillEncrypt is %q", got)
	}
	c.run("idevicename", "Ben's iPhone")
	contains(t, c.run("idevicename"), "Ben's iPhone")
	contains(t, c.run("idevicepair", "unpair"), "SUCCESS: Unpaired")
	await(t, func() bool { return has(p, "lockdown: Unpair") })
}

func TestPymobiledevice3Pairs(t *testing.T) {
	p := &fakedevice.Phone{Media: map[string][]byte{"/Books/iBooksData2.plist": []byte("books")}}
	c := pymobiledevice3(t, start(t, fakedevice.Options{Phones: []*fakedevice.Phone{p}}))
	contains(t, c.run("pymobiledevice3", "usbmux", "list"), udid)
	c.run("pymobiledevice3", "lockdown", "pair")
	contains(t, c.run("pymobiledevice3", "lockdown", "info"), `"PhoneNumber": "+1 555 0100"`)
	contains(t, c.run("pymobiledevice3", "afc", "ls", "/Books"), "iBooksData2.plist")
}

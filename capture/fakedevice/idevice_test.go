package fakedevice_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture/fakedevice"
)

func TestIdevicePairs(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone", Faults: fakedevice.Faults{PairPending: 1}}
	c := idevice(t, start(t, fakedevice.Options{Phones: []*fakedevice.Phone{p}}))
	if got := c.run("idevice-judge", "list"); got != udid {
		t.Errorf("phones: %q", got)
	}
	if out, err := c.try("idevice-judge", "get", "PhoneNumber"); err == nil {
		t.Errorf("without a pairing there is a session: %s", out)
	}
	c.run("idevice-judge", "pair")
	for _, value := range [][]string{
		{"DeviceName", "", "Anna's iPhone"},
		{"PhoneNumber", "", "+1 555 0100"},
		{"WillEncrypt", "com.apple.mobile.backup", "false"},
	} {
		args := []string{"get", value[0]}
		if value[1] != "" {
			args = append(args, value[1])
		}
		if got := c.run("idevice-judge", args...); got != value[2] {
			t.Errorf("%s is %q", value[0], got)
		}
	}
	if out, err := c.try("idevice-judge", "get", "NoSuchKey"); err == nil || !strings.Contains(out, "MissingValue") {
		t.Errorf("a key that the phone does not have: %v, %s", err, out)
	}
}

// The crate starts the backup service without the escrow bag, so the phone must be
// unlocked; it writes no Info.plist; and it keeps what the phone answers to
// ChangePassword to itself.
func TestIdeviceBacksUp(t *testing.T) {
	first, second := content(t, backuptest.Sample()), content(t, later())
	p := &fakedevice.Phone{Backup: fakedevice.Backup{Content: fakedevice.Content{"": first}, Strict: true}}
	c := idevice(t, start(t, fakedevice.Options{Phones: []*fakedevice.Phone{p}}))
	dir := t.TempDir()
	c.run("idevice-judge", "pair")

	p.Lock(true)
	if out, err := c.try("idevice-judge", "backup", dir); err == nil || !strings.Contains(out, "PasswordProtected") {
		t.Errorf("a locked phone: %v, %s", err, out)
	}
	p.Lock(false)

	c.run("idevice-judge", "backup", dir)
	holds(t, filepath.Join(dir, udid), first)
	run := last(t, p)
	if !run.Full || run.Code != 0 || run.Kept != 0 {
		t.Errorf("first run: %+v", run)
	}
	payloads := run.Sent

	p.SetContent(fakedevice.Content{"": second})
	c.run("idevice-judge", "backup", dir)
	holds(t, filepath.Join(dir, udid), second)
	if run := last(t, p); run.Full || run.Sent != 4 || run.Removed != 1 || run.Kept != payloads-3 {
		t.Errorf("second run: %+v", run)
	}

	c.run("idevice-judge", "backup", "--full", dir)
	holds(t, filepath.Join(dir, udid), second)
	if run := last(t, p); !run.Full || run.Sent != payloads+1 {
		t.Errorf("third run: %+v", run)
	}

	c.run("idevice-judge", "restore", dir, "")
	got := last(t, p).Restore
	if !maps.Equal(got.Files, second.Files) {
		t.Errorf("restored %d of %d files", len(got.Files), len(second.Files))
	}
	if got.Options["RestoreSystemFiles"] != true || got.Options["RestoreShouldReboot"] != false {
		t.Errorf("options of the restore: %v", got.Options)
	}
}

func TestIdeviceEncrypts(t *testing.T) {
	plain := content(t, backuptest.Sample())
	one := content(t, encrypted(backuptest.Sample(), "one"))
	two := content(t, encrypted(backuptest.Sample(), "two"))
	p := &fakedevice.Phone{Backup: fakedevice.Backup{Content: fakedevice.Content{"": plain, "one": one, "two": two}}}
	c := idevice(t, start(t, fakedevice.Options{Phones: []*fakedevice.Phone{p}}))
	dir := t.TempDir()
	c.run("idevice-judge", "pair")
	for _, step := range []struct {
		name, from, to string
		code           int64
		encrypted      string
		then           *fakedevice.State
	}{
		{"on", "", "one", 0, "true", one},
		{"wrong", "wrong", "two", 207, "true", one},
		{"change", "one", "two", 0, "true", two},
		{"off", "two", "", 0, "false", plain},
	} {
		c.run("idevice-judge", "password", dir, step.from, step.to)
		if code := last(t, p).Code; code != step.code {
			t.Errorf("%s: the phone answers %d", step.name, code)
		}
		if got := c.run("idevice-judge", "get", "WillEncrypt", "com.apple.mobile.backup"); got != step.encrypted {
			t.Errorf("%s: WillEncrypt is %s", step.name, got)
		}
		c.run("idevice-judge", "backup", dir)
		holds(t, filepath.Join(dir, udid), step.then)
		if step.name != "change" {
			continue
		}
		if out, err := c.try("idevice-judge", "restore", dir, "one"); err == nil || !strings.Contains(out, "Integer(207)") {
			t.Errorf("a restore with a wrong password: %v, %s", err, out)
		}
		c.run("idevice-judge", "restore", dir, "two")
		if got := last(t, p).Restore; !maps.Equal(got.Files, two.Files) {
			t.Errorf("restored %d of %d files", len(got.Files), len(two.Files))
		}
	}
}

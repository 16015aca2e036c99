package main

import (
	"encoding/json"
	"strings"
	"testing"

	"ibfs/capture/fakedevice"
)

// A program is told what a person is: each line is an event.
func TestBackupEvents(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone", Faults: fakedevice.Faults{ProxyDies: true}}
	plugIn(t, p)
	_, stderr := works(t, "backup", "--json")
	told := map[string]bool{}
	for line := range strings.Lines(stderr) {
		var e struct{ Device, Note, Warning string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		for text, is := range map[string]bool{
			"library":    strings.Contains(e.Note, "A new library is made"),
			"last":       e.Device == p.Name && strings.Contains(e.Note, "no backup here yet"),
			"encryption": e.Device == p.Name && strings.Contains(e.Note, "backup encryption is off"),
			"warning":    e.Device == p.Name && strings.Contains(e.Warning, "look at the phone"),
		} {
			told[text] = told[text] || is
		}
	}
	for _, text := range []string{"library", "last", "encryption", "warning"} {
		if !told[text] {
			t.Errorf("the %s is not told:\n%s", text, stderr)
		}
	}
}

// The lines that name a phone are single ones, whatever it calls itself.
func TestPhoneNameOfTwoLines(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna\nibfs: error: x"}
	plugIn(t, p)
	const name = `Anna\u000aibfs: error: x`
	for _, tt := range []struct {
		code int
		args []string
	}{{exitDone, []string{"pair"}}, {exitDone, []string{"backup"}}, {exitFailed, []string{"encryption", "off"}}, {exitPhone, []string{"pair", "--device", "Ben"}}} {
		stdout, stderr, code := ibfs(t, tt.args...)
		if code != tt.code || !strings.Contains(stdout+stderr, name) || strings.Contains(stdout+stderr, "Anna\n") || strings.Contains(stdout+stderr, "Anna;") {
			t.Errorf("ibfs %q: exit code %d\n%s%s", tt.args, code, stdout, stderr)
		}
	}
}

// What was done, and what was to be done, is said as what it is.
func TestPhoneWords(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	p.Backup.Password = samplePassword
	plugIn(t, p)
	if out, _ := works(t, "pair", "--wifi"); out != "Anna's iPhone is paired with this computer, and lets itself be reached over Wi-Fi.\n" {
		t.Errorf("%q", out)
	}
	if out, _ := works(t, "pair", "--wifi", "--json"); !strings.Contains(out, `"wifi": true`) {
		t.Error(out)
	}
	fails := func(want string, args ...string) {
		t.Helper()
		if _, stderr, code := ibfs(t, args...); code != exitPassword || !strings.Contains(stderr, want) {
			t.Errorf("ibfs %q: exit code %d\n%s", args, code, stderr)
		}
	}
	wrong := secretFile(t, "slip")
	fails("turn backup encryption off: the backup password is wrong", "encryption", "off", "--password-file", wrong)
	fails("change the backup password: the backup password is wrong", "encryption", "change", "--password-file", wrong, "--new-password-file", wrong)
	works(t, "encryption", "off", "--password-file", secretFile(t, samplePassword))
	t.Setenv("IBFS_PASSWORD_FILE", wrong) // is that of the backups there are
	fails("the new password is missing", "encryption", "on")
	if out, _ := works(t, "encryption", "--help"); strings.Count(out, "(for on: the new one)") != 2 || !strings.Contains(out, "but not for on") {
		t.Error(out)
	}
}

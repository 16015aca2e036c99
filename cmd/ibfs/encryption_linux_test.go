package main

import (
	"strings"
	"testing"
	"time"

	"ibfs/capture/fakedevice"
)

func TestEncryptionCommand(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	plugIn(t, p)
	right, other := secretFile(t, samplePassword), secretFile(t, otherPassword)
	works(t, "pair")
	endsWith := func(code int, args ...string) {
		t.Helper()
		if _, stderr, got := ibfs(t, args...); got != code {
			t.Errorf("ibfs %q: exit code %d, want %d\n%s", args, got, code, stderr)
		}
	}
	endsWith(exitFailed, "encryption", "off", "--password-file", right)
	works(t, "encryption", "on", "--new-password-file", right)
	if !p.WillEncrypt() {
		t.Fatal("it is not on")
	}
	if _, stderr := works(t, "backup"); !strings.Contains(stderr, "without the backup password") {
		t.Errorf("it did not say that the password is missing:\n%s", stderr)
	}
	time.Sleep(1100 * time.Millisecond)
	stdout, stderr := works(t, "backup", "--password-file", other)
	if !strings.Contains(stdout, "verified in part") || !strings.Contains(stderr, "not the password of the last encrypted snapshot") || !strings.Contains(stderr, "does not open the new backup") {
		t.Errorf("a wrong password, with a snapshot to test it on: %s%s", stdout, stderr)
	}
	time.Sleep(1100 * time.Millisecond)
	if stdout, stderr = works(t, "backup", "--password-file", right); !strings.Contains(stdout, "verified in part; `ibfs verify` proves the rest.") || strings.Contains(stderr, "not the password") {
		t.Errorf("the right password, on top of what was not proved: %s%s", stdout, stderr)
	}
	for _, full := range [][]string{{"--full"}, nil} {
		time.Sleep(1100 * time.Millisecond)
		if stdout, _ = works(t, append([]string{"backup", "--password-file", right}, full...)...); !strings.Contains(stdout, "; verified.") {
			t.Errorf("%s once all was sent and proved: %s", full, stdout)
		}
	}
	endsWith(exitPassword, "encryption", "change", "--password-file", other, "--new-password-file", right)
	endsWith(exitUsage, "encryption", "maybe")
	works(t, "encryption", "change", "--password-file", right, "--new-password-file", other)
	time.Sleep(1100 * time.Millisecond)
	stdout, stderr = works(t, "backup", "--password-file", other)
	if !strings.Contains(stdout, "; verified.") || !strings.Contains(stderr, "tried on the new one at the end") {
		t.Errorf("the new password after a change: %s%s", stdout, stderr)
	}
	time.Sleep(1100 * time.Millisecond)
	stdout, stderr = works(t, "backup", "--password-file", right)
	if !strings.Contains(stdout, "verified in part") || !strings.Contains(stderr, "does not open the new backup") {
		t.Errorf("the old password after a change: %s%s", stdout, stderr)
	}
	works(t, "encryption", "off", "--password-file", other)
	if p.WillEncrypt() {
		t.Error("it is still on")
	}
}

// At the prompt a password that does not open the last snapshot may be typed anew,
// or again the same, which means it.
func TestBackupAsksForThePassword(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	p.Backup.Password = samplePassword
	plugIn(t, p)
	works(t, "backup", "--password-file", secretFile(t, samplePassword))
	for _, tt := range []struct {
		name    string
		answers []string
		changed bool // on the phone
		want    []string
	}{
		{"a slip", []string{"slip", samplePassword}, false, []string{"not the password of the last encrypted snapshot", "; verified."}},
		{"three slips", []string{"slip", "slop", "slap"}, false, []string{"it is tried on the new backup", "does not open the new backup", "verified in part"}},
		{"none", []string{"slip", ""}, false, []string{"verified in part"}},
		{"changed and meant", []string{otherPassword, otherPassword}, true, []string{"type it again", "it is tried on the new backup", "; verified."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.changed {
				works(t, "encryption", "change", "--password-file", secretFile(t, samplePassword), "--new-password-file", secretFile(t, otherPassword))
			}
			said, code := typed(t, tt.answers, "backup")
			if code != 0 {
				t.Errorf("exit code %d", code)
			}
			for _, want := range tt.want {
				if !strings.Contains(said, want) {
					t.Errorf("it did not say %q:\n%s", want, said)
				}
			}
			if !strings.Contains(said, "; verified.") { // a later one is tested on a snapshot of the right password
				works(t, "delete", "Anna's iPhone@latest", "--yes")
			}
		})
	}
	works(t, "encryption", "off", "--password-file", secretFile(t, otherPassword))
	if said, code := typed(t, []string{""}, "encryption", "on"); code != exitPassword || !strings.Contains(said, "--new-password-file") {
		t.Errorf("an empty new password: exit code %d\n%s", code, said)
	}
	works(t, "backup")
	works(t, "encryption", "on", "--new-password-file", secretFile(t, otherPassword))
	if said, code := typed(t, []string{"slip", otherPassword}, "backup"); code != 0 || !strings.Contains(said, "password of the last encrypted snapshot") || !strings.Contains(said, "; verified.") {
		t.Errorf("after one that is not encrypted: exit code %d\n%s", code, said)
	}
}

// What the phone has agreed to is told also when it is gone before it can be asked.
func TestEncryptionUnconfirmed(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone", Values: map[string]map[string]any{"com.apple.mobile.backup": {"WillEncrypt": false}}}
	_, mux := plugInto(t, p)
	works(t, "pair")
	p.SetScript(fakedevice.Fault{Before: fakedevice.StepEnd, Do: fakedevice.Call(func() { mux.Detach(p) })})
	_, stderr, code := ibfs(t, "encryption", "on", "--new-password-file", secretFile(t, samplePassword))
	for _, want := range []string{"the phone has agreed to the change", "no longer connected", "hint: connect it again; run it again: when the change is made already, it says so"} {
		if code != exitPhone || !strings.Contains(stderr, want) {
			t.Errorf("it does not say %q: exit code %d\n%s", want, code, stderr)
		}
	}
}

// With --json what is said at the prompt is lines of JSON as well, also on a terminal.
func TestPromptWithJSON(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	p.Backup.Password = samplePassword
	plugIn(t, p)
	works(t, "backup", "--password-file", secretFile(t, samplePassword))
	said, code := typed(t, []string{"slip", "slip"}, "backup", "--json")
	if code != 0 {
		t.Errorf("exit code %d\n%s", code, said)
	}
	for _, want := range []string{"that is not the password of the last", "it is tried on the new backup at the end"} {
		if !strings.Contains(said, `{"device":"Anna's iPhone","note":"`+want) {
			t.Errorf("%q is no line of JSON:\n%s", want, said)
		}
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ibfs/backupfmt/backuptest"
)

// two writes backups of two devices, each with its own password, and returns the
// folder of both.
func two(t *testing.T, first, second string) string {
	t.Helper()
	dir := written(t, note(first))
	b := note(second)
	b.UDID, b.DeviceName = strings.Repeat("b", 40), "Second"
	writeTo(t, filepath.Dir(dir)+"/second", b)
	return filepath.Dir(dir)
}

// TestUnlockWhatFits gives one password to a mount of several devices.
func TestUnlockWhatFits(t *testing.T) {
	needFUSE(t)
	ownHome(t)
	at := filepath.Join(t.TempDir(), "mount")
	if _, stderr, code := ibfs(t, "mount", "--backups", two(t, "one", "two"), at); code != 0 {
		t.Fatal(stderr)
	}
	t.Cleanup(func() { unmounted(t, at) })
	fails(t, exitPassword, "wrong", "passcode", "unlock", "--password-file", passwordFile(t, "none"))
	for _, password := range []string{"two", "one"} {
		stdout, stderr, code := ibfs(t, "unlock", "--password-file", passwordFile(t, password))
		if code != 0 || strings.Count(stdout, "Unlocked ") != 1 {
			t.Errorf("%s: %d, %s%s", password, code, stdout, stderr)
		}
	}
	quiet(t, "cat", filepath.Join(at, notePath), filepath.Join(at, strings.Replace(notePath, "Phone", "Second", 1)))
}

// TestPasswordFromPipe opens several keybags with what can be read once.
func TestPasswordFromPipe(t *testing.T) {
	needFUSE(t)
	ownHome(t)
	at := filepath.Join(t.TempDir(), "mount")
	line := `echo same | "$0" mount --backups "$1" --password-file /dev/stdin "$2" 2>&1 | grep -c "stays locked"`
	if stdout, _, _ := program(t, "sh", "-c", line, exe(t), two(t, "same", "same"), at); stdout != "0\n" {
		t.Errorf("%s of the two stay locked", stdout)
	}
	t.Cleanup(func() { unmounted(t, at) })
	quiet(t, "cat", filepath.Join(at, notePath), filepath.Join(at, strings.Replace(notePath, "Phone", "Second", 1)))
}

// TestOneKeybagTwoForms mounts what one password opened before and after a
// phone's update from iOS 10.0, which needs a key more.
func TestOneKeybagTwoForms(t *testing.T) {
	all := t.TempDir()
	for _, g := range []backuptest.Generation{backuptest.IOS10_0, backuptest.IOS10_1} {
		b := note("secret")
		b.Generation = g
		b.Date = b.Date.AddDate(2016, int(g), 0)
		writeTo(t, filepath.Join(all, g.String()), b)
	}
	at := mounted(t, all)
	found, err := filepath.Glob(at + "/Phone/2*/Domains/HomeDomain/Library/a.plist")
	if err != nil || len(found) != 2 {
		t.Errorf("%q, %v", found, err)
	}
}

// TestKeyOfWhatNoMountShows keeps a key, and forgets it, while something else is
// mounted.
func TestKeyOfWhatNoMountShows(t *testing.T) {
	mounted(t, written(t, note("")))
	other := note("secret")
	other.UDID = strings.Repeat("c", 40)
	dir := written(t, other)
	if _, stderr, code := ibfs(t, "unlock", dir, "--save", "--password-file", passwordFile(t, "secret")); code != 0 {
		t.Errorf("save: %d: %s", code, stderr)
	}
	if got := quiet(t, exe(t), "unlock", dir, "--forget"); !strings.Contains(got, "is forgotten") {
		t.Errorf("forget: %s", got)
	}
	fails(t, exitNotFound, "no such backup", "ibfs list", "unlock", "Nobody", "--forget")
}

// TestHere names the backup that one stands in.
func TestHere(t *testing.T) {
	ownHome(t)
	t.Chdir(written(t, note("")))
	for _, name := range []string{".", "./"} {
		if got := quiet(t, exe(t), "info", name); !strings.Contains(got, "Phone") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestStoppedMount tells a mount whose process stands still from one in use.
func TestStoppedMount(t *testing.T) {
	at := mounted(t, written(t, note("secret")))
	pid := pidOf(t, at)
	if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer unix.Kill(pid, unix.SIGCONT)
	fails(t, exitBusy, "does not answer", "kill -CONT", "unmount", at)
}

// TestDoctorOfDeadMount finds the mount whose process was killed.
func TestDoctorOfDeadMount(t *testing.T) {
	at := mounted(t, written(t, note("secret")))
	pid := pidOf(t, at)
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitForEnd(t, pid)
	stdout, _, _ := ibfs(t, "doctor")
	if !strings.Contains(stdout, at+": the process that served it has died") || !strings.Contains(stdout, "ibfs unmount '"+at+"'\n") {
		t.Error(stdout)
	}
	quiet(t, exe(t), "unmount", at)
	if err := os.Remove(at); err != nil {
		t.Error(err)
	}
}

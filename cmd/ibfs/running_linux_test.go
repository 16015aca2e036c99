package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/control"
)

// TestFC21Publish sees a new snapshot and a new device in a mount that stands.
func TestFC21Publish(t *testing.T) {
	library := t.TempDir()
	b := note("secret")
	b.Date = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	writeTo(t, library+"/one", b)
	at := mounted(t, library)
	first, err := os.Readlink(at + "/Phone/latest")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(at, notePath)); err != nil || string(got) != "bplist00 lower" {
		t.Fatalf("%q, %v", got, err)
	}
	publish := func(name string, b backuptest.Backup, shows func() bool) {
		aside := filepath.Join(t.TempDir(), "aside")
		writeTo(t, aside, b)
		if err := os.CopyFS(library+"/."+name, os.DirFS(aside)); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(library+"/."+name, library+"/"+name); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		waitFor(t, name+" shows", shows)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s shows after %v", name, took)
		}
	}
	b.Date = b.Date.Add(24 * time.Hour)
	b.Files[0].Content = []byte("the second")
	publish("two", b, func() bool { now, _ := os.Readlink(at + "/Phone/latest"); return now > first })
	if got, err := os.ReadFile(filepath.Join(at, notePath)); err != nil || string(got) != "the second" { // opened by the same password
		t.Errorf("through latest: %q, %v", got, err)
	}
	if got, err := os.ReadFile(filepath.Join(at, strings.Replace(notePath, "latest", first, 1))); err != nil || string(got) != "bplist00 lower" {
		t.Errorf("the first: %q, %v", got, err)
	}
	other := note("")
	other.DeviceName, other.UDID = "Other", strings.Repeat("b", 40)
	publish("three", other, func() bool { _, err := os.Readlink(at + "/Other/latest"); return err == nil })
	if entries := quiet(t, "ls", at); entries != "Other\nPhone\n" {
		t.Errorf("ls says %s", entries)
	}
}

// TestUnlockRunning gives a password to a mount that stands.
func TestUnlockRunning(t *testing.T) {
	dir := written(t, note("other"))
	second := note("secret")
	second.UDID, second.DeviceName = strings.Repeat("b", 40), "Second"
	writeTo(t, filepath.Dir(dir)+"/second", second)
	at := mounted(t, filepath.Dir(dir))
	if text, err := os.ReadFile(at + "/Phone/latest/LOCKED.txt"); err != nil || !strings.Contains(string(text), "ibfs unlock") {
		t.Errorf("LOCKED.txt: %q, %v", text, err)
	}
	if _, err := os.Stat(at + "/Second/latest/Domains"); err != nil {
		t.Error("a locked backup keeps another from being shown:", err)
	}
	fails(t, exitPassword, "wrong", "passcode", "unlock", "--password-file", passwordFile(t, "no"))
	stdout, stderr, code := ibfs(t, "unlock", "--password-file", passwordFile(t, "other"))
	if code != 0 || !strings.Contains(stdout, "Unlocked Phone/") || stderr != "" {
		t.Errorf("unlock: %d, %s%s", code, stdout, stderr)
	}
	if b, err := os.ReadFile(filepath.Join(at, notePath)); err != nil || string(b) != "bplist00 lower" {
		t.Errorf("after unlocking: %q, %v", b, err)
	}
	if _, err := os.Stat(at + "/Phone/latest/LOCKED.txt"); err == nil {
		t.Error("LOCKED.txt is still there")
	}
}

// helperOptions are what FC-22 gives the helper, and more.
const helperOptions = "rw,nofail,_netdev,noauto,users,x-systemd.automount,comment=x,dev,suid,exec,async,relatime"

// TestFC22FC23Helper mounts as mount(8) does at boot: with options that are for
// others, and without an environment.
func TestFC22FC23Helper(t *testing.T) {
	needFUSE(t)
	dir, at := written(t, note("secret")), t.TempDir()
	link := filepath.Join(t.TempDir(), "mount.fuse.ibfs")
	if err := os.Symlink(exe(t), link); err != nil {
		t.Fatal(err)
	}
	bare := []string{"-i", asCommand + "=1"}
	if out := quiet(t, "env", append(bare, link, dir, at, "-o", helperOptions+",password-file="+passwordFile(t, "secret\n"))...); out != "" {
		t.Errorf("it says %q", out)
	}
	if got, want := quiet(t, "findmnt", "-no", "SOURCE,FSTYPE,OPTIONS", at), dir+" fuse.ibfs ro,nosuid,nodev"; !strings.HasPrefix(got, want) {
		t.Errorf("the mount is %q, want %q", got, want)
	}
	if _, err := os.Stat(filepath.Join(at, notePath)); err != nil {
		t.Error(err)
	}
	quiet(t, "env", append(bare, exe(t), "unmount", at)...)
	if _, err := os.Stat(at); err != nil {
		t.Error("a folder that was there before is gone:", err)
	}
}

// TestFC22Fstab mounts by mount(8) and a line of fstab, where ibfs is
// installed.
func TestFC22Fstab(t *testing.T) {
	needRoot(t, "for mount(8)")
	ownHome(t)
	dir, at := written(t, note("secret")), t.TempDir()
	fstab := filepath.Join(t.TempDir(), "fstab")
	line := fmt.Sprintf("%s %s fuse.ibfs %s,password-file=%s 0 0\n", dir, at, helperOptions, passwordFile(t, "secret\n"))
	if err := os.WriteFile(fstab, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	out := quiet(t, "unshare", "-m", "sh", "-c", `
		for bin in /sbin /usr/sbin; do
			[ -L "$bin" ] || { mount -t tmpfs none "$bin" && ln -s "$0" "$bin/mount.fuse.ibfs"; } || exit
		done
		mount -T "$1" "$2" && cat "$3" && findmnt -no FSTYPE "$2" && umount "$2"`, exe(t), fstab, at, filepath.Join(at, notePath))
	if out != "bplist00 lowerfuse.ibfs\n" {
		t.Errorf("%q", out)
	}
}

// TestForget takes a key out of the keyring again.
func TestForget(t *testing.T) {
	dir := written(t, note("secret"))
	if _, stderr, code := ibfs(t, "ls", "--backups", dir, "--save", "--password-file", passwordFile(t, "secret"), "Phone/latest"); code != 0 {
		t.Fatalf("keep the key: %d: %s", code, stderr)
	}
	if _, stderr, code := ibfs(t, "cat", "--backups", dir, notePath); code != 0 {
		t.Errorf("by the keyring: %d: %s", code, stderr)
	}
	if stdout, stderr, code := ibfs(t, "unlock", "--backups", dir, "--forget"); code != 0 || !strings.Contains(stdout, "forgotten") {
		t.Errorf("forget: %d: %s%s", code, stdout, stderr)
	}
	if _, _, code := ibfs(t, "cat", "--backups", dir, notePath); code != exitPassword {
		t.Errorf("after forgetting: %d", code)
	}
}

// TestForgetWithoutBackups takes keys out whose backups a mount shows, or that
// are gone.
func TestForgetWithoutBackups(t *testing.T) {
	dir := written(t, note("secret"))
	at := mounted(t, dir, "--save")
	if stdout := quiet(t, exe(t), "unlock", "--forget", "Phone"); !strings.Contains(stdout, "The key of Phone is forgotten") {
		t.Errorf("of a mount: %s", stdout)
	}
	unmounted(t, at)
	quietly := []string{"ls", "--backups", dir, "--save", "--password-file", passwordFile(t, "secret"), "Phone/latest"}
	if _, stderr, code := ibfs(t, quietly...); code != 0 {
		t.Fatal(stderr)
	}
	var d described
	if err := json.Unmarshal([]byte(quiet(t, exe(t), "info", "--json", dir)), &d); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if stdout := quiet(t, exe(t), "unlock", "--forget", "--json", d.Keybag); !strings.Contains(stdout, d.Keybag) {
		t.Errorf("by its keybag: %s", stdout)
	}
	if stdout := quiet(t, exe(t), "unlock", "--forget", d.Keybag); !strings.Contains(stdout, "no key") {
		t.Errorf("again: %s", stdout)
	}
}

// TestUnlockSeveral names a backup as each of the mounts does.
func TestUnlockSeveral(t *testing.T) {
	needFUSE(t)
	ownHome(t)
	var points []string
	for _, udid := range []string{"a", "b"} {
		b := note("secret")
		b.UDID = strings.Repeat(udid, 40)
		at := filepath.Join(t.TempDir(), "mount")
		if _, stderr, code := ibfs(t, "mount", "--backups", written(t, b), at); code != 0 {
			t.Fatal(stderr)
		}
		t.Cleanup(func() { unmounted(t, at) })
		points = append(points, at)
	}
	stdout := quiet(t, exe(t), "unlock", "--json", "--password-file", passwordFile(t, "secret"), "Phone")
	var all []unlocked
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || len(all) != 2 {
		t.Errorf("%v: %s", err, stdout)
	}
	for _, at := range points {
		if got, err := os.ReadFile(filepath.Join(at, notePath)); err != nil || string(got) != "bplist00 lower" {
			t.Errorf("%q, %v", got, err)
		}
	}
	fails(t, exitNotFound, `"Nobody": no such backup`, "ibfs list", "unlock", "Nobody")
}

// TestMountJSON is what scripts rely on.
func TestMountJSON(t *testing.T) {
	needFUSE(t)
	ownHome(t)
	at := filepath.Join(t.TempDir(), "mount")
	var status control.Status
	stdout, _, code := ibfs(t, "--json", "mount", "--backups", written(t, note("")), at)
	if err := json.Unmarshal([]byte(stdout), &status); err != nil || code != 0 || status.Mountpoint != at || len(status.Backups) != 1 || status.PID != pidOf(t, at) {
		t.Errorf("mount: %d, %v: %s", code, err, stdout)
	}
	if got := quiet(t, exe(t), "--json", "unlock"); got != "[]\n" {
		t.Errorf("unlock: %s", got)
	}
	if got := quiet(t, exe(t), "--json", "unmount", at); got != "{\n  \"mountpoint\": \""+at+"\"\n}\n" {
		t.Errorf("unmount: %s", got)
	}
}

// TestDemoAgain finds the sample backup mounted already.
func TestDemoAgain(t *testing.T) {
	needFUSE(t)
	if testing.Short() {
		t.Skip("the sample backup takes a minute to make with the race detector")
	}
	ownHome(t)
	at := filepath.Join(t.TempDir(), "demo")
	t.Cleanup(func() { unmounted(t, at) })
	for _, want := range []string{"\nMounted on " + at + ".\n", "\nMounted on " + at + " already.\n"} {
		if stdout, stderr, code := ibfs(t, "demo", at); code != 0 || !strings.Contains(stdout, want) {
			t.Fatalf("%d, %s%s, want %s", code, stdout, stderr, want)
		}
	}
	other := filepath.Join(t.TempDir(), "other")
	quiet(t, exe(t), "mount", "--backups", written(t, note("")), other)
	t.Cleanup(func() { unmounted(t, other) })
	fails(t, exitMountpoint, "backups are mounted there already", "ibfs unmount", "demo", other)
}

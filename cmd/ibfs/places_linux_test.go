package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
)

// named is a backup of a device of its own.
func named(device, udid, password string) backuptest.Backup {
	b := note(password)
	b.DeviceName, b.UDID = device, strings.Repeat(udid, 40)
	return b
}

// TestPlacesThatAreAway looks into those of the places that are there.
func TestPlacesThatAreAway(t *testing.T) {
	ownHome(t)
	dir, away := written(t, note("")), filepath.Join(t.TempDir(), "away")
	for _, args := range [][]string{{"list"}, {"list", "--backups", dir, "--backups", away}} {
		t.Setenv("IBFS_BACKUPS", dir+":"+away)
		stdout, stderr, code := ibfs(t, args...)
		if code != 0 || !strings.Contains(stdout, "Phone ") || strings.Count(stderr, "\n") != 1 || strings.Count(stderr, away) != 1 {
			t.Errorf("%q: code %d, %s%s", args, code, stdout, stderr)
		}
	}
	if got := quiet(t, exe(t), "cat", notePath); got != "bplist00 lower" {
		t.Errorf("cat: %q", got)
	}
	t.Setenv("IBFS_BACKUPS", away+":"+away+"2")
	fails(t, exitNotFound, "away: no such file", "spelled", "list")
}

// TestNoBackups says where they were sought.
func TestNoBackups(t *testing.T) {
	home, one, two := ownHome(t), t.TempDir(), t.TempDir()
	fails(t, exitNotFound, "no backups found in "+one+", "+two+", nor up to 5 folders below", "--backups", "list", "--backups", one, "--backups", two)
	fails(t, exitNotFound, "no backups found in "+home+"/XDG_DATA_HOME/ibfs,", "--backups", "info")
	if got := quiet(t, exe(t), "list", "--json"); got != "[]\n" {
		t.Errorf("as JSON: %q", got)
	}
}

// TestMountOfNothingYet mounts the usual places before they are there, and shows
// what comes.
func TestMountOfNothingYet(t *testing.T) {
	needFUSE(t)
	library := filepath.Join(ownHome(t), "XDG_DATA_HOME", "ibfs")
	at := filepath.Join(t.TempDir(), "mount")
	_, stderr, code := ibfs(t, "mount", at)
	if want := "ibfs: warning: no backups in " + library + " yet; those that come will appear\n"; code != 0 || stderr != want {
		t.Fatalf("mount: %d, %s", code, stderr)
	}
	t.Cleanup(func() { unmounted(t, at) })
	writeTo(t, filepath.Join(library, "one"), note(""))
	waitFor(t, "it shows", func() bool { _, err := os.Stat(at + "/" + notePath); return err == nil })
}

// TestRelativePaths takes what is there for a path, unless a backup has the name.
func TestRelativePaths(t *testing.T) {
	ownHome(t)
	library := t.TempDir()
	writeTo(t, library+"/one", named("Phone", "a", ""))
	t.Setenv("IBFS_BACKUPS", library)
	here := t.TempDir()
	t.Chdir(here)
	writeTo(t, here+"/bk/rowid", named("Other", "b", ""))
	writeTo(t, here+"/Phone", named("Decoy", "c", ""))
	for _, c := range []struct{ name, want string }{
		{"bk/rowid", "Other"}, {"bk/rowid/Manifest.plist", "Other"}, {"bk", "Other"}, {"./bk", "Other"},
		{"Phone", "Phone"}, {"./Phone", "Decoy"},
	} {
		got := quiet(t, exe(t), "info", c.name)
		if !strings.HasPrefix(strings.Join(strings.Fields(got), " "), "Device "+c.want+" ") {
			t.Errorf("info %s: %s", c.name, got)
		}
		if got := quiet(t, exe(t), "ls", c.name); !strings.Contains(got, "Domains/") && c.name != "Phone" {
			t.Errorf("ls %s: %s", c.name, got)
		}
	}
	fails(t, exitNotFound, `"bk/none": no such backup`, "ibfs list", "info", "bk/none")
}

// TestOwnMount looks for no backups in a mount of ibfs.
func TestOwnMount(t *testing.T) {
	dir := written(t, note(""))
	at := mounted(t, dir)
	for _, args := range [][]string{
		{"list", "--backups", at}, {"mount", "--backups", at, t.TempDir()}, {"list", "--backups", at + "/Phone"}, {"info", at + "/Phone/latest"},
	} {
		fails(t, exitNotFound, ": it is a mount of ibfs", "device's name", args...)
	}
	if got := quiet(t, exe(t), "list", "--backups", dir, "--backups", filepath.Dir(at)); strings.Count(got, "\nPhone ") != 1 {
		t.Errorf("around it: %s", got)
	}
}

// TestUnreadableFolder warns of a folder beside the backups, which is none.
func TestUnreadableFolder(t *testing.T) {
	u := newPlainUser(t)
	if err := os.Mkdir(u.dir+"/backup/../closed", 0o700); err != nil {
		t.Fatal(err)
	}
	out, code := u.run("666", `ibfs list --backups .`)
	lines := strings.Split(out, "\n")
	if code != 0 || len(lines) != 3 || strings.Count(out, "DIR/closed") != 1 || strings.Contains(out, "broken") {
		t.Errorf("code %d\n%s", code, out)
	}
}

// TestWrongPasswordForOne mounts what needs no password, also where the one
// that is given is wrong or cannot be had.
func TestWrongPasswordForOne(t *testing.T) {
	needFUSE(t)
	ownHome(t)
	library := t.TempDir()
	writeTo(t, library+"/one", named("Locked", "a", "secret"))
	writeTo(t, library+"/two", named("Plain", "b", ""))
	for _, way := range [][]string{
		{"--password-file", passwordFile(t, "no")}, {"--password-file", passwordFile(t, "\n")},
		{"--password-file", library + "/none"}, {"--password-command", "exit 3"},
	} {
		at := filepath.Join(t.TempDir(), "mount")
		_, stderr, code := ibfs(t, append(way, "mount", "--backups", library, at)...)
		if code != 0 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "it stays locked; `ibfs unlock` opens it") {
			t.Errorf("%q: code %d, %s", way, code, stderr)
			continue
		}
		if _, err := os.Stat(at + "/Locked/latest/LOCKED.txt"); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(at + "/Plain/latest/Domains/HomeDomain"); err != nil {
			t.Error(err)
		}
		unmounted(t, at)
	}
}

// TestRelativeLibrary mounts a library that is named from where the person stands:
// the process in the background stands elsewhere.
func TestRelativeLibrary(t *testing.T) {
	needFUSE(t)
	ownHome(t)
	t.Chdir(filepath.Dir(written(t, note(""))))
	t.Setenv("IBFS_LIBRARY", ".")
	at := filepath.Join(t.TempDir(), "mount")
	quiet(t, exe(t), "mount", at)
	defer unmounted(t, at)
	quiet(t, "cat", filepath.Join(at, notePath))
}

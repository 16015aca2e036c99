package main

import (
	"bytes"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/control"
)

// TestVerifyTellsWhatItProved: of a backup that it cannot look into, and of one
// that did not finish.
func TestVerifyTellsWhatItProved(t *testing.T) {
	ownHome(t)
	b := backuptest.Backup{Files: []backuptest.File{{Domain: "HomeDomain", Path: "Library/a.txt", Content: []byte("a")}}}
	t.Run("unreadable", func(t *testing.T) {
		dir := written(t, b)
		if err := os.Truncate(filepath.Join(dir, "Manifest.db"), 0); err != nil {
			t.Fatal(err)
		}
		fails(t, exitDamaged, "Manifest.db is empty", "try another copy", "verify", dir)
	})
	t.Run("unfinished", func(t *testing.T) {
		b := b
		b.State = "uploading"
		stdout, stderr, code := ibfs(t, "verify", written(t, b))
		if code != 0 || !strings.Contains(stderr, "did not finish") || !strings.Contains(stdout, " 0 damaged") {
			t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
		}
	})
}

// rows is a backup whose manifest has some pages.
func rows(device, password string) backuptest.Backup {
	b := backuptest.Backup{DeviceName: device, UDID: backuptest.FileID("device", device), Password: password, Rounds: backuptest.Rounds{SHA256: 10, SHA1: 10}}
	for i := range 400 {
		b.Files = append(b.Files, backuptest.File{Domain: "HomeDomain", Path: fmt.Sprintf("Library/%d.txt", i), Content: []byte("x")})
	}
	return b
}

// overwrite puts noise at the start of a file.
func overwrite(t *testing.T, name string, at int64, n int) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteAt(bytes.Repeat([]byte{0xA5}, n), at)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestMountTellsDamage mounts backups that cannot be shown whole, beside a sound
// one: the mount says so at once, and each folder does.
func TestMountTellsDamage(t *testing.T) {
	library := t.TempDir()
	add := func(name, password string, damage func(dir string), change ...func(*backuptest.Backup)) {
		b := rows(name, password)
		for _, c := range change {
			c(&b)
		}
		dir := filepath.Join(library, b.UDID)
		writeTo(t, dir, b)
		damage(dir)
	}
	cut := func(size int64) func(string) {
		return func(dir string) {
			if err := os.Truncate(filepath.Join(dir, "Manifest.db"), size); err != nil {
				t.Fatal(err)
			}
		}
	}
	add("Sound", "", func(string) {})
	add("Header alone", "", cut(4096))
	add("Cut", "", cut(4096*25))
	add("Cut, encrypted", "secret", cut(4096*25))
	add("Empty", "", cut(0))
	add("Overwritten", "secret", func(dir string) { overwrite(t, filepath.Join(dir, "Manifest.db"), 0, 64) })
	add("Old", "", func(dir string) { overwrite(t, filepath.Join(dir, "Manifest.mbdb"), 6, 1<<20) },
		func(b *backuptest.Backup) { b.Generation = backuptest.MBDB })

	ownHome(t)
	needFUSE(t)
	at := filepath.Join(t.TempDir(), "m")
	_, stderr, code := ibfs(t, "mount", "--backups", library, "--password-file", passwordFile(t, "secret\n"), at)
	if code != 0 {
		t.Fatalf("mount: exit code %d: %s", code, stderr)
	}
	t.Cleanup(func() { unmounted(t, at) })
	for _, want := range []string{"Header alone/", "Cut/", "Cut, encrypted/", "Empty/", "Overwritten/", "Old/"} {
		if strings.Count(stderr, "ibfs: warning: "+want) != 1 {
			t.Errorf("mount says\n%s\nwant a line on %q", stderr, want)
		}
	}
	if strings.Contains(stderr, "Sound") {
		t.Errorf("mount warns of a sound backup: %s", stderr)
	}
	about := "About this backup.txt"
	for path, want := range map[string]string{
		"Header alone/latest/" + about:   "Damaged: ",
		"Cut/latest/" + about:            "Not found. As the index is damaged, the backup may hold them all the same:",
		"Cut, encrypted/latest/" + about: "Damaged: the index of this backup",
		"Old/latest/" + about:            "Damaged: ",
		"Sound/latest/" + about:          "because this backup holds no such data",
		"Empty/latest/BROKEN.txt":        "Manifest.db is empty",
		"Overwritten/latest/BROKEN.txt":  "no SQLite header",
	} {
		text, err := os.ReadFile(filepath.Join(at, path))
		info, statErr := os.Stat(filepath.Join(at, path))
		if err != nil || statErr != nil || !strings.Contains(string(text), want) || info.Size() != int64(len(text)) {
			t.Errorf("%s: %q, %v, %v; want %q", path, text, err, statErr, want)
		}
	}
	for _, name := range []string{"Header alone", "Old"} {
		if entries, err := os.ReadDir(filepath.Join(at, name, "latest/Domains")); !errors.Is(err, syscall.EIO) {
			t.Errorf("%s: Domains lists %v, %v, want EIO", name, entries, err)
		}
	}
}

// TestUnlockTellsDamage gives a running mount the right password of a backup
// whose manifest was overwritten: that is damage, not a lock.
func TestUnlockTellsDamage(t *testing.T) {
	b := rows("Anna", "secret")
	dir := written(t, b)
	overwrite(t, filepath.Join(dir, "Manifest.db"), 0, 64)
	needFUSE(t)
	ownHome(t)
	at := filepath.Join(t.TempDir(), "m")
	if _, stderr, code := ibfs(t, "mount", "--backups", dir, at); code != 0 {
		t.Fatalf("mount: exit code %d: %s", code, stderr)
	}
	t.Cleanup(func() { unmounted(t, at) })
	if _, err := os.ReadFile(filepath.Join(at, "Anna/latest/LOCKED.txt")); err != nil {
		t.Error(err)
	}
	fails(t, exitDamaged, "no SQLite header", "BROKEN.txt", "unlock", "--password-file", passwordFile(t, "secret\n"))
	text, err := os.ReadFile(filepath.Join(at, "Anna/latest/BROKEN.txt"))
	if err != nil || !strings.Contains(string(text), "no SQLite header") {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(at, "Anna/latest/LOCKED.txt")); !errors.Is(err, iofs.ErrNotExist) {
		t.Errorf("LOCKED.txt is still there: %v", err)
	}
}

// TestLatestOpens: of copies of one instant, and beside a newer one that is
// broken, "latest" is one that opens.
func TestLatestOpens(t *testing.T) {
	library := t.TempDir()
	for i := range 4 {
		b := rows("Anna", "secret")
		if i == 2 {
			b.Date = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		dir := filepath.Join(library, fmt.Sprint(i))
		writeTo(t, dir, b)
		switch i {
		case 2: // shows at once
			if err := os.Truncate(filepath.Join(dir, "Manifest.db"), 0); err != nil {
				t.Fatal(err)
			}
		case 3: // shows when it is unlocked
			overwrite(t, filepath.Join(dir, "Manifest.db"), 0, 64)
		}
	}
	at := mounted(t, library)
	if text, err := os.ReadFile(filepath.Join(at, "Anna/latest/Domains/HomeDomain/Library/7.txt")); err != nil || string(text) != "x" {
		target, _ := os.Readlink(filepath.Join(at, "Anna/latest"))
		t.Errorf("latest leads to %s: %q, %v", target, text, err)
	}
}

// TestDamagedFiles: a file whose blob was cut cannot be read, and one whose end
// is noise is told, by cat, by each export and in the log of the mount.
func TestDamagedFiles(t *testing.T) {
	file := func(path string) backuptest.File {
		return backuptest.File{Domain: "MediaDomain", Path: path, Content: bytes.Repeat([]byte("x"), 5000)}
	}
	cut, noise := file("Media/cut.jpg"), file("Media/noise.jpg")
	b := backuptest.Backup{DeviceName: "Anna", Password: "secret", Rounds: backuptest.Rounds{SHA256: 10, SHA1: 10}, Files: []backuptest.File{cut, noise}}
	dir := written(t, b)
	if err := os.Truncate(filepath.Join(dir, cut.ID()[:2], cut.ID()), 2048); err != nil {
		t.Fatal(err)
	}
	if err := backuptest.FlipBit(filepath.Join(dir, noise.ID()[:2], noise.ID()), -1); err != nil {
		t.Fatal(err)
	}
	ownHome(t)
	password := passwordFile(t, "secret\n")
	for path, want := range map[string]string{cut.Path: "cut after 2048 of 5000 bytes", noise.Path: "its end does not decrypt to padding"} {
		_, stderr, code := ibfs(t, "cat", "--backups", dir, "--password-file", password, "Anna/latest/Domains/MediaDomain/"+path)
		if code != exitDamaged || !strings.Contains(stderr, want) {
			t.Errorf("cat %s: exit code %d: %s", path, code, stderr)
		}
	}
	to := t.TempDir()
	for _, want := range []string{"1 files copied", "1 were there already"} {
		stdout, stderr, code := ibfs(t, "export", "--backups", dir, "--password-file", password, "Anna/latest/Domains/MediaDomain/Media", to)
		if code != exitPartly || !strings.Contains(stdout, want) || !strings.Contains(stdout, "1 damaged; 1 failed") {
			t.Errorf("export: exit code %d\n%s%s", code, stdout, stderr)
		}
	}

	at := mounted(t, dir)
	media := filepath.Join(at, "Anna/latest/Domains/MediaDomain")
	if got, err := os.ReadFile(filepath.Join(media, cut.Path)); !errors.Is(err, syscall.EIO) {
		t.Errorf("the cut file reads %d bytes, %v, want EIO", len(got), err)
	}
	if info, err := os.Stat(filepath.Join(media, cut.Path)); err != nil || info.Size() != 5000 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := os.ReadFile(filepath.Join(media, noise.Path)); err != nil {
		t.Error(err)
	}
	folders, err := control.Folders(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	all, err := control.List(t.Context(), folders)
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	log := strings.Join(all[0].Log, "\n")
	if !strings.Contains(log, "cut.jpg") || !strings.Contains(log, "noise.jpg") {
		t.Errorf("the log has %s", log)
	}
}

// TestExportOfBroken copies a sound backup and a broken one: not all is copied.
func TestExportOfBroken(t *testing.T) {
	ownHome(t)
	library := t.TempDir()
	for name, udid := range map[string]string{"Sound": "a", "Broken": "b"} {
		b := note("")
		b.DeviceName, b.UDID = name, strings.Repeat(udid, 40)
		writeTo(t, filepath.Join(library, name), b)
	}
	if err := os.Truncate(filepath.Join(library, "Broken/Manifest.db"), 0); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/": exitPartly, "Broken": exitPartly, "Sound": exitDone} {
		stdout, stderr, code := ibfs(t, "export", "--backups", library, path, t.TempDir())
		if code != want || strings.Contains(stdout, "Manifest.db is empty") != (want != exitDone) {
			t.Errorf("%s: exit code %d, want %d\n%s%s", path, code, want, stdout, stderr)
		}
	}
}

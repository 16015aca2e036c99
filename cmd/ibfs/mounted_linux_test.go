package main

import (
	"bytes"
	"cmp"
	"errors"
	iofs "io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
)

// allGenerations writes a backup of every generation, plain and encrypted, side
// by side, each of a device of its own.
func allGenerations(t *testing.T) (library string, backups map[string]backuptest.Backup) {
	t.Helper()
	library, backups = t.TempDir(), map[string]backuptest.Backup{}
	for name, b := range backuptest.Variants(backuptest.Sample()) {
		b.DeviceName = name
		b.UDID = backuptest.FileID("device", name)
		backups[name] = b
		writeTo(t, filepath.Join(library, b.UDID), b)
	}
	return library, backups
}

// TestEveryGeneration mounts every generation in one mount and holds each row,
// and every entry there is, against what was written.
func TestEveryGeneration(t *testing.T) {
	library, backups := allGenerations(t)
	at := mounted(t, library)
	entries, err := os.ReadDir(at)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := backups[e.Name()]; !ok && !strings.HasPrefix(e.Name(), ".") { // those keep indexers out
			t.Errorf("%s is no device", e.Name())
		}
	}
	for name, b := range backups {
		t.Run(name, func(t *testing.T) { checkDomains(t, b, filepath.Join(at, name, "latest/Domains")) })
	}
}

// linksOfSample are the links of backuptest.Sample as a mount shows them: none
// leads out of it.
var linksOfSample = map[string]string{
	"HomeDomain/Library/Caches/locale":   "../../../.device/private/var/db/timezone/zoneinfo/Europe/London",
	"HomeDomain/Library/WebKit/v0":       "../../Library/SMS",
	"HomeDomain/Library/WebKit/relative": "../../Library/SMS/sms.db",
}

// checkDomains compares a folder of domains with the rows of a backup: names,
// types, sizes, times, contents, links and attributes.
func checkDomains(t *testing.T, b backuptest.Backup, domains string) {
	t.Helper()
	rows := map[string]backuptest.File{}
	for f := range b.Rows() {
		rows[filepath.Join(f.Domain, f.Path)] = f
	}
	err := filepath.WalkDir(domains, func(path string, d iofs.DirEntry, err error) error {
		if err != nil || path == domains {
			return err
		}
		name := strings.TrimPrefix(path, domains+"/")
		f, ok := rows[name]
		if !ok {
			t.Errorf("%s is in no row", name)
			return nil
		}
		delete(rows, name)
		checkEntry(t, b, f, path, d)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	for name := range rows {
		t.Errorf("%s is not there", name)
	}
}

func checkEntry(t *testing.T, b backuptest.Backup, f backuptest.File, path string, d iofs.DirEntry) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Error(err)
		return
	}
	mode, size := iofs.FileMode(0o444), int64(len(f.Content))
	switch {
	case f.IsDir():
		mode, size = iofs.ModeDir|0o555, 0
	case f.IsLink():
		want := linksOfSample[f.Domain+"/"+f.Path]
		mode, size = iofs.ModeSymlink|0o777, int64(len(want))
		if got, err := os.Readlink(path); err != nil || got != want {
			t.Errorf("%s leads to %q, %v, want %q", path, got, err, want)
		}
	default:
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, f.Content) {
			t.Errorf("%s: %d bytes, %v, want the %d of the phone", path, len(got), err, len(f.Content))
		}
	}
	if info.Mode() != mode || info.Size() != size || d.Type() != mode.Type() {
		t.Errorf("%s: mode %v, listed as %v, size %d; want %v, %d", path, info.Mode(), d.Type(), info.Size(), mode, size)
	}
	if want := modTime(b, f); !info.ModTime().Equal(want) {
		t.Errorf("%s: time %v, want %v", path, info.ModTime(), want)
	}
	checkXattrs(t, f, path)
}

// modTime is the time that is shown of a row.
func modTime(b backuptest.Backup, f backuptest.File) time.Time {
	if f.ModTime.Unix() > 0 {
		return f.ModTime
	}
	if b.Date.IsZero() {
		b.Date = time.Date(2026, 11, 20, 8, 15, 2, 0, time.UTC)
	}
	if !f.ModTime.IsZero() { // 0 is unknown, and shown as the backup's
		return b.Date
	}
	return b.Date.Add(-24 * time.Hour)
}

func checkXattrs(t *testing.T, f backuptest.File, path string) {
	t.Helper()
	want := map[string][]byte{"user.ibfs.domain": []byte(f.Domain), "user.ibfs.path": []byte(f.Path), "user.ibfs.fileid": []byte(f.ID())}
	if class := int(f.Class); !f.IsDir() {
		want["user.ibfs.class"] = []byte(strconv.Itoa(cmp.Or(class, 3)))
	}
	for name, value := range f.Xattrs {
		want["user.ios."+name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		got, ok := xattr(t, path, name)
		if f.IsLink() && ok { // Linux keeps none on links (FC-32)
			t.Errorf("%s: a link has %s", path, name)
		}
		if !f.IsLink() && !bytes.Equal(got, want[name]) {
			t.Errorf("%s: %s is %q, want %q", path, name, got, want[name])
		}
	}
}

// TestFC26TypesAgree holds what listings say of an entry's type and number
// against what lstat says, in the whole mount.
func TestFC26TypesAgree(t *testing.T) {
	s := backuptest.Sample()
	s.Password = "secret"
	at := mounted(t, written(t, s))
	type entry struct {
		path string
		info iofs.FileInfo
	}
	numbers := map[uint64]entry{}
	err := filepath.WalkDir(at, func(path string, d iofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		if d.Type() != info.Mode().Type() {
			t.Errorf("%s: listed as %v, is %v", path, d.Type(), info.Mode().Type())
		}
		number := info.Sys().(*syscall.Stat_t).Ino
		if other, taken := numbers[number]; taken && !sameFile(t, path, info, other.path, other.info) {
			t.Errorf("%s and %s have the number %d", path, other.path, number)
		}
		numbers[number] = entry{path, info}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(numbers) < 150 {
		t.Errorf("%d entries in the whole mount", len(numbers))
	}
}

// sameFile says whether two names are of one file, as a photo in two albums is:
// then they have all in common.
func sameFile(t *testing.T, a string, infoA iofs.FileInfo, b string, infoB iofs.FileInfo) bool {
	t.Helper()
	if !infoA.Mode().IsRegular() || infoA.Mode() != infoB.Mode() || infoA.Size() != infoB.Size() || !infoA.ModTime().Equal(infoB.ModTime()) {
		return false
	}
	first, errA := os.ReadFile(a)
	second, errB := os.ReadFile(b)
	return errA == nil && errB == nil && bytes.Equal(first, second)
}

// TestMountsAreIdentical mounts the same backups twice: names, numbers, sizes
// and times are the same.
func TestMountsAreIdentical(t *testing.T) {
	library, _ := allGenerations(t)
	list := func() string {
		at := mounted(t, library)
		defer unmounted(t, at)
		return quiet(t, "find", at, "-printf", `%P %i %y %s %T@ %l\n`)
	}
	if first, second := list(), list(); first != second || strings.Count(first, "\n") < 8*150 {
		t.Errorf("the second mount shows\n%s\nthe first\n%s", second, first)
	}
}

// TestRealBackup mounts the manifest of a real phone, of which few blobs are
// there: those read as they are, an empty file is empty, and all others cannot
// be read, which is EIO and never zeros.
func TestRealBackup(t *testing.T) {
	dir := testdata(t, "ios14-backup")
	before := listOf(t, dir)
	at := mounted(t, dir)
	domains := filepath.Join(at, "iPhone/latest/Domains")
	count := map[string]int{}
	err := filepath.WalkDir(domains, func(path string, d iofs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == domains:
		case d.IsDir():
			count["folders"]++
		case d.Type() == iofs.ModeSymlink:
			count["links"]++
		default:
			count["files"]++
			count[readOfReal(t, dir, path)]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]int{"files": 1089, "folders": 2618, "links": 14, "whole": 10, "empty": 24, "EIO": 1055}; !maps.Equal(count, want) {
		t.Errorf("%v, want %v", count, want)
	}
	if after := listOf(t, dir); after != before {
		t.Errorf("the backup's folder has changed:\n%s\nbefore:\n%s", after, before)
	}
}

// readOfReal says how a file of the real backup reads.
func readOfReal(t *testing.T, backup, path string) string {
	t.Helper()
	id, _ := xattr(t, path, "user.ibfs.fileid")
	info, err := os.Stat(path)
	if err != nil || len(id) != 40 {
		t.Errorf("%s: fileID %q, %v", path, id, err)
		return "wrong"
	}
	got, err := os.ReadFile(path)
	blob, blobErr := os.ReadFile(filepath.Join(backup, string(id[:2]), string(id)))
	switch {
	case blobErr == nil && err == nil && bytes.Equal(got, blob) && info.Size() == int64(len(blob)):
		return "whole"
	case blobErr != nil && info.Size() == 0 && err == nil && len(got) == 0:
		return "empty"
	case blobErr != nil && info.Size() > 0 && errors.Is(err, syscall.EIO) && len(got) == 0:
		return "EIO"
	}
	t.Errorf("%s: %d bytes of %d, %v; its blob: %d bytes, %v", path, len(got), info.Size(), err, len(blob), blobErr)
	return "wrong"
}

// listOf is all there is in a folder of the host, with its times.
func listOf(t *testing.T, dir string) string {
	t.Helper()
	return quiet(t, "find", dir, "-printf", "%p %s %T@ %C@\n")
}

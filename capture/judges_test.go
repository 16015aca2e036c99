package capture_test

import (
	iofs "io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"howett.net/plist"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture/capturetest"
	"ibfs/capture/fakedevice"
)

// tree are all files of a backup but Info.plist.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := iofs.WalkDir(os.DirFS(dir), ".", func(name string, d iofs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == "Info.plist" {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		found[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func infoPlist(t testing.TB, dir string) map[string]any {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "Info.plist"))
	if err != nil {
		t.Fatal(err)
	}
	var info map[string]any
	if _, err := plist.Unmarshal(b, &info); err != nil {
		t.Fatal(err)
	}
	return info
}

// equal fails when two backups are not the same. Info.plist is what hosts write
// themselves: its time and its GUID are of each run, and other keys may differ.
func equal(t testing.TB, who, got, want string, differ ...string) {
	t.Helper()
	sameTree(t, who, got, want)
	theirs, ours := infoPlist(t, got), infoPlist(t, want)
	for _, key := range slices.Sorted(maps.Keys(merged(theirs, ours))) {
		if slices.Contains(append(differ, "GUID", "Last Backup Date"), key) {
			continue
		}
		if !reflect.DeepEqual(theirs[key], ours[key]) {
			t.Errorf("%s: Info.plist has as %q %v, ours %v", who, key, theirs[key], ours[key])
		}
	}
}

// sameTree is equal without Info.plist, of which the idevice crate writes none.
func sameTree(t testing.TB, who, got, want string) {
	t.Helper()
	a, b := tree(t, got), tree(t, want)
	for name := range a {
		if a[name] != b[name] {
			t.Errorf("%s: %s has %d bytes, ours %d, or they differ", who, name, len(a[name]), len(b[name]))
		}
	}
	if len(a) != len(b) {
		t.Errorf("%s: %d files, ours %d", who, len(a), len(b))
	}
}

// noDomain are what pymobiledevice3 leaves at their defaults: it looks for them among
// the phone's values of no domain.
var noDomain = []string{"iTunes Settings", "iTunes Version"}

func merged(a, b map[string]any) map[string]any {
	m := maps.Clone(a)
	maps.Copy(m, b)
	return m
}

// full is a phone of which every part of Info.plist has something to tell.
func full(t testing.TB, password string) *fakedevice.Phone {
	return &fakedevice.Phone{
		UDID: udid, Name: "Anna's iPhone",
		Values: map[string]map[string]any{
			"com.apple.iTunes":        {"LastSync": "never"},
			"com.apple.mobile.iTunes": {"MinITunesVersion": "12.11"},
		},
		Media: map[string][]byte{"/Books/iBooksData2.plist": []byte("books"), "/iTunes_Control/iTunes/IC-Info.sidb": []byte("info"), "/iTunes_Control/iTunes/iTunesPrefs": []byte("prefs")},
		Apps: []fakedevice.App{
			{ID: "com.example.notes", SINF: []byte("sinf"), Meta: []byte("meta"), Icon: []byte("icon")},
			{ID: "com.example.bare"},
		},
		Backup: fakedevice.Backup{Content: contents(t, backuptest.Sample(), password), Password: password}, // not Strict: pymobiledevice3 starts with an empty Manifest.plist
	}
}

// contents are a backup without and with a password.
func contents(t testing.TB, b backuptest.Backup, password string) fakedevice.Content {
	b.UDID = udid
	return content(t, b, password)
}

// later is the sample some days on.
func later() backuptest.Backup {
	b := backuptest.Sample()
	b.Date = b.Date.AddDate(0, 0, 3)
	b.Files = append(slices.Clone(b.Files[:len(b.Files)-1]),
		backuptest.File{Domain: "HomeDomain", Path: "Library/New/new.txt", Content: []byte("new\n")},
		backuptest.File{Domain: "HomeDomain", Path: "Library/New/empty", Content: []byte{}})
	return b
}

// What four programs write from one phone is the same; each goes on from what
// another wrote; and what we made, others give back to the phone.
func TestFourAgree(t *testing.T) {
	for _, pw := range []string{"", password} {
		t.Run(map[string]string{"": "clear", password: "encrypted"}[pw], func(t *testing.T) {
			b := newBench(t, full(t, pw))
			libimobile, pymobile, crate := b.idevicebackup2(), b.pymobiledevice3(), b.idevice()
			ours := b.mustRun().Snapshot.Path

			theirs, pythons, rusts := t.TempDir(), t.TempDir(), t.TempDir()
			libimobile.run("backup", theirs)
			pymobile.run("backup2", "backup", "--full", pythons)
			crate.run("backup", rusts)
			equal(t, "idevicebackup2", filepath.Join(theirs, udid), ours)
			equal(t, "pymobiledevice3", filepath.Join(pythons, udid), ours, noDomain...)
			sameTree(t, "idevice", filepath.Join(rusts, udid), ours)
			for _, dir := range []string{ours, filepath.Join(theirs, udid), filepath.Join(pythons, udid), filepath.Join(rusts, udid)} {
				if _, err := verify(t.Context(), dir, nil); err != nil {
					t.Errorf("%s: %v", dir, err)
				}
			}

			b.phone.SetContent(contents(t, later(), pw))
			next := b.mustRun().Snapshot.Path
			b.incremental("ours on ours")
			for _, from := range []string{ours, filepath.Join(pythons, udid)} {
				dir := copied(t, from)
				libimobile.run("backup", dir)
				b.incremental("idevicebackup2")
				equal(t, "idevicebackup2, going on", filepath.Join(dir, udid), next)
			}
			for _, from := range []string{ours, filepath.Join(theirs, udid)} {
				dir := copied(t, from)
				crate.run("backup", dir)
				b.incremental("idevice")
				sameTree(t, "idevice, going on", filepath.Join(dir, udid), next)
			}
			dir := copied(t, ours)
			pymobile.run("backup2", "backup", dir)
			b.incremental("pymobiledevice3")
			equal(t, "pymobiledevice3, going on", filepath.Join(dir, udid), next, noDomain...)

			for _, from := range []string{theirs, pythons, rusts} {
				other := b.adopting(filepath.Join(from, udid))
				equal(t, "ours, going on from "+from, other.mustRun().Snapshot.Path, next)
				b.incremental("ours on another's")
			}

			before := capturetest.Frozen(t, next)
			args := []string{"restore", "--system", "--no-reboot"}
			if pw != "" {
				args = append(args, "--password", pw)
			}
			libimobile.run(append(args, copied(t, next))...)
			b.gaveBack("idevicebackup2", next)
			crate.run("restore", copied(t, next), pw)
			b.gaveBack("idevice", next)
			if !maps.Equal(before, capturetest.Frozen(t, next)) {
				t.Error("the snapshot has changed")
			}
		})
	}
}

// gaveBack fails when the phone's last restore was not that of a whole backup.
func (b *bench) gaveBack(who, backup string) {
	b.t.Helper()
	runs := b.phone.Runs()
	last, want := runs[len(runs)-1], state(b.t, backup).Files
	if last.Restore == nil || !maps.Equal(last.Restore.Files, want) {
		b.t.Errorf("%s did not give back %d files: %+v", who, len(want), last)
	}
}

// incremental fails when the phone's last backup was not one on top of another.
func (b *bench) incremental(who string) {
	b.t.Helper()
	runs := b.phone.Runs()
	if last := runs[len(runs)-1]; last.Full || last.Code != 0 {
		b.t.Errorf("%s: not incremental: %+v", who, last)
	}
}

// adopting is the bench with another library, in which there is a backup that another
// program made.
func (b *bench) adopting(backup string) *bench {
	b.t.Helper()
	other := newBenchOn(b.t, b.mux, b.phone)
	at := filepath.Join(other.lib.Dir(), udid, "snapshots", "2026-01-01_00-00-00")
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.CopyFS(at, os.DirFS(backup)); err != nil {
		b.t.Fatal(err)
	}
	return other
}

package snaptree_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
)

// A library shows the snapshots of each device under the device's name, also
// where no property list says whose they are, and nothing of what is being
// written or removed. A snapshot is there as soon as it is published.
func TestLibrary(t *testing.T) {
	library := t.TempDir()
	const anna, ben = "00008030-001234567890ABCD", "0123456789abcdef0123456789abcdef01234567"
	put := func(name, udid, device string, day int, bare bool) string {
		b := small(udid, device, time.Date(2026, 11, day, 8, 15, 2, 0, time.UTC), "")
		b.NoInfo, b.NoManifestPlist = bare, bare
		dir := filepath.Join(library, name)
		if err := backuptest.Write(dir, b); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	put(anna+"/snapshots/2026-11-01_09-15-02", anna, "Anna", 1, true)
	put(anna+"/snapshots/2026-11-02_09-15-02", anna, "Anna", 2, false)
	put(ben+"/snapshots/2026-11-03_09-15-02", ben, "Ben", 3, false)
	put(anna+"/trash/2026-10-01_09-15-02.1", anna, "Anna", 9, false)
	put(anna+"/incoming/.cloning", anna, "Anna", 9, false)
	working := put(anna+"/incoming/"+anna, anna, "Anna", 4, false)

	tree := open(t, library)
	shown := func() (names []string) {
		for _, s := range tree.Snapshots() {
			names = append(names, s.Device+"/"+s.Name)
		}
		return names
	}
	want := []string{"Anna/2026-11-01_08-15-02", "Anna/2026-11-02_08-15-02", "Ben/2026-11-03_08-15-02"}
	if got := shown(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if problems := tree.Problems(); len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
	if err := os.Rename(working, filepath.Join(library, anna, "snapshots", "2026-11-04_09-15-02")); err != nil {
		t.Fatal(err)
	}
	if err := tree.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	want = slices.Insert(want, 2, "Anna/2026-11-04_08-15-02")
	if got := shown(); !slices.Equal(got, want) {
		t.Errorf("after it was published: got %q, want %q", got, want)
	}
}

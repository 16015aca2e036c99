package snaptree_test

import (
	"fmt"
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
	want := []string{"Anna/2026-11-01_09-15-02", "Anna/2026-11-02_09-15-02", "Ben/2026-11-03_09-15-02"}
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
	want = slices.Insert(want, 2, "Anna/2026-11-04_09-15-02")
	if got := shown(); !slices.Equal(got, want) {
		t.Errorf("after it was published: got %q, want %q", got, want)
	}
}

// What a library keeps is called, dated and ordered by the name that it gave, and
// not by the clock of a phone; where another zone held then, by the record beside it.
func TestLibraryOrder(t *testing.T) {
	const udid = "00008030-001234567890ABCD"
	at := func(hour int) time.Time { return time.Date(2026, 11, 20, hour, 0, 0, 0, time.UTC) }
	wrong := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	type kept struct {
		name  string
		phone time.Time
		taken time.Time // as the record tells; zero: it is lost
	}
	tests := []struct {
		name string
		kept []kept
		want []string // the last is the latest
	}{
		{
			"a phone's clock that was ahead",
			[]kept{{"2026-11-20_08-00-00", wrong, at(8)}, {"2026-11-20_09-00-00", at(9), at(9)}},
			[]string{"2026-11-20_08-00-00", "2026-11-20_09-00-00"},
		},
		{
			"records that are lost",
			[]kept{{"2026-11-20_08-00-00", wrong, time.Time{}}, {"2026-11-20_08-00-00_2", at(7), time.Time{}}, {"2026-11-20_08-00-00-0900", at(9), time.Time{}}},
			[]string{"2026-11-20_08-00-00", "2026-11-20_08-00-00_2", "2026-11-20_08-00-00-0900"},
		},
		{
			"after a journey to the west",
			[]kept{{"2026-11-20_18-00-00", at(9), at(9)}, {"2026-11-20_06-00-00", at(11), at(11)}},
			[]string{"2026-11-20_18-00-00", "2026-11-20_06-00-00"},
		},
		{
			"the date of one is the name of another",
			[]kept{{"2026-11-20_08-00-00", at(7), at(8)}, {"2026-11-20_09-00-00", at(8), at(9)}},
			[]string{"2026-11-20_08-00-00", "2026-11-20_09-00-00"},
		},
		{
			"a name that no library gives",
			[]kept{{"before the repair", at(7), at(8)}, {"2026-13-77_99-00-00", at(6), time.Time{}}},
			[]string{"2026-13-77_99-00-00", "2026-11-20_07-00-00"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			library := t.TempDir()
			for _, k := range tt.kept {
				dir := filepath.Join(library, udid, "snapshots", k.name)
				if err := backuptest.Write(dir, small(udid, "Anna", k.phone, "")); err != nil {
					t.Fatal(err)
				}
				if k.taken.IsZero() {
					continue
				}
				if err := os.WriteFile(dir+".json", fmt.Appendf(nil, `{"schema": 1, "taken": %q}`, k.taken.Format(time.RFC3339)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			tree := open(t, library)
			var got []string
			for _, s := range tree.Snapshots() {
				got = append(got, s.Name)
				if found, err := tree.Select("Anna@" + s.Name); err != nil || found.Path != s.Path {
					t.Errorf("%s selects %q, %v", s.Name, found.Path, err)
				}
			}
			if !slices.Equal(got, tt.want) || !tree.Snapshots()[len(got)-1].Latest {
				t.Errorf("got %q, want %q, of which the last is the latest", got, tt.want)
			}
		})
	}
}

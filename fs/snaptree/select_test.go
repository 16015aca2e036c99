package snaptree_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/snaptree"
)

func TestSelect(t *testing.T) {
	dir := t.TempDir()
	anna := filepath.Join(dir, "anna")
	old := write(t, anna, small(udidA, "Anna’s iPhone", day, ""))
	write(t, anna, small(udidA, "Anna’s iPhone", day.Add(24*time.Hour), ""))
	write(t, dir, small(udidB, "Ben’s iPad", day, ""))
	tree := open(t, dir)
	t.Chdir(anna)
	const older, newest = "Anna’s iPhone@2026-11-20_08-15-02", "Anna’s iPhone@2026-11-21_08-15-02"
	for name, want := range map[string]string{
		"Anna’s iPhone":                    newest,
		"anna's iphone":                    newest,
		"anna":                             newest,
		"anna@latest":                      newest,
		"Anna’s iPhone@2026-11-20":         older,
		"00008030-000000000000001a":        newest,
		"0000803000000000000000 1B2B":      "",
		"ben":                              "Ben’s iPad@2026-11-20_08-15-02",
		"anna@2027":                        "",
		"nobody":                           "",
		old:                                older,
		filepath.Join(old, "Manifest.db"):  older, // FC-06
		anna:                               newest,
		anna + "@2026-11-20":               older,
		"./" + filepath.Base(old):          older,
		"..":                               "ambiguous",
		dir:                                "ambiguous",
		"":                                 "ambiguous",
		"Anna’s iPhone@2026":               "ambiguous",
		filepath.Join(dir, "not", "there"): "",
		"/":                                "ambiguous",
	} {
		s, err := tree.Select(name)
		got := s.Device + "@" + s.Name
		switch {
		case errors.Is(err, snaptree.ErrAmbiguous):
			got = "ambiguous"
		case errors.Is(err, snaptree.ErrNoSuchBackup):
			got = ""
		case err != nil:
			t.Errorf("%s: %v", name, err)
		}
		if got != want {
			t.Errorf("%q selects %q, want %q", name, got, want)
		}
	}
}

// The name that a snapshot's folder has in the library counts beside the one that
// is shown, and a whole name before those that it begins.
func TestSelectByFolder(t *testing.T) {
	dir := t.TempDir()
	for _, at := range []struct {
		name string
		when time.Time
	}{{"2026-11-20_09-00-00", day}, {"2026-11-20_09-30-00", day}, {"2026-11-20_09-30-00_2", day.Add(time.Hour)}} {
		if err := backuptest.Write(filepath.Join(dir, at.name), small(udidA, "Anna", at.when, "")); err != nil {
			t.Fatal(err)
		}
	}
	tree := open(t, dir)
	for date, want := range map[string]string{
		"2026-11-20_09-00-00":     "2026-11-20_09-00-00",
		"2026-11-20_09-30-00":     "2026-11-20_09-30-00",
		"2026-11-20_09-30-00_2":   "2026-11-20_09-30-00_2",
		"2026-11-20_08-15-02":     "2026-11-20_09-00-00",
		"2026-11-20_08-15-02 (2)": "2026-11-20_09-30-00",
		"2026-11-20_09-00":        "2026-11-20_09-00-00",
		"2026-11-20_09-15":        "2026-11-20_09-30-00_2",
	} {
		if s, err := tree.Select("anna@" + date); err != nil || filepath.Base(s.Path) != want {
			t.Errorf("%s selects %q, %v, want %s", date, s.Path, err, want)
		}
	}
	for _, date := range []string{"2026-11-20_09", "2026-11-20_08-15"} {
		if s, err := tree.Select("anna@" + date); !errors.Is(err, snaptree.ErrAmbiguous) {
			t.Errorf("%s selects %q, %v", date, s.Path, err)
		}
	}
}

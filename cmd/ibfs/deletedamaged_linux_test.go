package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
)

// A snapshot of a library is deleted whatever is wrong inside, and the list says
// what that is.
func TestDeleteOfADamagedSnapshot(t *testing.T) {
	ownHome(t)
	remove := func(names ...string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			for _, name := range names {
				if err := os.Remove(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	tests := map[string]struct {
		damage func(t *testing.T, dir string)
		told   string // by list
	}{
		"no manifest":           {remove("Manifest.db"), "its manifest is gone: damaged"},
		"no index and no lists": {remove("Manifest.db", "Manifest.plist", "Info.plist", "Status.plist"), "its manifest is gone: damaged"},
		"a manifest that is a folder": {func(t *testing.T, dir string) {
			remove("Manifest.db")(t, dir)
			if err := os.Mkdir(filepath.Join(dir, "Manifest.db"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, "damaged"},
		"nothing": {func(t *testing.T, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}, "its manifest is gone: damaged"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			const snapshot = "2026-11-20_08-15-02"
			b := with(backuptest.Sample(), func(b *backuptest.Backup) { b.UDID = "00008110-000A1C2E3F408010" })
			for _, by := range []string{b.DeviceName + "@" + snapshot, b.UDID + "@" + snapshot, "path", "library"} {
				library := t.TempDir()
				if err := os.WriteFile(filepath.Join(library, "library.json"), []byte(`{"schema": 1}`), 0o600); err != nil {
					t.Fatal(err)
				}
				snapshots := filepath.Join(library, b.UDID, "snapshots")
				dir := filepath.Join(snapshots, snapshot)
				writeTo(t, filepath.Join(snapshots, "2026-11-21_08-15-02"), b) // which says how the phone is called
				writeTo(t, dir, b)
				tt.damage(t, dir)
				stdout, stderr := works(t, "list", "--backups", library)
				if !strings.Contains(stderr, tt.told) || strings.Contains(stderr, "never finished") || !strings.Contains(stdout, "broken") {
					t.Errorf("the list:\n%s%s", stderr, stdout)
				}
				args := []string{"--backups", library, by}
				switch by {
				case "path":
					args = []string{dir}
				case "library":
					args = []string{"--library", library, b.UDID + "@" + snapshot}
				}
				works(t, append([]string{"delete", "--yes"}, args...)...)
				if left := snapshotNames(t, library, b.UDID); len(left) != 1 || left[0] == dir {
					t.Errorf("%s: left: %q", by, left)
				}
			}
		})
	}
}

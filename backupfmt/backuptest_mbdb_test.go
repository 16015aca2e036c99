package backupfmt

import (
	"os"
	"path/filepath"
	"testing"

	"ibfs/backupfmt/backuptest"
)

// Every row that backuptest writes comes back, bad names and all, but for a
// domain that cannot be one.
func TestReadMBDBOfBackuptest(t *testing.T) {
	for name, b := range backuptest.Variants(backuptest.Sample()) {
		if b.Generation != backuptest.MBDB {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for _, c := range backuptest.Hostile(b.Generation) {
				b.Files = append(b.Files, c.Files...)
			}
			dir := t.TempDir()
			if err := backuptest.Write(dir, b); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(filepath.Join(dir, "Manifest.mbdb"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()

			got := map[string]mbdbRecord{}
			all, err := readAllMBDB(f)
			t.Log(err)
			for _, s := range all {
				got[string(s.m.Domain)+"-"+string(s.m.Path)] = s.m
			}
			rows := 0
			for row := range b.Rows() {
				rows++
				m, there := got[row.Domain+"-"+row.Path]
				if want := row.Domain != "Home\x00Domain"; there != want {
					t.Errorf("%q of %q: there %v, want %v", row.Path, row.Domain, there, want)
				}
				if there && string(m.Target) != row.Target {
					t.Errorf("%q of %q: target %q, want %q", row.Path, row.Domain, m.Target, row.Target)
				}
			}
			t.Logf("%d rows, %d records", rows, len(all))
		})
	}
}

package backupfmt_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// TestMBDBWithoutPlist never serves ciphertext as content, also when nothing
// tells that it is such; and what another program decrypted reads as it is.
func TestMBDBWithoutPlist(t *testing.T) {
	files := []backuptest.File{{Domain: "HomeDomain", Path: "Library/a.plist", Content: []byte("bplist00 and some more of it")}}
	b := backuptest.Backup{Generation: backuptest.MBDB, Password: "secret", Files: files}
	for name, tt := range map[string]struct {
		change   func(*backuptest.Backup)
		readable bool
	}{
		"ciphertext, no plist": {func(b *backuptest.Backup) { b.NoManifestPlist = true }, false},
		"decrypted":            {func(b *backuptest.Backup) { b.ClearBlobs = true }, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := b
			tt.change(&b)
			dir := t.TempDir()
			if err := backuptest.Write(dir, b); err != nil {
				t.Fatal(err)
			}
			opened := openDir(t, dir, "")
			if tt.readable {
				checkFile(t, opened, files[0])
				return
			}
			e, err := opened.Lookup(t.Context(), files[0].Domain, files[0].Path)
			if err != nil {
				t.Fatal(err)
			}
			if f, err := opened.Open(t.Context(), e); err == nil {
				f.Close()
				t.Error("ciphertext opens as content")
			}
		})
	}
}

// TestDamagedContent: a blob that was cut does not open, with a size that stays
// the recorded one; one whose end is noise reads, and is said to be damaged each
// time. verify finds all. That holds with an index and before there is one.
func TestDamagedContent(t *testing.T) {
	truncated := func(size int64) func(string) error {
		return func(blob string) error { return os.Truncate(blob, size) }
	}
	for name, tt := range map[string]struct {
		path, password string
		damage         func(blob string) error
		opens          bool
		size           int64
	}{
		"cut within a block":  {"Media/a.jpg", "secret", truncated(17), false, 5000},
		"cut between blocks":  {"Media/a.jpg", "secret", truncated(32), false, 5000},
		"emptied":             {"Media/a.jpg", "secret", truncated(0), false, 5000},
		"an emptied database": {"Media/a.db", "secret", truncated(0), false, 5000},
		"noise at the end":    {"Media/a.jpg", "secret", func(blob string) error { return backuptest.FlipBit(blob, -1) }, true, 5000},
		"in the clear, cut":   {"Media/a.jpg", "", truncated(100), true, 100},
	} {
		t.Run(name, func(t *testing.T) {
			f := backuptest.File{Domain: "MediaDomain", Path: tt.path, Content: make([]byte, 5000)}
			b := backuptest.Backup{Password: tt.password, Rounds: backuptest.Rounds{SHA256: 10, SHA1: 10}, Files: []backuptest.File{f}}
			dir := t.TempDir()
			if err := backuptest.Write(dir, b); err != nil {
				t.Fatal(err)
			}
			if err := tt.damage(filepath.Join(dir, f.ID()[:2], f.ID())); err != nil {
				t.Fatal(err)
			}
			opened := openDir(t, dir, b.Password)
			e, err := opened.Lookup(t.Context(), f.Domain, f.Path)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				for range 2 {
					if s, err := opened.Stat(t.Context(), e); err != nil || s.Size != tt.size {
						t.Errorf("size %d, %v, want %d", s.Size, err, tt.size)
					}
					content, err := opened.Open(t.Context(), e)
					if err == nil {
						err = content.Damage()
						content.Close()
					} else if tt.opens {
						t.Fatal(err)
					}
					if !errors.Is(err, backupfmt.ErrDamaged) || !tt.opens && content != nil {
						t.Errorf("%v, want damage", err)
					}
				}
				if _, err := opened.Index(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			report, err := openDir(t, dir, b.Password).Verify(t.Context(), backupfmt.VerifyOptions{})
			if err != nil || len(report.Findings) != 1 {
				t.Errorf("verify: %+v, %v", report.Findings, err)
			}
		})
	}
}

// TestLostRows finds rows that a damaged page of the manifest lost without a
// trace: its count of cells says that there are none.
func TestLostRows(t *testing.T) {
	dir := t.TempDir()
	if err := backuptest.Write(dir, many("")); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "Manifest.db")
	db, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	emptied := 0
	for at := 4096; at < len(db) && emptied < 3; at += 4096 {
		if db[at] == 13 { // a leaf of a table
			db[at+3], db[at+4] = 0, 0
			emptied++
		}
	}
	if err := os.WriteFile(name, db, 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := openDir(t, dir, "").Verify(t.Context(), backupfmt.VerifyOptions{})
	if err != nil || len(report.Findings) == 0 {
		t.Errorf("%+v, %v", report.Findings, err)
	}
}

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/backupfmt/backuptest/judge"
	"ibfs/cmd/ibfs/internal/demo"
)

// TestJudgesAgree holds what ibfs reads against what three other programs read
// from the same encrypted backups: the same files, the same bytes.
func TestJudgesAgree(t *testing.T) {
	if os.Getenv("IBFS_TEST_JUDGES") == "0" {
		t.Skip("IBFS_TEST_JUDGES=0: no other program is asked")
	}
	dir := t.TempDir()
	sample := backuptest.Sample()
	sample.Password = "secret"
	if err := backuptest.Write(dir+"/sample", sample); err != nil {
		t.Fatal(err)
	}
	if err := demo.Write(dir + "/demo"); err != nil {
		t.Fatal(err)
	}
	found, err := backupfmt.Find(t.Context(), dir+"/demo")
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	for _, backup := range []struct{ path, password string }{
		{dir + "/sample", sample.Password},
		{found[len(found)-1].Path, demo.Password},
	} {
		ours := readAll(t, backup.path, backup.password)
		for _, j := range judge.Judges() {
			if !j.Installed() {
				t.Errorf("%s is not installed; run: make test", j.Name)
				continue
			}
			theirs, err := j.Files(t.Context(), backup.path, backup.password)
			if err != nil {
				t.Errorf("%s: %v", j.Name, err)
				continue
			}
			t.Logf("%s reads %d files of %d", j.Name, len(theirs), len(ours))
			if len(theirs) != len(ours) {
				t.Errorf("%s reads %d files, ibfs %d", j.Name, len(theirs), len(ours))
			}
			for id, sum := range theirs {
				if ours[id] != sum {
					t.Errorf("%s: file %s has the hash %s, ours %s", j.Name, id, sum, ours[id])
				}
			}
		}
	}
}

// readAll is the SHA-256 of every file of a backup, by fileID.
func readAll(t *testing.T, path, password string) map[string]string {
	t.Helper()
	b, err := backupfmt.OpenDir(t.Context(), path, backupfmt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	secret, err := b.Derive(t.Context(), []byte(password))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Unlock(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	x, err := b.Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for e := range x.All {
		f, err := b.Open(t.Context(), e)
		if err != nil {
			continue // a folder or a link
		}
		h := sha256.New()
		if _, err := io.Copy(h, io.NewSectionReader(f, 0, f.Size())); err != nil {
			t.Error(err)
		}
		f.Close()
		s, err := b.Stat(t.Context(), e)
		if err != nil {
			t.Error(err)
		}
		sums[s.FileID] = hex.EncodeToString(h.Sum(nil))
	}
	return sums
}

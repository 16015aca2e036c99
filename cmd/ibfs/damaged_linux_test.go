package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
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

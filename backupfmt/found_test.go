package backupfmt_test

import (
	"testing"

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

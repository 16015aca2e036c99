package demo_test

import (
	"bytes"
	"errors"
	"image/jpeg"
	"io"
	iofs "io/fs"
	"path"
	"strings"
	"testing"

	"ibfs/backupfmt"
	"ibfs/cmd/ibfs/internal/demo"
)

// TestDemo opens both snapshots with the password, reads every file, and looks
// at what a newcomer looks at.
func TestDemo(t *testing.T) {
	dir := t.TempDir()
	if err := demo.Write(dir); err != nil {
		t.Fatal(err)
	}
	found, err := backupfmt.Find(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 {
		t.Fatalf("%d snapshots, want 2: %+v", len(found), found)
	}
	var files [2]int
	for i, f := range found {
		b, err := backupfmt.OpenDir(t.Context(), f.Path, backupfmt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		if !b.Locked() {
			t.Fatalf("%s is not encrypted", f.Path)
		}
		secret, err := b.Derive(t.Context(), []byte(demo.Password))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Unlock(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		report, err := b.Verify(t.Context(), nil)
		if err != nil || len(report.Findings) > 0 {
			t.Errorf("verify: %+v, %v", report.Findings, err)
		}
		files[i] = report.Files
		checkPhotos(t, b)
		checkDatabase(t, b, "HomeDomain", "Library/AddressBook/AddressBook.sqlitedb", "SELECT count(*) FROM ABPerson")
		checkDatabase(t, b, "HomeDomain", "Library/SMS/sms.db", "SELECT count(*) FROM message")
	}
	if files[0] >= files[1] || files[1] < 200 || files[1] > 2000 {
		t.Errorf("%d and %d files, want a few hundred, more in the newer", files[0], files[1])
	}
}

func checkPhotos(t *testing.T, b *backupfmt.Backup) {
	t.Helper()
	x, err := b.Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	photos, dated := 0, 0
	for e := range x.All {
		_, name := x.Path(e)
		if !strings.HasPrefix(name, "Media/DCIM/") || path.Ext(name) != ".JPG" {
			continue
		}
		f, err := b.Open(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := jpeg.Decode(bytes.NewReader(content)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		photos++
		if bytes.Contains(content[:min(len(content), 4096)], []byte("Exif\x00\x00")) {
			dated++
		}
	}
	if photos < 50 || dated < photos*9/10 { // some came by a messenger, which drops it
		t.Errorf("%d photos, %d of them with EXIF", photos, dated)
	}
}

func checkDatabase(t *testing.T, b *backupfmt.Backup, domain, name, query string) {
	t.Helper()
	db, err := b.OpenDatabase(t.Context(), domain, name)
	if errors.Is(err, iofs.ErrNotExist) {
		t.Errorf("%s is missing", name)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil || n == 0 {
		t.Errorf("%s: %s: %d, %v", name, query, n, err)
	}
}

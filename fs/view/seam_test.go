package view_test

import (
	"context"
	"errors"
	iofs "io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

func source(t *testing.T, b backuptest.Backup, opt view.Options) (*view.Source, string) {
	t.Helper()
	dir := t.TempDir()
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	backup, err := backupfmt.OpenDir(t.Context(), dir, backupfmt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backup.Close() })
	return view.NewSource(backup, opt), dir
}

func TestRead(t *testing.T) {
	s, dir := source(t, backuptest.Backup{Files: []backuptest.File{
		{Domain: "HomeDomain", Path: "Library/a", Content: []byte("content")},
		{Domain: "HomeDomain", Path: "Library/gone", Content: []byte("gone")},
		{Domain: "HomeDomain", Path: "Library/gone.db", Content: []byte("gone")},
	}}, view.Options{})
	for _, path := range []string{"Library/gone", "Library/gone.db"} {
		id := backuptest.FileID("HomeDomain", path)
		if err := os.Remove(filepath.Join(dir, id[:2], id)); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := s.Read(t.Context(), "HomeDomain", "Library/a", 7); err != nil || string(b) != "content" {
		t.Errorf("%q, %v", b, err)
	}
	read := func(path string, limit int64) error {
		_, err := s.Read(t.Context(), "HomeDomain", path, limit)
		return err
	}
	database := func(path string) error {
		_, err := s.Database(t.Context(), "HomeDomain", path)
		return err
	}
	for name, c := range map[string]struct{ err, want error }{
		"too long":               {read("Library/a", 6), view.ErrTooLong},
		"no row":                 {read("Library/b", 6), view.ErrAbsent},
		"no blob":                {read("Library/gone", 6), backupfmt.ErrNoBlob},
		"no database":            {database("Library/b"), view.ErrAbsent},
		"a database of no bytes": {database("Library/gone.db"), backupfmt.ErrNoBlob},
		"a database that is not": {database("Library/a"), backupfmt.ErrDamaged},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
}

// TestDiskGoesAway: what cannot be read because the disk is away is no damage;
// it is all there once the disk is back.
func TestDiskGoesAway(t *testing.T) {
	db := made(t, `CREATE TABLE t (a TEXT); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		SELECT printf('%.*c', 300, 'x') FROM n`)
	dir := t.TempDir()
	if err := backuptest.Write(dir, backuptest.Backup{Files: []backuptest.File{{Domain: "HomeDomain", Path: dbPath, Content: db}}}); err != nil {
		t.Fatal(err)
	}
	disk := backuptest.NewDisk(dir)
	b, err := backupfmt.Open(t.Context(), disk, backupfmt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := view.NewSource(b, view.Options{})
	rows := 0
	tree := s.Lazy("Test", func(ctx context.Context) (vtree.Tree, error) {
		d, err := s.Database(ctx, "HomeDomain", dbPath)
		if err != nil {
			return nil, err
		}
		defer d.Close()
		table, err := d.Table(ctx, "t")
		if err != nil {
			return nil, err
		}
		l := s.Layout(ctx)
		for _, err := range d.Scan(ctx, table, "a") {
			if rows++; err != nil {
				l.Lost("a row", err)
			}
			if rows == 100 {
				disk.Unplug()
			}
		}
		return l.Tree()
	})
	list := func() ([]iofs.DirEntry, error) { return iofs.ReadDir(vtree.FS(t.Context(), tree), ".") }
	if _, err := list(); !errors.Is(err, syscall.EIO) {
		t.Errorf("while the disk is away: %v", err)
	}
	disk.Mend()
	rows = 1000
	if all, err := list(); err != nil || len(all) != 0 || rows != 3000 {
		t.Errorf("when it is back: %v, %v, %d rows", all, err, rows-1000)
	}
}

func TestRenderPanics(t *testing.T) {
	s, _ := source(t, backuptest.Backup{}, view.Options{})
	c := s.Render(func(context.Context) ([]byte, error) { panic("row 7") })
	if _, err := c.Size(t.Context()); err == nil || err.Error() != "a mistake of ibfs: row 7" {
		t.Error(err)
	}
}

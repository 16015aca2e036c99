package view_test

import (
	"context"
	"fmt"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
)

// passes calls read again and again, each time with something that passes a
// little later: a context that ends, a read of the disk that fails. It must
// return the whole of what it should, or an error.
func passes(t *testing.T, b backuptest.Backup, read func(context.Context, *view.Source) (string, error)) {
	t.Helper()
	dir := viewtest.Write(t, b)
	disk := backuptest.NewDisk(dir)
	try := func(ctx context.Context, reads int) (string, error) {
		disk.FailAfter(1 << 30)
		b, err := backupfmt.Open(t.Context(), disk, backupfmt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		disk.FailAfter(reads)
		return read(ctx, view.NewSource(b, view.Options{}))
	}
	want, err := try(t.Context(), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	check := func(got string, err error, format string, args ...any) {
		if err == nil && got != want {
			t.Errorf("%s: %q, want %q", fmt.Sprintf(format, args...), got, want)
		}
	}
	for n, over := 0, false; !over; n++ {
		ctx := backuptest.EndsAfter(t.Context(), n)
		got, err := try(ctx, 1<<30)
		check(got, err, "given up after %d looks", n)
		over = ctx.Err() == nil
	}
	for n, over := 0, false; !over; n++ {
		got, err := try(t.Context(), n)
		check(got, err, "read %d failed", n+1)
		over = !disk.Failed()
	}
}

func TestLinkPasses(t *testing.T) {
	b := backuptest.Backup{
		Files: []backuptest.File{
			{Domain: "HomeDomain", Path: "Library/link", Target: "/var/mobile/Media/a"},
			{Domain: "MediaDomain", Path: "Media/a", Content: []byte("a")},
		},
	}
	passes(t, b, func(ctx context.Context, s *view.Source) (string, error) {
		rows := view.NewManifest(s.Backup)
		id, err := s.Lookup(ctx, "HomeDomain", "Library/link")
		if err != nil {
			return "", err
		}
		return rows.ReadLink(ctx, vtree.ID(id))
	})
}

// TestScanPasses scans a table with a page that is damaged.
func TestScanPasses(t *testing.T) {
	db := made(t, `CREATE TABLE t (a TEXT); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 80)
		SELECT printf('%.*c', 2000, 'x') FROM n`)
	clear(db[20<<12 : 24<<12])
	b := backuptest.Backup{Files: []backuptest.File{{Domain: "HomeDomain", Path: dbPath, Content: db}}}
	passes(t, b, func(ctx context.Context, s *view.Source) (string, error) {
		d, err := s.Database(ctx, "HomeDomain", dbPath)
		if err != nil {
			return "", err
		}
		defer d.Close()
		table, err := d.Table(ctx, "t")
		if err != nil {
			return "", err
		}
		rows, gaps := 0, 0
		for _, err := range d.Scan(ctx, table, "a") {
			switch {
			case view.Passing(err):
				return "", err
			case err != nil:
				gaps++
			default:
				rows++
			}
		}
		return fmt.Sprintf("%d rows, %d gaps", rows, gaps), nil
	})
}

package view_test

import (
	"context"
	"fmt"
	"testing"

	"howett.net/plist"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
)

// passes calls read again and again, each time with something that passes a
// little later: a context that ends, a read of the disk that fails. It must
// return the whole of what it should, or an error that passes.
func passes(t *testing.T, b backuptest.Backup, read func(context.Context, *view.Source) (string, error)) {
	t.Helper()
	dir := viewtest.Write(t, b)
	disk := backuptest.NewDisk(dir)
	try := func(ctx context.Context, reads int) (string, error) {
		disk.Mend()
		b, err := backupfmt.Open(t.Context(), disk, backupfmt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		disk.FailAfter(reads, 1)
		return read(ctx, view.NewSource(b, view.Options{}))
	}
	want, err := try(t.Context(), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	check := func(got string, err error, format string, args ...any) {
		if err == nil && got != want || err != nil && !view.Passing(err) {
			t.Errorf("%s: %q, %v; want %q", fmt.Sprintf(format, args...), got, err, want)
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

// TestPeoplePasses asks for people of whom only the address book tells, one of them
// not in the country that only the phone's preferences tell.
func TestPeoplePasses(t *testing.T) {
	locale, err := plist.Marshal(map[string]any{"AppleLocale": "nb_NO"}, plist.BinaryFormat)
	if err != nil {
		t.Fatal(err)
	}
	book := made(t, `CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY, First TEXT); CREATE TABLE ABMultiValue (record_id INTEGER, property INTEGER, value TEXT);
		INSERT INTO ABPerson VALUES (1, 'Anna'), (2, 'Ben'); INSERT INTO ABMultiValue VALUES (1, 3, '12 34 56 78'), (2, 4, 'ben@example.com')`)
	b := backuptest.Backup{
		EditInfo: func(info map[string]any) { delete(info, "Phone Number") },
		Files: []backuptest.File{
			{Domain: "HomeDomain", Path: "Library/Preferences/.GlobalPreferences.plist", Content: locale},
			{Domain: "HomeDomain", Path: "Library/AddressBook/AddressBook.sqlitedb", Content: book},
		},
	}
	passes(t, b, func(ctx context.Context, s *view.Source) (string, error) {
		who, err := s.People(ctx)
		if err != nil {
			return "", err
		}
		return who.Name("+4712345678") + " " + who.Name("+4612345678") + " " + who.Name("ben@example.com"), nil
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

package viewtest_test

import (
	"cmp"
	"context"
	"fmt"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
)

// diary is a view as small as one can be that uses all of the seam: a database,
// rows shown under other names, generated files, people.
type diary struct{}

const (
	diaryDomain = "AppDomain-com.example.diary"
	diaryPath   = "Documents/diary.db"
)

func (diary) Name() string { return "Diary" }

func (diary) Open(ctx context.Context, s *view.Source) (vtree.Tree, error) {
	if _, err := s.Lookup(ctx, diaryDomain, diaryPath); err != nil {
		return nil, err
	}
	return s.Lazy("Diary", func(ctx context.Context) (vtree.Tree, error) { return build(ctx, s) }), nil
}

func build(ctx context.Context, s *view.Source) (vtree.Tree, error) {
	db, err := s.Database(ctx, diaryDomain, diaryPath)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	entries, err := db.Table(ctx, "ZENTRY", "ENTRY")
	if err != nil {
		return nil, err
	}
	if err := entries.Need("title"); err != nil {
		return nil, err
	}
	who, err := s.People(ctx)
	if err != nil {
		return nil, err
	}
	l := s.Layout(ctx)
	for r, err := range db.Scan(ctx, entries, "title", "written", "photo", "handle", "text") {
		if err != nil {
			l.Lost("an entry", err)
			continue
		}
		at, name := r.Cocoa(1), r.Text(0)
		dir := l.Root().DirAt(name, at)
		text := fmt.Appendf(nil, "%s\n%s\n\n%s\n", name, who.Name(r.Text(3)), r.Text(4))
		dir.File(view.FileName(name, ".txt"), s.Render(func(context.Context) ([]byte, error) { return text, nil }), at)
		if r.Null(2) {
			continue
		}
		photo, err := s.Lookup(ctx, diaryDomain, "Documents/"+r.Text(2))
		if err != nil {
			l.Lost("the photo of "+cmp.Or(name, "an entry"), err)
			continue
		}
		dir.Row(view.FileName(name, ".jpg"), photo, at)
	}
	return l.Tree()
}

func sample(t testing.TB) backuptest.Backup {
	db := viewtest.Database(t, `CREATE TABLE ENTRY (id INTEGER PRIMARY KEY, title TEXT, written TIMESTAMP, photo TEXT, handle TEXT, text TEXT);
		INSERT INTO ENTRY VALUES
			(1, 'Monday', 700000000, 'a.jpg', '+4712345678', 'rain'),
			(2, 'MONDAY', 700000000000000000, 'a.jpg', NULL, 'the same photo'),
			(3, 'a/b: c?', NULL, 'bundle', 'ben@example.com', 'a folder'),
			(4, '', -1, 'no such', '45678', 'a photo that is not there');
		INSERT INTO ENTRY WITH RECURSIVE n(i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
			SELECT i, 'day ' || i, 700000000 + i * 86400, NULL, NULL, printf('%.*c', 400, 'x') FROM n;`)
	book := viewtest.Database(t, `CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY, First TEXT, Last TEXT, Organization TEXT);
		CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, value TEXT);
		INSERT INTO ABPerson VALUES (1, 'Anna', 'Berg', NULL), (2, NULL, NULL, 'Ben & Co');
		INSERT INTO ABMultiValue VALUES (1, 1, 3, '12 34 56 78'), (2, 2, 4, 'Ben@Example.com');`)
	day := time.Date(2024, 6, 1, 12, 30, 0, 0, time.UTC)
	return backuptest.Backup{
		EditInfo: func(info map[string]any) { info["Phone Number"] = "+47 400 00 000" },
		Files: []backuptest.File{
			{Domain: diaryDomain, Path: diaryPath, Content: db},
			{Domain: diaryDomain, Path: "Documents/a.jpg", Content: []byte("jpeg"), ModTime: day},
			{Domain: diaryDomain, Path: "Documents/bundle/x:y.jpg", Content: []byte("in a bundle"), ModTime: day},
			{Domain: diaryDomain, Path: "Documents/bundle/deep/z", Content: []byte("further down"), ModTime: day},
			{Domain: "HomeDomain", Path: "Library/AddressBook/AddressBook.sqlitedb", Content: book},
		},
	}
}

func TestDiary(t *testing.T) {
	viewtest.Run(t, viewtest.Case{
		View: diary{}, Backup: sample(t), Databases: []view.Place{{Domain: diaryDomain, Path: diaryPath}},
	})
}

// TestAddressBook damages the address book, without which names are missing.
func TestAddressBook(t *testing.T) {
	viewtest.Run(t, viewtest.Case{
		View: diary{}, Backup: sample(t), Fallback: true,
		Databases: []view.Place{{Domain: "HomeDomain", Path: "Library/AddressBook/AddressBook.sqlitedb"}},
	})
}

package notes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"ibfs/fs/view"
)

const (
	oldDomain = "HomeDomain"
	oldPath   = "Library/Notes/notes.sqlite"
)

// An oldStore is notes.sqlite, which iOS 4 to 8 have, and later ones for what was
// never moved. Its texts are HTML.
type oldStore struct {
	db       *view.Database
	note     view.Table
	body     view.Table
	store    view.Table // folders; may be missing
	accounts view.Table // may be missing
	view.Reading
}

// maxOld bounds what is read of the tables, in bytes; texts are not in them.
const maxOld = 256 << 20

func openOld(ctx context.Context, src *view.Source) (*oldStore, error) {
	db, err := src.Database(ctx, oldDomain, oldPath)
	if err != nil {
		return nil, err
	}
	s := &oldStore{db: db, Reading: view.Reading{Left: maxOld}}
	if err := s.tables(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

func (s *oldStore) tables(ctx context.Context) (err error) {
	for _, t := range []struct {
		table *view.Table
		name  string
		need  []string
	}{
		{&s.note, "ZNOTE", []string{"Z_PK", "ZTITLE"}},
		{&s.body, "ZNOTEBODY", []string{"Z_PK", "ZCONTENT"}},
		{&s.store, "ZSTORE", nil},
		{&s.accounts, "ZACCOUNT", nil},
	} {
		if *t.table, err = s.db.Table(ctx, t.name); err == nil {
			err = t.table.Need(t.need...)
		} else if t.need == nil && errors.Is(err, view.ErrSchema) {
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addOld takes what notes.sqlite has.
func (l *layout) addOld(ctx context.Context) error {
	s, err := openOld(ctx, l.src)
	if err != nil {
		return err
	}
	defer s.db.Close()
	type kept struct {
		*note
		in oldFolder
	}
	var all []kept
	folders := s.folders(ctx, l.Lost)
	for row := range s.Rows(ctx, s.db, s.note, "some notes of iOS 8 and earlier", l.Lost,
		"Z_PK", "ZTITLE", "ZSUMMARY", "ZCREATIONDATE", "ZMODIFICATIONDATE", "ZBODY", "ZSTORE", "ZDELETEDFLAG") {
		if row.Bool(7) {
			continue
		}
		r := record{row, map[string]int{"ZTITLE": 1, "ZSUMMARY": 2}}
		n := &note{row: row.Int(0), title: r.text("ZTITLE"), snippet: r.text("ZSUMMARY"), created: row.Cocoa(3), changed: row.Cocoa(4), data: row.Int(5)}
		all = append(all, kept{n, folders[row.Int(6)]})
	}
	shelves := shelfFinder{}
	for _, n := range all {
		if n.title == "" {
			content, err := s.content(ctx, n.note)
			if view.Passing(err) {
				return err
			}
			n.title = titleOf(decodeHTML(content).text)
		}
		account := shelves.named(&l.tops, cmp.Or(n.in.account, noAccount))
		folder := shelves.named(&account.inside, cmp.Or(n.in.name, "Notes"))
		folder.items = append(folder.items, item{
			title: n.name(), at: n.created, changed: n.changed, html: l.renderOld(n.note, renderHTML), md: l.renderOld(n.note, renderMarkdown),
		})
	}
	return ctx.Err()
}

type oldFolder struct{ account, name string }

// A shelfFinder finds shelves by their titles.
type shelfFinder map[*[]*shelf]map[string]*shelf

// named is a shelf of a title among some: that of NoteStore.sqlite where it has
// one, as an account moves from one database to the other.
func (f shelfFinder) named(all *[]*shelf, title string) *shelf {
	if f[all] == nil {
		f[all] = map[string]*shelf{}
		for _, s := range *all {
			f[all][s.title] = s
		}
	}
	s := f[all][title]
	if s == nil {
		s = &shelf{title: title}
		f[all][title] = s
		*all = append(*all, s)
	}
	return s
}

// folders are the folders by their rows in ZSTORE.
func (s *oldStore) folders(ctx context.Context, lost func(string, error)) map[int64]oldFolder {
	const what = "the folders of some notes"
	nameOf := func(row view.Row) string { return plainName(record{row, map[string]int{"name": 1}}.text("name")) }
	names := map[int64]string{}
	for row := range s.Rows(ctx, s.db, s.accounts, what, lost, "Z_PK", "ZNAME") {
		names[row.Int(0)] = nameOf(row)
	}
	folders := map[int64]oldFolder{}
	for row := range s.Rows(ctx, s.db, s.store, what, lost, "Z_PK", "ZNAME", "ZACCOUNT") {
		folders[row.Int(0)] = oldFolder{names[row.Int(2)], nameOf(row)}
	}
	return folders
}

// plainName is a name as a person knows it: those that iOS gives its own begin
// with "LOCAL_NOTES".
func plainName(name string) string {
	switch {
	case strings.HasPrefix(name, "LOCAL_NOTES_ACCOUNT"):
		return "On My iPhone"
	case strings.HasPrefix(name, "LOCAL_NOTES"):
		return "Notes"
	}
	return name
}

// renderOld is the content of a file of a note of notes.sqlite.
func (l *layout) renderOld(n *note, as renderer) func(context.Context) ([]byte, error) {
	src := l.src
	return func(ctx context.Context) ([]byte, error) {
		s, err := openOld(ctx, src)
		if err != nil {
			return nil, err
		}
		defer s.db.Close()
		content, err := s.content(ctx, n)
		if view.Passing(err) {
			return nil, err
		}
		p := &page{note: n, body: decodeHTML(content), object: func(string) *attachment { return nil }, used: map[*attachment]bool{}}
		if err != nil {
			p.told = append(p.told, "The text of this note could not be read: "+err.Error())
		}
		return as(p, src.Zone), ctx.Err()
	}
}

func (s *oldStore) content(ctx context.Context, n *note) (text string, err error) {
	query := fmt.Sprintf("SELECT %s, octet_length(%s) > %d FROM %s WHERE Z_PK = ?",
		s.body.Within("ZCONTENT", maxText), s.body.Col("ZCONTENT"), maxText, s.body)
	for row, err := range s.db.Rows(ctx, query, n.data) {
		if err != nil {
			return "", err
		}
		if row.Bool(1) {
			return "", errLong
		}
		text = row.Text(0)
	}
	return text, nil
}

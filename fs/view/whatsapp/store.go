package whatsapp

import (
	"context"
	"errors"
	"fmt"

	"ibfs/fs/view"
)

// A place is where one edition of the app keeps its messages.
type place struct {
	domain string
	path   string
	media  string // the folder that paths of media begin in
}

// A store is ChatStorage.sqlite with the tables that this version of the app
// gave it. One that is not there has no name and no columns.
type store struct {
	db    *view.Database
	place place

	session view.Table // a chat
	message view.Table
	member  view.Table // somebody in a group, as the group knows them
	media   view.Table // what comes with a message
	info    view.Table // receipts, reactions, polls
	pushed  view.Table // names that people gave themselves
}

func openStore(ctx context.Context, src *view.Source, p place) (*store, error) {
	db, err := src.Database(ctx, p.domain, p.path)
	if err != nil {
		return nil, err
	}
	s := &store{db: db, place: p}
	if err := s.findTables(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

func (s *store) findTables(ctx context.Context) error {
	for _, t := range []struct {
		table *view.Table
		name  string
		alias string
	}{
		{&s.session, "ZWACHATSESSION", "s"},
		{&s.message, "ZWAMESSAGE", "m"},
		{&s.member, "ZWAGROUPMEMBER", "g"},
		{&s.media, "ZWAMEDIAITEM", "a"},
		{&s.info, "ZWAMESSAGEINFO", "i"},
		{&s.pushed, "ZWAPROFILEPUSHNAME", "p"},
	} {
		found, err := s.db.Table(ctx, t.name)
		switch {
		case err == nil:
			*t.table = found.As(t.alias)
		case !errors.Is(err, view.ErrSchema):
			return err
		}
	}
	if s.message.Name == "" {
		return fmt.Errorf("%w: ChatStorage.sqlite has no table ZWAMESSAGE", view.ErrSchema)
	}
	return s.message.Need("ZCHATSESSION", "ZISFROMME", "ZMESSAGEDATE", "ZTEXT")
}

// scan yields the rows of a table that can be read, and tells lost of the
// others. A table that is not there has none.
func scan(ctx context.Context, db *view.Database, t view.Table, what string, lost func(string, error), columns ...string) func(func(view.Row) bool) {
	return func(yield func(view.Row) bool) {
		if t.Name == "" {
			return
		}
		left := maxRead
		for row, err := range db.Scan(ctx, t, columns...) {
			if err != nil {
				lost(what, err)
				continue
			}
			for i := range row {
				left -= len(row.Text(i)) + 16
			}
			if left < 0 {
				lost(what, errTooMuch)
				return
			}
			if !yield(row) {
				return
			}
		}
	}
}

// maxRead bounds what is read of one table while a view is built, in bytes. Rows
// can name the same pages of a damaged database again and again.
const maxRead = 512 << 20

var errTooMuch = errors.New("more than any phone has")

// bounded is a column whose text is cut to maxText bytes.
func bounded(t view.Table, column string) string {
	c := t.Col(column)
	return fmt.Sprintf("CASE WHEN octet_length(%s) > %d THEN substr(%s, 1, %d) ELSE %s END", c, maxText, c, maxText/4, c)
}

// blob is a column that is NULL where it is longer than maxBlob.
func blob(t view.Table, column string) string {
	c := t.Col(column)
	return fmt.Sprintf("CASE WHEN octet_length(%s) <= %d THEN %s END", c, maxBlob, c)
}

// Bounds of what is read of one message, in bytes. The app lets a person write
// 65,536 characters.
const (
	maxText = 256 << 10
	maxBlob = 1 << 20
)

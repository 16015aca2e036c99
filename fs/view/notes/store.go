package notes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ibfs/fs/view"
)

const (
	domain = "AppDomainGroup-group.com.apple.notes"
	dbPath = "NoteStore.sqlite"
)

// maxStore bounds what is read of the tables, in bytes; texts are not in them.
const maxStore = 1 << 30

// A store is NoteStore.sqlite, as iOS 9 and later have it. One table holds what
// is synchronised, each kind with columns of its own.
type store struct {
	view.Reading
	db      *view.Database
	objects view.Table // ZICCLOUDSYNCINGOBJECT
	data    view.Table // ZICNOTEDATA, the texts
}

func openStore(ctx context.Context, src *view.Source) (*store, error) {
	db, err := src.Database(ctx, domain, dbPath)
	if err != nil {
		return nil, err
	}
	s := &store{db: db, Reading: view.Reading{Left: maxStore}}
	if s.objects, err = db.Table(ctx, "ZICCLOUDSYNCINGOBJECT"); err == nil {
		err = s.objects.Need("Z_PK", "Z_ENT", "ZTITLE1")
	}
	if err == nil {
		s.data, err = db.Table(ctx, "ZICNOTEDATA")
	}
	if err == nil {
		err = s.data.Need("Z_PK", "ZDATA")
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

// Close lets go of the database.
func (s *store) Close() error { return s.db.Close() }

// numbered are the columns of a name and a number, the highest number first.
// What kind of row has which is another with each model of the database, and a
// column that is there may belong to a kind that is none of ours: it is the
// value of a row that tells.
func (s *store) numbered(name string) (columns []string) {
	number := func(c string) int {
		n, err := strconv.Atoi(cmp.Or(c[len(name):], "0"))
		if err != nil || n < 0 {
			return -1
		}
		return n
	}
	for _, c := range s.objects.Columns {
		if len(c) >= len(name) && strings.EqualFold(c[:len(name)], name) && number(c) >= 0 {
			columns = append(columns, c)
		}
	}
	slices.SortFunc(columns, func(a, b string) int { return cmp.Compare(number(b), number(a)) })
	return columns
}

var (
	errNoText    = errors.New("this backup does not hold it")
	errUnfetched = errors.New("it was in iCloud, and not on the phone")
)

// body is the text of a note, as far as it can be read.
func (s *store) body(ctx context.Context, n *note, left *budget) (body, error) {
	packed, err := s.blob(ctx, s.data, "ZDATA", n.data)
	switch {
	case err != nil:
		return body{}, err
	case len(packed) == 0 && n.unfetched:
		return body{}, errUnfetched
	case len(packed) == 0:
		return body{}, nil
	}
	return decodeBody(packed, left)
}

// mergeable is what a table, or a row of scans, is kept as.
func (s *store) mergeable(ctx context.Context, a *attachment) ([]byte, error) {
	for _, c := range s.numbered("ZMERGEABLEDATA") {
		if b, err := s.blob(ctx, s.objects, c, a.row); err != nil || len(b) > 0 {
			return b, err
		}
	}
	return nil, errNoText
}

// blob is one value of a table; nil when there is no such row.
func (s *store) blob(ctx context.Context, t view.Table, column string, row int64) (b []byte, err error) {
	query := fmt.Sprintf("SELECT %s, octet_length(%s) > %d FROM %s WHERE Z_PK = ?", t.Within(column, maxPacked), t.Col(column), maxPacked, t)
	for row, err := range s.db.Rows(ctx, query, row) {
		if err != nil {
			return nil, err
		}
		if row.Bool(1) {
			return nil, errLong
		}
		b = row.Data(0)
	}
	return b, nil
}

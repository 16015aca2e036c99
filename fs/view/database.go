package view

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"

	"ibfs/backupfmt"
)

// ErrSchema is a database that lacks a table or column that a view cannot do
// without; the error names it.
var ErrSchema = errors.New("a database of an unknown form")

// A Database is a database of the backup, for one goroutine. A query while the
// rows of another are being read is an error.
type Database struct {
	db   *backupfmt.Database
	name string
	busy atomic.Bool
	told bool // that its log could not be read
}

// Database opens a database of the backup. The errors wrap ErrAbsent when the
// backup has no such row, and backupfmt.ErrNoBlob when it has the row alone.
// That its log cannot be read is no error here: the first Scan yields it, as it
// may cost any table rows. The caller closes it.
func (s *Source) Database(ctx context.Context, domain, path string) (*Database, error) {
	db, err := s.Backup.OpenDatabase(ctx, domain, path)
	if err != nil {
		return nil, absent(err, domain, path)
	}
	return &Database{db: db, name: path}, nil
}

// Cut is nil, or says that the database's end is missing. A view that does not
// read whole tables asks for it, as it may not meet what that costs.
func (d *Database) Cut() error {
	if err := d.db.Cut(); err != nil {
		return fmt.Errorf("read %s: %w", d.name, err)
	}
	return nil
}

// Close lets go of the database.
func (d *Database) Close() error { return d.db.Close() }

// maxRows bounds the rows of one query. A damaged tree of pages that leads to
// itself can have any number.
const maxRows = 10_000_000

// Rows yields the rows of a query, and last an error if there was one. To read
// a whole table, Scan is better: it goes on behind what is damaged.
func (d *Database) Rows(ctx context.Context, query string, args ...any) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		keep := func(row Row) bool { return yield(slices.Clone(row), nil) }
		if err := d.rows(ctx, query, args, keep); err != nil {
			yield(nil, err)
		}
	}
}

var errBusy = errors.New("a query while the rows of another are being read")

// rows yields the rows of a query, each in the memory of the one before.
func (d *Database) rows(ctx context.Context, query string, args []any, yield func(Row) bool) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("read %s: %w", d.name, err)
		}
	}()
	if !d.busy.CompareAndSwap(false, true) {
		return errBusy
	}
	defer d.busy.Store(false)
	var row Row
	n := 0
	for from, err := range d.db.Query(ctx, query, args...) {
		if err != nil {
			return err
		}
		if n++; n > maxRows {
			return fmt.Errorf("%w: more than %d rows", ErrTooLong, maxRows)
		}
		row = row[:0]
		for i := range from.Len() {
			row = append(row, from.Value(i))
		}
		if !yield(row) {
			return nil
		}
	}
	return nil
}

// all are the rows of a short query.
func (d *Database) all(ctx context.Context, query string, args ...any) (all []Row, err error) {
	for row, err := range d.Rows(ctx, query, args...) {
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}

// Tables are the names of the tables, in order.
func (d *Database) Tables(ctx context.Context) ([]string, error) {
	rows, err := d.all(ctx, "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Text(0))
	}
	return names, nil
}

// A Table is a table as one database has it.
type Table struct {
	Name    string
	Columns []string // in the table's order; computed ones are left out

	alias string
}

// Table describes the first of several tables that the database has: a plain
// one, as a view or a virtual table under its name could make rows without end.
// The error wraps ErrSchema when it has none of them.
func (d *Database) Table(ctx context.Context, names ...string) (Table, error) {
	for _, name := range names {
		rows, err := d.all(ctx, `SELECT x.name FROM sqlite_schema AS s, pragma_table_xinfo(s.name) AS x
			WHERE s.type = 'table' AND s.rootpage > 0 AND s.name = ? COLLATE nocase AND x.hidden = 0 ORDER BY x.cid`, name)
		if err != nil {
			return Table{}, err
		}
		t := Table{Name: name}
		for _, r := range rows {
			t.Columns = append(t.Columns, r.Text(0))
		}
		if len(rows) > 0 {
			return t, nil
		}
	}
	err := fmt.Errorf("%w: %s has no table %s", ErrSchema, d.name, strings.Join(names, " or "))
	if log := d.db.LogError(); log != nil {
		err = fmt.Errorf("%w; it may be in %w", err, log)
	}
	return Table{}, err
}

// Has reports whether the table has a column, without regard to case.
func (t Table) Has(column string) bool {
	return slices.ContainsFunc(t.Columns, func(c string) bool { return strings.EqualFold(c, column) })
}

// First is the first of several columns that the table has, or "".
func (t Table) First(columns ...string) string {
	for _, c := range columns {
		if t.Has(c) {
			return c
		}
	}
	return ""
}

// Need is nil when the table has all of the columns; the error wraps ErrSchema.
func (t Table) Need(columns ...string) error {
	for _, c := range columns {
		if !t.Has(c) {
			return fmt.Errorf("%w: table %s has no column %s", ErrSchema, t.Name, c)
		}
	}
	return nil
}

// As is the table under another name in a query, as in a join.
func (t Table) As(alias string) Table {
	t.alias = alias
	return t
}

// String is the table as it stands in a query, behind FROM or JOIN.
func (t Table) String() string {
	if t.alias == "" {
		return Quote(t.Name)
	}
	return Quote(t.Name) + " AS " + Quote(t.alias)
}

// Col is a column as it stands in a query: NULL when the table has none of that
// name. Every table has a rowid, whether it names it or not.
func (t Table) Col(column string) string {
	switch {
	case !t.Has(column) && !strings.EqualFold(column, "rowid"):
		return "NULL"
	case t.alias != "":
		return Quote(t.alias) + "." + Quote(column)
	}
	return Quote(column)
}

// Select is a list of columns as it stands behind SELECT, in their order:
// those that the table does not have are NULL.
func (t Table) Select(columns ...string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = t.Col(c)
	}
	return strings.Join(list, ", ")
}

// Quote is a name as SQL writes it.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

package view

import (
	"context"
	"fmt"
	"iter"
)

// A Reading reads whole tables of one or several databases, which together may
// not be longer than there is room for: rows of a damaged database can name the
// same pages again and again.
type Reading struct {
	Left int     // bytes that may yet be read
	Lost []error // what could not be read
}

// rowSize is what a row takes beside its values, in bytes: somewhat more than
// most views make of one.
const rowSize = 250

// Scan calls each for every row of a table: the columns asked for, NULL for those
// that the table does not have. What is damaged, or behind the bound, is Lost. An
// error that passes is returned.
func (r *Reading) Scan(ctx context.Context, db *Database, t Table, columns []string, each func(Row)) error {
	for row, err := range r.rows(ctx, db, t, columns) {
		switch {
		case Passing(err):
			return err
		case err != nil:
			r.Lost = append(r.Lost, err)
		default:
			each(row)
		}
	}
	return nil
}

// Rows yields what Scan reads, of a table that is no more than missed: one that
// Find did not find has no rows. Every error goes to lost, as why something was
// not read, also one that passes.
func (r *Reading) Rows(ctx context.Context, db *Database, t Table, what string, lost func(what string, err error), columns ...string) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		if t.Name == "" {
			return
		}
		for row, err := range r.rows(ctx, db, t, columns) {
			if err != nil {
				lost(what, err)
			} else if !yield(row) {
				return
			}
		}
	}
}

// rows are those of a table, as far as there is room for them.
func (r *Reading) rows(ctx context.Context, db *Database, t Table, columns []string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for row, err := range db.Scan(ctx, t, columns...) {
			if r.Left -= rowSize + row.size(); r.Left < 0 && err == nil {
				yield(nil, fmt.Errorf("read %s of %s: %w", t.Name, db.name, ErrTooLong))
				return
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// Table is Scan for a table by its name. The error wraps ErrSchema when the
// database lacks it, or any of the columns that are needed of it.
func (r *Reading) Table(ctx context.Context, db *Database, name string, needed, columns []string, each func(Row)) error {
	t, err := db.Table(ctx, name)
	if err != nil {
		return err
	}
	if err := t.Need(needed...); err != nil {
		return err
	}
	return r.Scan(ctx, db, t, columns, each)
}

// size is how long the values of a row are, in bytes.
func (r Row) size() int {
	n := 8 * len(r)
	for _, v := range r {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		}
	}
	return n
}

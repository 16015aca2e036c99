package view

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
)

// maxGaps bounds the damaged places of one table that Scan goes on behind.
const maxGaps = 200

// Scan yields all rows of a table in the order of their rowids: the columns
// asked for, NULL for those that the table does not have. A row is gone when the
// next one comes; its values are not. A page that cannot be
// read costs the rows on it: an error is yielded in their place, and what
// follows are the rows behind it. An error that passes is the last. The first
// scan of a database whose log cannot be read begins with the error of that.
func (d *Database) Scan(ctx context.Context, t Table, columns ...string) iter.Seq2[Row, error] {
	query := "SELECT rowid, " + t.Select(columns...) + " FROM " + t.String() + " WHERE rowid > ? ORDER BY rowid"
	return func(yield func(Row, error) bool) {
		if err := d.db.LogError(); err != nil && !d.told {
			d.told = true
			if !yield(nil, err) {
				return
			}
		}
		last := int64(math.MinInt64)
		for gap := 0; ; gap++ {
			stopped := false
			err := d.scanFrom(ctx, query, &last, func(r Row) bool {
				stopped = !yield(r, nil)
				return !stopped
			})
			if stopped || err == nil {
				return
			}
			behind := ""
			if last > math.MinInt64 {
				behind = fmt.Sprintf(" behind row %d", last)
			}
			err = fmt.Errorf("read %s of %s%s: %w", t.Name, d.name, behind, err)
			if !yield(nil, err) || Passing(err) || gap == maxGaps {
				return
			}
			found, err := d.skip(ctx, query, &last)
			if err != nil {
				yield(nil, err)
			}
			if !found {
				return
			}
		}
	}
}

// scanFrom reads on behind the row last. Rows come in ascending order, unless
// the tree of pages is damaged: then it could lead in a circle.
func (d *Database) scanFrom(ctx context.Context, query string, last *int64, yield func(Row) bool) error {
	var order error
	err := d.rows(ctx, query, []any{*last}, func(row Row) bool {
		id := row.Int(0)
		if id <= *last {
			order = fmt.Errorf("row %d comes after row %d", id, *last)
			return false
		}
		*last = id
		return yield(row[1:])
	})
	return cmp.Or(err, order)
}

// skip moves last to where reading works again: the nearest place, found by
// doubling the distance and then halving it. found is false where there is none.
// The error is one that passes.
func (d *Database) skip(ctx context.Context, query string, last *int64) (found bool, err error) {
	works := func(from int64) bool {
		for row, e := range d.Rows(ctx, query+" LIMIT 1", from) {
			if Passing(e) {
				err = e
			}
			return e == nil && row.Int(0) > from
		}
		return false // nothing is left there
	}
	start := max(*last, -1) // no table that is known of has negative rows
	step := int64(1)
	for !works(start + step) {
		if err != nil || step > math.MaxInt64/4 || start+2*step < start {
			return false, err
		}
		step *= 2
	}
	low, high := step/2, step // low does not work, high does
	for high-low > 1 && err == nil {
		if mid := low + (high-low)/2; works(start + mid) {
			high = mid
		} else {
			low = mid
		}
	}
	*last = start + high
	return err == nil, err
}

package safari

import (
	"context"
	"errors"
	"fmt"

	"ibfs/fs/view"
)

// A reading is what is known of how a database could be read.
type reading struct {
	lost []error
	size int // bytes of text so far
}

// maxText bounds all text of a database, in bytes: rows whose values lie in the
// same pages could have it without end.
const maxText = 128 << 20

var errTooMuch = errors.New("more text than any browser keeps")

// scan reads some columns of a table, which may lack any but those that are
// needed. What is damaged is lost.
func (r *reading) scan(ctx context.Context, db *view.Database, name string, needed, columns []string, each func(view.Row)) error {
	table, err := db.Table(ctx, name)
	if err != nil {
		return err
	}
	if err := table.Need(needed...); err != nil {
		return err
	}
	for row, err := range db.Scan(ctx, table, columns...) {
		switch {
		case view.Passing(err):
			return err
		case err != nil:
			r.lost = append(r.lost, err)
			continue
		}
		r.size += 200
		for i := range row {
			r.size += len(row.Text(i))
		}
		if r.size > maxText {
			r.lost = append(r.lost, fmt.Errorf("read %s: %w", name, errTooMuch))
			return nil
		}
		each(row)
	}
	return nil
}

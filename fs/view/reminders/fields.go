package reminders

import (
	"context"
	"strings"

	"ibfs/fs/view"
)

// fields are columns of a table by the names that they have in the model.
//
// Where entities share a table, what several of them have has a number behind
// it, ZTITLE1, which differs from version to version. A row has a value in that
// of its own entity alone.
type fields map[string][]int

// newFields finds the columns of some names.
func newFields(t view.Table, names []string) (f fields, columns []string) {
	f = fields{}
	for _, name := range names {
		if f[name] != nil {
			continue
		}
		f[name] = []int{}
		for _, c := range t.Columns {
			if number, ok := strings.CutPrefix(strings.ToUpper(c), name); ok && strings.Trim(number, "0123456789") == "" {
				f[name] = append(f[name], len(columns))
				columns = append(columns, c)
			}
		}
	}
	return f, columns
}

// of is the column in which a row has the value of a name: -1 is none.
func (f fields) of(r view.Row, name string) int {
	for _, i := range f[name] {
		if !r.Null(i) {
			return i
		}
	}
	return -1
}

// table reads the columns of some names from a table, which may lack any but
// those that are needed. What is damaged is lost.
func (s *store) table(ctx context.Context, db *view.Database, name string, needed, names []string, each func(fields, view.Row)) error {
	t, err := db.Table(ctx, name)
	if err != nil {
		return err
	}
	if err := t.Need(needed...); err != nil {
		return err
	}
	f, columns := newFields(t, names)
	return s.Scan(ctx, db, t, columns, func(r view.Row) { each(f, r) })
}

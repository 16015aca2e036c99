package view

import (
	"context"
	"errors"
	"fmt"
)

// Wanted is a table that Find looks for.
type Wanted struct {
	Table       *Table // where it goes
	Name, Alias string
	Needed      bool // every version of the database has it
}

// Find finds tables of which not every version of a database has each. One that
// is not there has no name and no columns. The error wraps ErrSchema when it is
// needed.
func (d *Database) Find(ctx context.Context, tables ...Wanted) error {
	for _, w := range tables {
		t, err := d.Table(ctx, w.Name)
		switch {
		case err == nil:
			*w.Table = t.As(w.Alias)
		case w.Needed || !errors.Is(err, ErrSchema):
			return err
		}
	}
	return nil
}

// Cut is Col for a text of which no more than some bytes are read, or a quarter
// as many characters.
func (t Table) Cut(column string, limit int) string {
	c := t.Col(column)
	return fmt.Sprintf("CASE WHEN octet_length(%s) > %d THEN substr(%s, 1, %d) ELSE %s END", c, limit, c, limit/4, c)
}

// Within is Col for a value that counts as NULL where it is longer than some
// bytes.
func (t Table) Within(column string, limit int) string {
	c := t.Col(column)
	return fmt.Sprintf("CASE WHEN octet_length(%s) <= %d THEN %s END", c, limit, c)
}

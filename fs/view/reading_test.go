package view_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ibfs/fs/view"
)

// TestReading: a reading ends where there is no more room, and says so.
func TestReading(t *testing.T) {
	d := database(t, made(t, `CREATE TABLE t (a TEXT, b); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
		SELECT printf('%.*c', 1000, 'x'), i FROM n`), nil)
	for _, c := range []struct {
		name       string
		left, rows int
	}{{"all", 1 << 20, 20}, {"some", 10_000, 7}, {"none", 0, 0}} {
		t.Run(c.name, func(t *testing.T) {
			r, rows := view.Reading{Left: c.left}, 0
			if err := r.Table(t.Context(), d, "t", []string{"b"}, []string{"a", "none"}, func(view.Row) { rows++ }); err != nil {
				t.Fatal(err)
			}
			if rows != c.rows || (len(r.Lost) > 0) != (rows < 20) || rows < 20 && !errors.Is(r.Lost[0], view.ErrTooLong) {
				t.Errorf("%d rows, %v", rows, r.Lost)
			}
		})
	}
	for _, needed := range [][]string{{"none"}, {"a", "none"}} {
		r := view.Reading{Left: 1 << 20}
		if err := r.Table(t.Context(), d, "t", needed, nil, nil); !errors.Is(err, view.ErrSchema) {
			t.Errorf("%v: %v", needed, err)
		}
	}
}

// TestReadingRows is of a table that may be missed, and whose losses are told.
func TestReadingRows(t *testing.T) {
	d := database(t, made(t, `CREATE TABLE t (a TEXT); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
		SELECT printf('%.*c', 1000, 'x') FROM n`), nil)
	table, err := d.Table(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	over, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		name  string
		ctx   context.Context
		table view.Table
		left  int
		rows  int
		lost  error
	}{
		{"all", t.Context(), table, 1 << 20, 20, nil}, {"some", t.Context(), table, 10_000, 7, view.ErrTooLong},
		{"no such table", t.Context(), view.Table{}, 1 << 20, 0, nil}, {"given up", over, table, 1 << 20, 0, context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, rows := view.Reading{Left: c.left}, 0
			var lost error
			for range r.Rows(c.ctx, d, c.table, "some rows", func(what string, err error) { lost = fmt.Errorf("%s: %w", what, err) }, "a") {
				rows++
			}
			if rows != c.rows || !errors.Is(lost, c.lost) || lost != nil && !strings.HasPrefix(lost.Error(), "some rows: ") {
				t.Errorf("%d rows, %v", rows, lost)
			}
		})
	}
	r, rows := view.Reading{Left: 1 << 20}, 0
	for range r.Rows(t.Context(), d, table, "some rows", nil, "a") {
		if rows++; rows == 3 {
			break
		}
	}
	if again, err := d.Table(t.Context(), "t"); rows != 3 || err != nil { // it is not busy
		t.Errorf("%d rows, %v, %v", rows, again, err)
	}
}

func TestFind(t *testing.T) {
	d := database(t, made(t, `CREATE TABLE t (a); INSERT INTO t VALUES ('`+strings.Repeat("å", 50)+`'), (zeroblob(101)), ('short'), (NULL), (7)`), nil)
	var there, not view.Table
	if err := d.Find(t.Context(), view.Wanted{Table: &there, Name: "T", Alias: "x"}, view.Wanted{Table: &not, Name: "none", Alias: "y"}); err != nil {
		t.Fatal(err)
	}
	if there.Col("a") != `"x"."a"` || not.Name != "" || not.Col("a") != "NULL" {
		t.Errorf("%v, %v", there, not)
	}
	var cut, within []int
	for row, err := range d.Rows(t.Context(), "SELECT "+there.Cut("a", 99)+", "+there.Within("a", 100)+" FROM "+there.String()) {
		if err != nil {
			t.Fatal(err)
		}
		cut, within = append(cut, len(row.Text(0))), append(within, len(row.Text(1)))
	}
	for i, want := range []struct{ cut, within int }{{48, 100}, {24, 0}, {5, 5}, {0, 0}, {1, 1}} {
		if cut[i] != want.cut || within[i] != want.within {
			t.Errorf("row %d: %d and %d bytes, want %v", i, cut[i], within[i], want)
		}
	}
}

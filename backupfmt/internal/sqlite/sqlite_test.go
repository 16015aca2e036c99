package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	iofs "io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"modernc.org/sqlite/vfs"

	"ibfs/backupfmt/internal/sqlite"
)

// open opens a database that a script makes.
func open(t *testing.T, script string) *sqlite.Conn {
	t.Helper()
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(script); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	name, v, err := vfs.New(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	c, err := sqlite.Open(t.Context(), "file:db?mode=ro&immutable=1", sqlite.VFS{Name: name}, 1<<20, "temp_store(memory)", "query_only(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(c.Close(), v.Close()); err != nil {
			t.Error(err)
		}
	})
	return c
}

const numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "

func TestValues(t *testing.T) {
	for name, encoding := range map[string]string{"UTF-8": "", "UTF-16": "PRAGMA encoding = 'UTF-16le';"} {
		t.Run(name, func(t *testing.T) {
			c := open(t, encoding+`CREATE TABLE t (a, b TIMESTAMP, c, d, e, f, g);
				INSERT INTO t VALUES (NULL, '2024-07-14', 1.5, -7, x'00ff', '', x''), ('Ærø', 1, 'a' || char(0) || 'b', 9e99, zeroblob(3), 1, 2)`)
			want := [][]any{
				{nil, "2024-07-14", 1.5, int64(-7), []byte{0, 0xFF}, "", []byte{}},
				{"Ærø", int64(1), "a\x00b", 9e99, []byte{0, 0, 0}, int64(1), int64(2)},
			}
			var got [][]any
			for r, err := range c.Query(t.Context(), "SELECT * FROM t") {
				if err != nil {
					t.Fatal(err)
				}
				row := make([]any, r.Len())
				for i := range row {
					row[i] = r.Value(i)
					if r.Null(i) != (row[i] == nil) || r.Null(i) != (r.Bytes(i) == nil) {
						t.Errorf("column %d: %v, NULL %v, %q", i, row[i], r.Null(i), r.Bytes(i))
					}
				}
				if r.Value(len(row)) != nil || r.Value(-1) != nil || r.Bytes(99) != nil || r.Int(99) != 0 {
					t.Error("a column that is not there holds something")
				}
				got = append(got, row)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestArguments(t *testing.T) {
	c := open(t, "CREATE TABLE t (a)")
	for name, arg := range map[string]any{"text": "Bj\u00f8rn\x00", "empty": "", "number": int64(-1 << 62)} {
		var got any
		if found, err := c.First(t.Context(), func(r *sqlite.Row) { got = r.Value(0) }, "SELECT ?", arg); !found || err != nil || got != arg {
			t.Errorf("%s: %q, %v, %v", name, got, found, err)
		}
	}
	if _, err := c.First(t.Context(), func(*sqlite.Row) {}, "SELECT ?", 1.5); err == nil {
		t.Error("a float was taken")
	}
	if found, err := c.First(t.Context(), func(*sqlite.Row) {}, "SELECT * FROM t"); found || err != nil {
		t.Error(found, err)
	}
}

// TestAgain makes one query time and again, with more or fewer arguments, left off
// midway, cancelled and wrong: none sees anything of the one before.
func TestAgain(t *testing.T) {
	c := open(t, "CREATE TABLE t (a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three')")
	const query = "SELECT b FROM t WHERE a >= ? AND a < ifnull(?, 9) ORDER BY a"
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		args []any
		ctx  context.Context
		want string
	}{
		{[]any{int64(2), int64(3)}, t.Context(), "two"},
		{[]any{int64(1)}, t.Context(), "one two three"}, // what is not given is NULL
		{[]any{int64(2), 3.5}, t.Context(), "error"},
		{[]any{int64(1), int64(3)}, ended, "error"},
		{[]any{int64(3), int64(4)}, t.Context(), "three"},
		{nil, t.Context(), ""},
	} {
		var got []string
		for r, err := range c.Query(tt.ctx, query, tt.args...) {
			if err != nil {
				got = []string{"error"}
				break
			}
			got = append(got, string(r.Bytes(0)))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%v: %q, want %q", tt.args, got, tt.want)
		}
		found, err := c.First(t.Context(), func(r *sqlite.Row) { got = []string{string(r.Bytes(0))} }, query, int64(1))
		if !found || err != nil || got[0] != "one" {
			t.Errorf("after %v: %q, %v", tt.args, got, err)
		}
	}
}

func TestErrors(t *testing.T) {
	c := open(t, "CREATE TABLE t (a)")
	for query, want := range map[string]string{
		"SELECT":                         "incomplete input (1)",
		"SELECT b FROM t":                "no such column: b (1)",
		"INSERT INTO t VALUES (1)":       "readonly",
		"SELECT length(zeroblob(1<<21))": "too big",
	} {
		_, err := c.First(t.Context(), func(*sqlite.Row) {}, query)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", query, err, want)
		}
	}
	if _, err := sqlite.Open(t.Context(), "file:db", sqlite.VFS{Name: "no such VFS"}, 1); err == nil {
		t.Error("opened through a VFS that is not there")
	}
}

// TestEnd ends queries in every way but by their last row.
func TestEnd(t *testing.T) {
	c := open(t, "CREATE TABLE t (a)")
	n := 0
	for range c.Query(t.Context(), numbers+"SELECT i FROM n") {
		if n++; n == 10 {
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var last error
	for _, err := range c.Query(ctx, numbers+"SELECT i FROM n") {
		cancel()
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Error("between rows:", last)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.First(ctx, func(*sqlite.Row) {}, numbers+"SELECT count(*) FROM n"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error("within a step:", err)
	}
	if found, err := c.First(t.Context(), func(*sqlite.Row) {}, "SELECT 1"); !found || err != nil {
		t.Error("afterwards:", found, err)
	}
}

func TestSideBySide(t *testing.T) {
	c := open(t, "CREATE TABLE t (a)")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			var sum int64
			if _, err := c.First(t.Context(), func(r *sqlite.Row) { sum = r.Int(0) }, numbers+"SELECT sum(i) FROM (SELECT i FROM n LIMIT 100)"); sum != 5050 || err != nil {
				t.Error(sum, err)
			}
		})
	}
	wait.Wait()
	for range c.Query(t.Context(), "SELECT 1") {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := c.First(ctx, func(*sqlite.Row) {}, "SELECT 1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Error("a query in a query:", err)
		}
	}
}

func TestClosed(t *testing.T) {
	c := open(t, "CREATE TABLE t (a)")
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.First(t.Context(), func(*sqlite.Row) {}, "SELECT 1"); !errors.Is(err, iofs.ErrClosed) {
		t.Error(err)
	}
}

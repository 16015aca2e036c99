package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Query yields the rows of a query, and last an error if there was one: that of
// ctx where it ended. Arguments are int64 or string.
func (c *Conn) Query(ctx context.Context, query string, args ...any) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		if err := c.query(ctx, query, args, yield); err != nil {
			yield(nil, err)
		}
	}
}

func (c *Conn) query(ctx context.Context, query string, args []any, yield func(*Row, error) bool) error {
	if err := c.enter(ctx); err != nil {
		return err
	}
	defer func() { <-c.gate }()
	defer c.watch(ctx)()
	r, err := c.prepare(query)
	if err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	defer c.keep(query, r)
	err = c.bindAll(r, args)
	for err == nil {
		if ctx.Err() != nil {
			break
		}
		switch rc := sqlite3.Xsqlite3_step(c.tls, r.stmt); rc {
		case sqlite3.SQLITE_ROW:
			if !yield(r, nil) {
				return nil
			}
		case sqlite3.SQLITE_DONE:
			return c.vfs.failed() // a check of the whole goes on without the page
		default:
			err = c.error(rc)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// First calls read with the first row of a query, and reports whether there was
// one.
func (c *Conn) First(ctx context.Context, read func(*Row), query string, args ...any) (found bool, err error) {
	for row, err := range c.Query(ctx, query, args...) {
		if err != nil {
			return false, err
		}
		read(row)
		return true, nil
	}
	return false, nil
}

// kept is the statement of the last query, as the next is often the same: to make
// one takes as long as to find a row by it.
type kept struct {
	query   string
	stmt    uintptr // 0 when there is none
	columns int
}

// prepare makes the statement of a query, or takes the one that is kept.
func (c *Conn) prepare(query string) (*Row, error) {
	if k := c.kept; k.stmt != 0 && k.query == query {
		c.kept = kept{}
		return &Row{c.tls, k.stmt, k.columns}, nil
	}
	text, err := c.strings(query)
	if err != nil {
		return nil, err
	}
	defer text.free()
	r := &Row{tls: c.tls}
	stmt := c.tls.Alloc(int(unsafe.Sizeof(r.stmt)))
	defer c.tls.Free(int(unsafe.Sizeof(r.stmt)))
	if rc := sqlite3.Xsqlite3_prepare_v2(c.tls, c.db, text.at[0], -1, stmt, 0); rc != sqlite3.SQLITE_OK {
		return nil, c.error(rc)
	}
	r.stmt = *(*uintptr)(pointer(stmt))
	r.columns = int(sqlite3.Xsqlite3_column_count(c.tls, r.stmt))
	return r, nil
}

// keep ends a query and keeps its statement, in the place of another.
func (c *Conn) keep(query string, r *Row) {
	sqlite3.Xsqlite3_reset(c.tls, r.stmt) // its error has been told
	sqlite3.Xsqlite3_clear_bindings(c.tls, r.stmt)
	sqlite3.Xsqlite3_finalize(c.tls, c.kept.stmt)
	c.kept = kept{query, r.stmt, r.columns}
}

func (c *Conn) bindAll(r *Row, args []any) error {
	for i, arg := range args {
		if err := c.bind(r.stmt, int32(i+1), arg); err != nil {
			return fmt.Errorf("argument %d: %w", i+1, err)
		}
	}
	return nil
}

// transient has SQLite copy what it is given.
const transient = ^uintptr(0)

func (c *Conn) bind(stmt uintptr, i int32, arg any) error {
	switch v := arg.(type) {
	case int64:
		return c.error(sqlite3.Xsqlite3_bind_int64(c.tls, stmt, i, v))
	case string:
		text, err := c.strings(v)
		if err != nil {
			return err
		}
		defer text.free()
		return c.error(sqlite3.Xsqlite3_bind_text(c.tls, stmt, i, text.at[0], int32(len(v)), transient))
	}
	return fmt.Errorf("a %T is neither int64 nor string", arg)
}

// A Row is one row of a query, until the next is asked for. Columns that it
// does not have are NULL.
type Row struct {
	tls     *libc.TLS
	stmt    uintptr
	columns int
}

// Len is the number of columns.
func (r *Row) Len() int { return r.columns }

// Null reports that a column holds nothing.
func (r *Row) Null(i int) bool { return r.kind(i) == sqlite3.SQLITE_NULL }

// Int is a whole number, or what SQLite makes one of.
func (r *Row) Int(i int) int64 { return sqlite3.Xsqlite3_column_int64(r.tls, r.stmt, int32(i)) }

// Bytes is a text as UTF-8, or a blob, where SQLite keeps it: it is gone with
// the row. A number is its text; NULL is nil.
func (r *Row) Bytes(i int) []byte {
	switch r.kind(i) {
	case sqlite3.SQLITE_NULL:
		return nil
	case sqlite3.SQLITE_BLOB:
		return r.bytes(i, sqlite3.Xsqlite3_column_blob(r.tls, r.stmt, int32(i)))
	}
	return r.bytes(i, sqlite3.Xsqlite3_column_text(r.tls, r.stmt, int32(i)))
}

// bytes are those of a column at an address that SQLite gave for it last.
func (r *Row) bytes(i int, p uintptr) []byte {
	n := sqlite3.Xsqlite3_column_bytes(r.tls, r.stmt, int32(i))
	if p == 0 || n <= 0 {
		return []byte{}
	}
	return unsafe.Slice((*byte)(pointer(p)), n)
}

// Value is what a column holds: nil, an int64, a float64, a string or bytes, in
// memory of their own.
func (r *Row) Value(i int) any {
	switch r.kind(i) {
	case sqlite3.SQLITE_INTEGER:
		return r.Int(i)
	case sqlite3.SQLITE_FLOAT:
		return sqlite3.Xsqlite3_column_double(r.tls, r.stmt, int32(i))
	case sqlite3.SQLITE_TEXT:
		return string(r.bytes(i, sqlite3.Xsqlite3_column_text(r.tls, r.stmt, int32(i))))
	case sqlite3.SQLITE_BLOB:
		return bytes.Clone(r.bytes(i, sqlite3.Xsqlite3_column_blob(r.tls, r.stmt, int32(i))))
	}
	return nil
}

func (r *Row) kind(i int) int32 { return sqlite3.Xsqlite3_column_type(r.tls, r.stmt, int32(i)) }

// Package sqlite reads SQLite databases through the C interface of
// modernc.org/sqlite, row by row, without a copy of what is in a row.
//
// It stands in the place of database/sql because a manifest has a million rows
// of six columns. For each column the driver takes SQLite's own lock six times,
// and copies the value twice: the index of 300,000 rows took 1.35 s of the
// processor and 4.2 million allocations through it. Here a connection is used by
// one query at a time, so SQLite needs no lock. This package knows nothing of
// where the pages come from: that is a VFS.
package sqlite

import (
	"cmp"
	"context"
	"fmt"
	iofs "io/fs"
	"time"
	"unsafe"

	"modernc.org/libc"
	_ "modernc.org/sqlite" // sets the library up for this platform
	sqlite3 "modernc.org/sqlite/lib"
)

// A Conn is a connection to a database that is only read. Those who query it at
// once wait for each other.
type Conn struct {
	gate chan struct{} // one in it at a time; guards what follows
	vfs  VFS
	tls  *libc.TLS
	db   uintptr // 0 once it is closed
	kept kept
}

// A VFS is where SQLite reads pages.
type VFS struct {
	Name string // that SQLite knows it by

	// Failed is the last error of a read, which it forgets: SQLite does not pass
	// it on. Nil where nobody can tell.
	Failed func() error
}

func (v VFS) failed() error {
	if v.Failed == nil {
		return nil
	}
	return v.Failed()
}

// Open opens the database that a URI names, through a VFS, and runs pragmas. No
// text or blob of more than maxValue bytes is handed out.
func Open(ctx context.Context, uri string, vfs VFS, maxValue int, pragmas ...string) (*Conn, error) {
	c := &Conn{gate: make(chan struct{}, 1), vfs: vfs, tls: libc.NewTLS()}
	if err := c.open(uri); err != nil {
		c.Close()
		return nil, err
	}
	sqlite3.Xsqlite3_extended_result_codes(c.tls, c.db, 1)
	sqlite3.Xsqlite3_limit(c.tls, c.db, sqlite3.SQLITE_LIMIT_LENGTH, int32(maxValue))
	for _, p := range pragmas {
		for _, err := range c.Query(ctx, "PRAGMA "+p) {
			if err != nil {
				c.Close()
				return nil, err
			}
		}
	}
	return c, nil
}

func (c *Conn) open(uri string) error {
	names, err := c.strings(uri, c.vfs.Name)
	if err != nil {
		return err
	}
	defer names.free()
	const flags = sqlite3.SQLITE_OPEN_READONLY | sqlite3.SQLITE_OPEN_URI | sqlite3.SQLITE_OPEN_NOMUTEX
	db := c.tls.Alloc(int(unsafe.Sizeof(c.db)))
	defer c.tls.Free(int(unsafe.Sizeof(c.db)))
	rc := sqlite3.Xsqlite3_open_v2(c.tls, names.at[0], db, flags, names.at[1])
	c.db = *(*uintptr)(pointer(db)) // also where it fails: it has the message
	return c.error(rc)
}

// Close closes the connection, when no query is running any more.
func (c *Conn) Close() error {
	c.gate <- struct{}{}
	defer func() { <-c.gate }()
	if c.tls == nil {
		return nil
	}
	sqlite3.Xsqlite3_finalize(c.tls, c.kept.stmt)
	rc := sqlite3.Xsqlite3_close_v2(c.tls, c.db)
	err := c.error(rc)
	c.tls.Close()
	c.tls, c.db = nil, 0
	return err
}

// error is what a result code stands for, nil where that is success. It wraps
// that of the read that has failed, if one has.
func (c *Conn) error(rc int32) error {
	if rc == sqlite3.SQLITE_OK {
		return nil
	}
	text := libc.GoString(sqlite3.Xsqlite3_errstr(c.tls, rc))
	if c.db != 0 {
		text = cmp.Or(libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.db)), text)
	}
	if err := c.vfs.failed(); err != nil {
		return fmt.Errorf("%s (%d): %w", text, rc, err)
	}
	return fmt.Errorf("%s (%d)", text, rc)
}

// interruptEvery is how often a query whose context has ended is told to stop:
// one that is told before its first step does not hear it.
const interruptEvery = 10 * time.Millisecond

// watch interrupts what the connection does when ctx ends, until the function
// that it returns is called.
func (c *Conn) watch(ctx context.Context) (unwatch func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	over, ended := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		tls := libc.NewTLS() // c.tls is in use
		defer tls.Close()
		tick := time.NewTicker(interruptEvery)
		defer tick.Stop()
		for {
			sqlite3.Xsqlite3_interrupt(tls, c.db)
			select {
			case <-over:
				return
			case <-tick.C:
			}
		}
	})
	return func() {
		close(over)
		if !stop() {
			<-ended
		}
	}
}

// enter waits until no other query is running.
func (c *Conn) enter(ctx context.Context) error {
	select {
	case c.gate <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if c.db == 0 {
		<-c.gate
		return fmt.Errorf("query a database: %w", iofs.ErrClosed)
	}
	_ = c.vfs.failed() // before this query
	return nil
}

// A cStrings is texts as C has them.
type cStrings struct {
	tls *libc.TLS
	at  []uintptr
}

func (c *Conn) strings(all ...string) (cStrings, error) {
	s := cStrings{tls: c.tls}
	for _, text := range all {
		p, err := libc.CString(text)
		if err != nil {
			s.free()
			return s, err
		}
		s.at = append(s.at, p)
	}
	return s, nil
}

func (s cStrings) free() {
	for _, p := range s.at {
		libc.Xfree(s.tls, p)
	}
}

// pointer is an address in the memory of SQLite, which is none of Go's.
func pointer(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

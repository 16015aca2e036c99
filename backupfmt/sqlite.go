package backupfmt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"sync/atomic"
	"time"

	"modernc.org/sqlite/vfs"

	"ibfs/backupfmt/internal/sqlite"
)

// A Database is a SQLite database of a backup, read page by page through the
// reader of its content: no copy of it exists anywhere. It has one connection,
// and those who query it at once wait for each other. The error of a query wraps
// ErrHost where a page could not be read from the disk.
type Database struct {
	*sqlite.Conn
	vfs    *vfs.FS
	cut    error
	closer []io.Closer
	log    error
}

// LogError is why the database's log (-wal) could not be read whole, nil when it
// was or there is none. With it, queries find what was moved out of the log before
// the backup, at most the first of what is in it, and not what was written last.
func (d *Database) LogError() error { return d.log }

// Close closes the database and then what it was read from.
func (d *Database) Close() error {
	errs := []error{d.Conn.Close(), d.vfs.Close()}
	for _, c := range d.closer {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Cut is nil, or an error that wraps ErrDamaged and says after how many bytes the
// file ends before its header says so. Of a database with a log it is nil: what
// is missing can be in there.
func (d *Database) Cut() error { return d.cut }

// content is what a database file is read from. A nil reader is no file.
type content struct {
	io.ReaderAt
	size int64
}

const (
	// dbWindow is how much one read of the host brings in at a time, in bytes:
	// SQLite asks for one page of 4 KiB.
	dbWindow = 64 << 10

	// maxValue bounds one text or blob that SQLite hands out, in bytes.
	maxValue = 256 << 20
)

// openDatabase opens the database in db, with its write-ahead log in wal. The
// caller keeps both open until the database is closed.
//
// With a log, exclusive locking mode lets SQLite apply it without a shared
// memory file; without one, immutable keeps it from looking for either.
func openDatabase(ctx context.Context, db, wal content) (*Database, error) {
	size, err := databaseSize(db)
	if err != nil {
		return nil, err
	}
	var cut error
	if size > db.size && wal.ReaderAt == nil {
		cut = fmt.Errorf("%w: it ends after %d of %d bytes", ErrDamaged, db.size, size)
	}
	db.size = size
	files := &databaseFS{db: db, wal: wal}
	name, v, err := vfs.New(files)
	if err != nil {
		return nil, err
	}
	uri, pragmas := "file:db?mode=ro", []string{"temp_store(memory)", "query_only(1)", "trusted_schema(0)", "cell_size_check(1)"}
	if wal.ReaderAt != nil {
		pragmas = append(pragmas, "locking_mode(exclusive)")
	} else {
		uri += "&immutable=1"
	}
	conn, err := sqlite.Open(ctx, uri, sqlite.VFS{Name: name, Failed: files.lastError}, maxValue, pragmas...)
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return &Database{Conn: conn, vfs: v, cut: cut}, nil
}

// databaseSize is the size that SQLite is told. A file that was cut short
// keeps the length its header claims, because SQLite refuses the whole of it
// otherwise; what is missing is then a damaged page.
func databaseSize(db content) (int64, error) {
	var h [100]byte
	if _, err := db.ReadAt(h[:], 0); err != nil {
		if err == io.EOF {
			return 0, fmt.Errorf("read database header: %w: the file ends in it", ErrDamaged)
		}
		return 0, fmt.Errorf("read database header: %w: %w", ErrHost, err)
	}
	if string(h[:16]) != sqliteMagic {
		return 0, fmt.Errorf("%w: no SQLite header", ErrDamaged)
	}
	page := int64(binary.BigEndian.Uint16(h[16:]))
	if page == 1 {
		page = 65536
	}
	pages := int64(binary.BigEndian.Uint32(h[28:]))
	if binary.BigEndian.Uint32(h[24:]) != binary.BigEndian.Uint32(h[92:]) {
		pages = 0 // written by a SQLite that did not keep the count
	}
	return max(db.size, page*pages), nil
}

const sqliteMagic = "SQLite format 3\x00"

// databaseFS holds the two files that SQLite may ask for.
type databaseFS struct {
	db, wal content
	failed  atomic.Pointer[error] // the last error of the host
}

// lastError is the last error of the host, which it forgets.
func (f *databaseFS) lastError() error {
	if err := f.failed.Swap(nil); err != nil {
		return fmt.Errorf("%w: %w", ErrHost, *err)
	}
	return nil
}

func (f *databaseFS) Open(name string) (iofs.File, error) {
	switch {
	case name == "db":
		return &databaseFile{content: f.db, fs: f}, nil
	case name == "db-wal" && f.wal.ReaderAt != nil:
		return &databaseFile{content: f.wal, fs: f}, nil
	}
	return nil, &iofs.PathError{Op: "open", Path: name, Err: iofs.ErrNotExist}
}

// databaseFile is one connection's view of a file, with a window of its own.
type databaseFile struct {
	content
	fs    *databaseFS
	off   int64 // where the next Read begins
	start int64 // where the window begins
	win   []byte
}

func (f *databaseFile) Seek(off int64, whence int) (int64, error) {
	if whence != io.SeekStart || off < 0 {
		return 0, errors.ErrUnsupported
	}
	f.off = off
	return off, nil
}

func (f *databaseFile) Read(p []byte) (int, error) {
	if f.off < f.start || f.off >= f.start+int64(len(f.win)) {
		if err := f.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.win[f.off-f.start:])
	f.off += int64(n)
	return n, nil
}

func (f *databaseFile) fill() error {
	f.start = f.off - f.off%dbWindow
	if f.win == nil {
		f.win = make([]byte, dbWindow)
	}
	n, err := f.readAt(f.win[:dbWindow], f.start)
	f.win = f.win[:n]
	if f.off < f.start+int64(n) {
		return nil
	}
	if err == io.EOF || errors.Is(err, errBadPlace) {
		return err
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	f.fs.failed.Store(&err)
	return ErrHost // in the place of one that SQLite could take for the end of the file
}

// readAt does not panic: SQLite would go on with a page that was not read.
func (f *databaseFile) readAt(p []byte, off int64) (n int, err error) {
	defer guard(&err)
	return f.ReadAt(p, off)
}

func (f *databaseFile) Stat() (iofs.FileInfo, error) { return f, nil }
func (f *databaseFile) Close() error                 { return nil }

func (f *databaseFile) Name() string        { return "db" }
func (f *databaseFile) Size() int64         { return f.size }
func (f *databaseFile) Mode() iofs.FileMode { return 0o444 }
func (f *databaseFile) ModTime() time.Time  { return time.Time{} }
func (f *databaseFile) IsDir() bool         { return false }
func (f *databaseFile) Sys() any            { return nil }

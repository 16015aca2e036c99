package backupfmt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"

	"modernc.org/sqlite/vfs"

	"ibfs/backupfmt/internal/sqlite"
)

// A Database is a SQLite database of a backup, read page by page through the
// reader of its content: no copy of it exists anywhere. It has one connection,
// and those who query it at once wait for each other. The error of a query is one
// that passes where a page could not be read from the disk; see Passing.
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

// maxValue bounds one text or blob that SQLite hands out, in bytes.
const maxValue = 256 << 20

// OpenDatabase opens a database of the backup for queries, with its -wal where
// the backup holds one; what is damaged of it is left out, see LogError. The error
// is iofs.ErrNotExist when it has no row, and ErrNoBlob when it has no content.
func (b *Backup) OpenDatabase(ctx context.Context, domain, path string) (*Database, error) {
	db, err := b.openPath(ctx, domain, path)
	if err != nil {
		return nil, err
	}
	files := []io.Closer{db}
	log := content{}
	var logErr error
	wal, err := b.openPath(ctx, domain, path+"-wal")
	switch {
	case err == nil:
		files = append(files, wal)
		if wal.Size() > 0 {
			log = content{wal, wal.Size()}
		}
		logErr = checkLog(ctx, log)
	case errors.Is(err, ErrNoBlob), errors.Is(err, ErrDamaged), errors.Is(err, errNoKey), errors.Is(err, iofs.ErrInvalid):
		logErr = err
	case !errors.Is(err, iofs.ErrNotExist):
		db.Close()
		return nil, fmt.Errorf("%s holds rows in its log: %w", path, err)
	}
	if logErr != nil {
		logErr = fmt.Errorf("%s-wal, which has what was written last: %w", path, logErr)
	}
	var d *Database
	if err = ifPassing(logErr); err == nil {
		d, err = openDatabase(ctx, content{db, db.Size()}, log)
	}
	if err != nil {
		for _, f := range files {
			f.Close()
		}
		return nil, err
	}
	d.closer, d.log = files, logErr
	return d, nil
}

func (b *Backup) openPath(ctx context.Context, domain, path string) (*File, error) {
	e, err := b.Lookup(ctx, domain, path)
	if err != nil {
		return nil, err
	}
	return b.Open(ctx, e)
}

// openDatabase opens the database in db, with its write-ahead log in wal. The
// caller keeps both open until the database is closed.
//
// With a log, exclusive locking mode lets SQLite apply it without a shared
// memory file; without one, immutable keeps it from looking for either.
func openDatabase(ctx context.Context, db, wal content, pragmas ...string) (*Database, error) {
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
	uri := "file:db?mode=ro"
	pragmas = append(pragmas, "temp_store(memory)", "query_only(1)", "trusted_schema(0)", "cell_size_check(1)")
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
		return 0, fmt.Errorf("read database header: %w: %w", errHost, err)
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

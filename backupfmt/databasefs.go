package backupfmt

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"sync/atomic"
	"time"
)

// SQLite asks for one page at a time, of 4 KiB most often. One read of the host brings
// in dbWindow bytes where it goes on from the last one, or not far from it, and dbJump
// where it looks up something elsewhere.
const (
	dbWindow = 64 << 10
	dbJump   = 8 << 10
)

// databaseFS holds the two files that SQLite may ask for.
type databaseFS struct {
	db, wal content
	failed  atomic.Pointer[error] // the last error of the host
}

// lastError is the last error of the host, which it forgets.
func (f *databaseFS) lastError() error {
	if err := f.failed.Swap(nil); err != nil {
		return fmt.Errorf("%w: %w", errHost, *err)
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
	if f.win == nil {
		f.win = make([]byte, 0, dbWindow)
	}
	size := int64(dbJump)
	if ahead := f.off - f.start - int64(len(f.win)); ahead >= 0 && ahead < dbWindow {
		size = dbWindow
	}
	f.start = f.off - f.off%dbJump
	n, err := f.readAt(f.win[:size], f.start)
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
	return errHost // in the place of one that SQLite could take for the end of the file
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

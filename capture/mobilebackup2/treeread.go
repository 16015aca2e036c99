package mobilebackup2

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"ibfs/capture/devicelink"
)

// FreeSpace is how many bytes the phone may write: without the reserve.
func (t *Tree) FreeSpace() (uint64, error) { return t.space.free() }

// Open opens a regular file.
func (t *Tree) Open(path string) (io.ReadCloser, error) {
	if err := checkPath(t.udid, path); err != nil {
		return nil, err
	}
	t.dirs.room()
	r, err := t.dirs.open(path)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// open opens a regular file.
func (d *openDirs) open(path string) (reader, error) {
	dir, name := split(path)
	at, err := d.at(dir, false)
	if err != nil {
		return 0, err
	}
	// A pipe would make the opening wait.
	fd, err := openAt(at, name, unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return 0, fmt.Errorf("open a file: %w", err)
	}
	var st unix.Stat_t
	if err = retry(func() error { return unix.Fstat(fd, &st) }); err == nil {
		err = regular(&st)
	}
	if err != nil {
		return 0, errors.Join(err, unix.Close(fd))
	}
	return reader(fd), nil
}

// regular is nil for a regular file.
func regular(st *unix.Stat_t) error {
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return nil
	case unix.S_IFDIR:
		return unix.EISDIR
	case unix.S_IFLNK:
		return unix.ELOOP
	}
	return fmt.Errorf("%w: neither a file nor a folder", devicelink.ErrRefused)
}

// reader is the descriptor of a file that is read from its start.
type reader int

func (r reader) Read(p []byte) (n int, err error) {
	err = retry(func() error { n, err = unix.Read(int(r), p); return err })
	switch {
	case err != nil:
		return 0, err
	case n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return n, nil
}

func (r reader) Close() error { return unix.Close(int(r)) }

// List gives what is in a folder, without what is ours. "" is the folder around the
// backup, of which only the backup is told.
func (t *Tree) List(path string, yield func(devicelink.Entry) error) error {
	if path != "" {
		if err := checkPath(t.udid, path); err != nil {
			return err
		}
	}
	t.dirs.room()
	at, err := t.dirs.at(path, false)
	if err != nil {
		return err
	}
	if path == "" {
		return tell(at, t.udid, yield)
	}
	return entries(at, func(e iofs.DirEntry) error {
		if strings.HasPrefix(e.Name(), ownPrefix) {
			return nil
		}
		return tell(at, e.Name(), yield)
	})
}

func tell(at int, name string, yield func(devicelink.Entry) error) error {
	st, err := stat(at, name)
	if errors.Is(err, iofs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at an entry: %w", err)
	}
	return yield(newEntry(name, &st))
}

func newEntry(name string, st *unix.Stat_t) devicelink.Entry {
	e := devicelink.Entry{Name: name, Kind: devicelink.Unknown, Size: st.Size, ModTime: time.Unix(st.Mtim.Unix())}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		e.Kind = devicelink.Regular
	case unix.S_IFDIR:
		e.Kind = devicelink.Directory
	}
	return e
}

// entries gives the names in an open folder, and their types.
func entries(at int, yield func(iofs.DirEntry) error) error {
	fd, err := openDir(at, ".") // with a place in the folder of its own
	if err != nil {
		return err
	}
	dir := os.NewFile(uintptr(fd), "a folder of the backup")
	for err == nil {
		var some []iofs.DirEntry
		some, err = dir.ReadDir(1024)
		for _, e := range some {
			if failed := yield(e); failed != nil {
				return errors.Join(failed, dir.Close())
			}
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, dir.Close())
}

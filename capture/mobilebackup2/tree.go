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

// A Tree is the folder that a phone works on: a backup that is being made, or one
// to restore from. It must be the phone's own: a clone, never a published snapshot.
// A clone by hard links will do, as no file is ever written in place.
//
// The phone reaches the folder named by its UDID and what lies in it, by regular
// files and folders alone; new files are 0600 and new folders 0700. A Tree is used
// by one goroutine at a time.
type Tree struct {
	root   *os.Root
	udid   string
	dirs   openDirs
	space  space
	made   int // files so far, for their names
	closed bool

	// staging is where files are until they are whole: in the backup's own folder,
	// which may be a volume of its own, and in one place, where they are easily found.
	staging string
}

var _ devicelink.Store = (*Tree)(nil)

// TreeOptions are what a tree needs to know beside its place.
type TreeOptions struct {
	Reserve uint64 // bytes of the volume that stay free; 0 is DefaultReserve
}

// OpenTree opens the folder root, which holds or will hold that of the backup,
// udid. What an earlier run that was killed left half written is removed. root
// must stay open as long as the tree.
func OpenTree(root *os.Root, udid string, o TreeOptions) (*Tree, error) {
	t := &Tree{root: root, udid: udid, staging: udid + "/" + ownPrefix + "staging"}
	if err := t.checkPath(udid); err != nil {
		return nil, fmt.Errorf("open a working tree for %q: %w", udid, err)
	}
	if o.Reserve == 0 {
		o.Reserve = DefaultReserve
	}
	var err error
	if t.dirs, err = newDirs(root); err != nil {
		return nil, fmt.Errorf("open a working tree: %w", err)
	}
	t.space = space{volume: t.dirs.top, reserve: o.Reserve}
	if err := t.sweep(); err != nil {
		return nil, errors.Join(fmt.Errorf("clear what an earlier run left: %w", err), t.dirs.close())
	}
	return t, nil
}

// Close leaves the folder without a trace of ours. Only the first call does anything.
func (t *Tree) Close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	return errors.Join(t.sweep(), t.dirs.close())
}

func (t *Tree) sweep() error {
	t.dirs.forget()
	if _, err := t.dirs.at(t.udid, false); err != nil {
		if errors.Is(err, iofs.ErrNotExist) {
			return nil
		}
		return err
	}
	return t.root.RemoveAll(t.staging)
}

// FreeSpace is how many bytes the phone may write: without the reserve.
func (t *Tree) FreeSpace() (uint64, error) { return t.space.free() }

// Open opens a regular file.
func (t *Tree) Open(path string) (io.ReadCloser, error) {
	if err := t.checkPath(path); err != nil {
		return nil, err
	}
	t.dirs.room()
	r, err := t.open(path)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (t *Tree) open(path string) (reader, error) {
	dir, name := split(path)
	at, err := t.dirs.at(dir, false)
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
		if err := t.checkPath(path); err != nil {
			return err
		}
	}
	t.dirs.room()
	at, err := t.dirs.at(path, false)
	if err != nil {
		return err
	}
	if path == "" {
		return t.tell(at, t.udid, yield)
	}
	return entries(at, func(name string) error {
		if strings.HasPrefix(name, ownPrefix) {
			return nil
		}
		return t.tell(at, name, yield)
	})
}

func (t *Tree) tell(at int, name string, yield func(devicelink.Entry) error) error {
	st, err := stat(at, name)
	if errors.Is(err, iofs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at an entry: %w", err)
	}
	e := devicelink.Entry{Name: name, Kind: devicelink.Unknown, Size: st.Size, ModTime: time.Unix(st.Mtim.Unix())}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		e.Kind = devicelink.Regular
	case unix.S_IFDIR:
		e.Kind = devicelink.Directory
	}
	return yield(e)
}

// entries gives the names in an open folder.
func entries(at int, yield func(name string) error) error {
	fd, err := openDir(at, ".") // with a place in the folder of its own
	if err != nil {
		return err
	}
	dir := os.NewFile(uintptr(fd), "a folder of the backup")
	for err == nil {
		var names []string
		names, err = dir.Readdirnames(1024)
		for _, name := range names {
			if failed := yield(name); failed != nil {
				return errors.Join(failed, dir.Close())
			}
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, dir.Close())
}

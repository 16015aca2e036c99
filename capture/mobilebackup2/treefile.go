package mobilebackup2

import (
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"ibfs/capture/devicelink"
)

// file is one that is on its way into the tree. Until it is whole it lies in the
// staging folder.
type file struct {
	t    *Tree
	path string
	fd   int
	name string // in the staging folder
}

// Create makes a file that takes its place when it is committed.
func (t *Tree) Create(path string) (devicelink.Writer, error) {
	if err := checkPath(t.udid, path); err != nil {
		return nil, err
	}
	if path == t.udid {
		return nil, fmt.Errorf("%w: a file in the place of the backup", devicelink.ErrRefused)
	}
	t.dirs.room()
	f, err := t.create(path)
	if err != nil {
		return nil, err // no *file that is nil
	}
	return f, nil
}

func (t *Tree) create(path string) (*file, error) {
	if err := t.space.take(leastSize); err != nil {
		return nil, err
	}
	at, err := t.dirs.at(t.staging, true)
	if err != nil {
		return nil, err
	}
	f := &file{t: t, path: path, name: strconv.Itoa(t.made)}
	t.made++
	f.fd, err = openAt(at, f.name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create a file: %w", err)
	}
	return f, nil
}

func (f *file) Write(p []byte) (int, error) {
	if err := f.t.space.take(len(p)); err != nil {
		return 0, err
	}
	done := 0
	for done < len(p) {
		n, err := unix.Write(f.fd, p[done:])
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return done, fmt.Errorf("write a file: %w", err)
		}
		done += n
	}
	return done, nil
}

// Commit puts the file in its place, of which it makes the folders.
func (f *file) Commit() error {
	err := unix.Close(f.fd)
	f.fd = -1
	if err == nil {
		err = f.place()
	}
	if err != nil {
		f.Discard()
		return fmt.Errorf("keep a file: %w", err)
	}
	return nil
}

func (f *file) place() error {
	f.t.dirs.room()
	dirs := &f.t.dirs
	from, err := dirs.at(f.t.staging, false)
	if err != nil {
		return err
	}
	dir, name := split(f.path)
	to, err := dirs.at(dir, true)
	if err != nil {
		return err
	}
	return rename(from, f.name, to, name)
}

// Discard removes what there is of the file. One that cannot be removed goes with
// the staging folder.
func (f *file) Discard() {
	if f.fd >= 0 {
		_ = unix.Close(f.fd)
		f.fd = -1
	}
	if at, err := f.t.dirs.at(f.t.staging, false); err == nil {
		_ = retry(func() error { return unix.Unlinkat(at, f.name, 0) })
	}
}

func rename(fromDir int, from string, toDir int, to string) error {
	return retry(func() error { return unix.Renameat(fromDir, from, toDir, to) })
}

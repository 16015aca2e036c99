package mobilebackup2

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"ibfs/capture/devicelink"
)

const (
	wholeMode = 0o600
	partMode  = 0o200 // of a file in its place that is not whole
)

// file is one that is on its way into the tree. In its own place it has partMode
// until it is whole. One that replaces another, and any where the file system has no
// modes, lies in the staging folder until then.
type file struct {
	t      *Tree
	path   string
	fd     int
	staged string // its name in the staging folder; "" when it is in its place
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
		return nil, fmt.Errorf("create a file: %w", err) // no *file that is nil
	}
	return f, nil
}

func (t *Tree) create(path string) (*file, error) {
	if err := t.space.take(leastSize); err != nil {
		return nil, err
	}
	staging, err := t.stage()
	if err != nil {
		return nil, err
	}
	f := &file{t: t, path: path}
	if t.marks {
		dir, name := split(path)
		at, err := t.dirs.at(dir, true)
		if err != nil {
			return nil, err
		}
		f.fd, err = openAt(at, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, partMode)
		if !errors.Is(err, unix.EEXIST) {
			return f, err
		}
	}
	f.staged = strconv.Itoa(t.made)
	t.made++
	f.fd, err = openAt(staging, f.staged, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, wholeMode)
	return f, err
}

// stage is the staging folder, which must be there before any file is. At first it
// tells what the file system makes of modes.
func (t *Tree) stage() (int, error) {
	if at, ok := t.dirs.fds[t.staging]; ok {
		return at, nil
	}
	at, err := t.dirs.at(t.staging, true)
	if err != nil || t.tried {
		return at, err
	}
	t.marks, err = keepsModes(at)
	t.tried = err == nil
	return at, err
}

// keepsModes tries whether a file can be written that has partMode, and has it.
func keepsModes(at int) (bool, error) {
	const name = "mode"
	fd, err := openAt(at, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, partMode)
	if err != nil {
		return false, err
	}
	var before, after unix.Stat_t
	_, err = unix.Write(fd, []byte{0})
	err = errors.Join(err, unix.Fstat(fd, &before), unix.Fchmod(fd, wholeMode), unix.Fstat(fd, &after))
	keeps := err == nil && before.Mode == unix.S_IFREG|partMode && after.Mode == unix.S_IFREG|wholeMode
	return keeps, errors.Join(unix.Close(fd), unix.Unlinkat(at, name, 0))
}

// pieceSize is how much is written at a time. Linux looks for a run of free pages as long
// as what is written, and for more than 32 KiB it moves others out of the way when
// memory is full of cached files: with pieces of 64 to 512 KiB a capture took up to twice
// the processor time then, and no less otherwise.
const pieceSize = 32 << 10

func (f *file) Write(p []byte) (int, error) {
	if err := f.t.space.take(len(p)); err != nil {
		return 0, err
	}
	done := 0
	for done < len(p) {
		n, err := unix.Write(f.fd, p[done:min(len(p), done+pieceSize)])
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

// Commit puts the file in its place, or makes it whole there.
func (f *file) Commit() error {
	var err error
	if f.staged == "" {
		err = retry(func() error { return unix.Fchmod(f.fd, wholeMode) })
	}
	err = errors.Join(err, unix.Close(f.fd))
	f.fd = -1
	if err == nil && f.staged != "" {
		err = f.place()
	}
	if err != nil {
		f.Discard(context.Background())
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
	return rename(from, f.staged, to, name)
}

// Discard removes what there is of the file. One that cannot be removed just now goes
// before the next run, as does any once ctx has ended: a file of gigabytes takes a second.
func (f *file) Discard(ctx context.Context) {
	if f.fd >= 0 {
		_ = unix.Close(f.fd)
		f.fd = -1
	}
	if ctx.Err() != nil {
		f.t.parts = true
		return
	}
	dir, name := split(f.path)
	if f.staged != "" {
		dir, name = f.t.staging, f.staged
	}
	at, err := f.t.dirs.at(dir, false)
	if err == nil {
		err = retry(func() error { return unix.Unlinkat(at, name, 0) })
	}
	f.t.parts = f.t.parts || err != nil
}

func rename(fromDir int, from string, toDir int, to string) error {
	return retry(func() error { return unix.Renameat(fromDir, from, toDir, to) })
}

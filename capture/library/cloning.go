package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"log/slog"
	"os"
	"path"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// A cloning makes one tree the same as another.
type cloning struct {
	disk     disk
	log      *slog.Logger
	from, to *os.Root
	way      Way
	resumed  bool // part of it may be there
	meter    *meter
	copied   atomic.Int64 // files that had to be copied, though way is another
}

const cloneTemp = tempPrefix + "clone"

func (c *cloning) run(ctx context.Context) error {
	return walk(ctx, func(folder string) ([]string, error) { return c.folder(ctx, folder) })
}

// folder clones the files that lie in one folder, and makes those in it.
func (c *cloning) folder(ctx context.Context, name string) (inside []string, err error) {
	from, err := c.from.Open(name)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	to, err := c.to.Open(name)
	if err != nil {
		return nil, err
	}
	defer to.Close()
	have, err := c.have(to)
	if err != nil {
		return nil, err
	}
	err = entries(from, func(e iofs.DirEntry) error {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case e.IsDir():
			inside = append(inside, e.Name())
			return c.disk.mkdir(c.to, path.Join(name, e.Name()))
		case !e.Type().IsRegular():
			c.log.Warn("left out of the clone: neither a file nor a folder", "folder", name)
			return nil
		}
		if !have[e.Name()] {
			if err := c.file(ctx, from, to, e.Name()); err != nil {
				return err
			}
		}
		c.meter.add(1, 0)
		return nil
	})
	c.meter.tell()
	return inside, err
}

// have are the files that an earlier run has cloned: each got its name when it
// was complete.
func (c *cloning) have(to *os.File) (map[string]bool, error) {
	if !c.resumed {
		return nil, nil
	}
	have := map[string]bool{}
	err := entries(to, func(e iofs.DirEntry) error {
		have[e.Name()] = true
		return nil
	})
	if err == nil && have[cloneTemp] {
		err = unix.Unlinkat(int(to.Fd()), cloneTemp, 0)
	}
	return have, err
}

func (c *cloning) file(ctx context.Context, from, to *os.File, name string) (err error) {
	switch c.way {
	case Link:
		err = c.disk.do("link", name, func() error {
			return unix.Linkat(int(from.Fd()), name, int(to.Fd()), name, 0)
		})
	case Reflink:
		err = c.disk.do("reflink", name, func() error { return reflink(from, to, name, cloneTemp) })
		if err == nil {
			err = c.place(from, to, name)
		}
	default:
		return c.copy(ctx, from, to, name)
	}
	if !unshareable(err) {
		return err
	}
	c.copied.Add(1)
	return c.copy(ctx, from, to, name)
}

// unshareable tells what is about this one file: it has had all the links it may
// have, is another user's, or lies in blocks that cannot be shared.
func unshareable(err error) bool {
	for _, errno := range []unix.Errno{unix.EMLINK, unix.EPERM, unix.ENOTSUP, unix.EOPNOTSUPP, unix.EINVAL, unix.EXDEV} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// copyStep is what is copied before ctx is looked at again.
const copyStep = 32 << 20

func (c *cloning) copy(ctx context.Context, from, to *os.File, name string) error {
	err := c.disk.do("copy", name, func() (err error) {
		in, err := openFile(from, name)
		if err != nil {
			return err
		}
		defer in.Close()
		out, err := createFile(to, cloneTemp, fileMode)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, out.Close()) }()
		for {
			n, err := io.CopyN(out, in, copyStep)
			c.meter.add(0, n)
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			c.meter.tell()
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
	})
	if err != nil {
		return err
	}
	return c.place(from, to, name)
}

// place gives a complete file its time and its name.
func (c *cloning) place(from, to *os.File, name string) error {
	return c.disk.do("rename", name, func() error {
		var st unix.Stat_t
		if err := unix.Fstatat(int(from.Fd()), name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return err
		}
		times := []unix.Timespec{st.Mtim, st.Mtim}
		if err := unix.UtimesNanoAt(int(to.Fd()), cloneTemp, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return err
		}
		return unix.Renameat(int(to.Fd()), cloneTemp, int(to.Fd()), name)
	})
}

// openFile opens a regular file in a folder, and nothing that a link leads to.
func openFile(dir *os.File, name string) (*os.File, error) {
	return openAt(dir, name, unix.O_RDONLY, 0)
}

// createFile makes a new file, in the place of what a process left there that
// ended before its time.
func createFile(dir *os.File, name string, mode uint32) (*os.File, error) {
	f, err := openAt(dir, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, mode)
	if !errors.Is(err, unix.EEXIST) {
		return f, err
	}
	if err := unix.Unlinkat(int(dir.Fd()), name, 0); err != nil {
		return nil, &os.PathError{Op: "remove", Path: name, Err: err}
	}
	return openAt(dir, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, mode)
}

func openAt(dir *os.File, name string, flags int, mode uint32) (*os.File, error) {
	fd, err := unix.Openat(int(dir.Fd()), name, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, mode)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	f := os.NewFile(uintptr(fd), name)
	if fi, err := f.Stat(); err != nil || !fi.Mode().IsRegular() {
		f.Close()
		return nil, errors.Join(err, fmt.Errorf("open %s: %w", name, ErrOddFile))
	}
	return f, nil
}

package library

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// A sealing takes the leave to write from the files of a tree, and sums them up.
type sealing struct {
	i      *Incoming
	tree   *os.Root
	base   *os.Root // what it was cloned from; nil when that is nothing, or gone
	each   bool     // files must be made durable one by one
	meter  *meter
	noMode atomic.Bool // the file system has no modes

	files, bytes, own atomic.Int64
}

func (i *Incoming) seal(ctx context.Context, progress func(Progress)) (*sealing, error) {
	tree, err := i.Root.OpenRoot(i.w.d.udid)
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	s := &sealing{i: i, tree: tree, meter: newMeter(progress, Publishing, 0)}
	whole, err := syncsWhole(i.volume)
	if err != nil {
		return nil, err
	}
	s.each = !whole
	if i.Base != "" {
		s.base, err = i.w.root.OpenRoot(path.Join(snapshotsDir, i.Base))
		if err == nil {
			defer s.base.Close()
		} else if !errors.Is(err, iofs.ErrNotExist) { // it was deleted meanwhile
			return nil, err
		}
	}
	if err := s.unshare(ctx); err != nil {
		return nil, err
	}
	return s, walk(ctx, func(folder string) ([]string, error) { return s.folder(ctx, folder) })
}

// unshare gives the tree its own copies of what describes a backup, where the
// device has not sent it anew: those are the files that other programs open to
// write, as a database that they look into.
func (s *sealing) unshare(ctx context.Context) error {
	top, err := s.tree.Open(".")
	if err != nil {
		return err
	}
	defer top.Close()
	var shared []string
	err = entries(top, func(e iofs.DirEntry) error {
		if !e.Type().IsRegular() || !slices.Contains(describing, e.Name()) {
			return nil
		}
		var st unix.Stat_t
		err := unix.Fstatat(int(top.Fd()), e.Name(), &st, unix.AT_SYMLINK_NOFOLLOW)
		if err == nil && st.Nlink > 1 {
			shared = append(shared, e.Name())
		}
		return err
	})
	c := cloning{disk: s.i.w.disk, meter: s.meter}
	for _, name := range shared {
		err = errors.Join(err, c.copy(ctx, top, top, name))
	}
	return err
}

// describing are the files at the top of a backup that tell of it.
var describing = []string{
	"Info.plist", "Manifest.plist", "Status.plist", "Manifest.db", "Manifest.db-wal", "Manifest.db-shm", "Manifest.mbdb", "Manifest.mbdx",
}

// belongs tells whether an entry has its place in a backup: in the folder of two
// digits that its name begins with, or before iOS 10 at the top, or among describing.
func belongs(folder string, e iofs.DirEntry) bool {
	name := e.Name()
	switch {
	case folder != ".":
		return !e.IsDir() && isHex(name, 40) && strings.HasPrefix(name, folder)
	case e.IsDir():
		return isHex(name, 2)
	}
	return isHex(name, 40) || slices.Contains(describing, name)
}

func isHex(name string, digits int) bool {
	return len(name) == digits && strings.Trim(name, "0123456789abcdef") == ""
}

// drop removes what the device sent that no backup has, and which each later
// snapshot would take over, and what was on the way when a run was cut off.
func (s *sealing) drop(name string) error {
	if !strings.HasPrefix(path.Base(name), tempPrefix) {
		s.i.w.log.Warn("left out of the snapshot, as it is no part of a backup", "name", name)
	}
	return s.i.w.disk.do("remove", name, func() error { return s.tree.RemoveAll(name) })
}

func (s *sealing) folder(ctx context.Context, name string) (inside []string, err error) {
	dir, err := s.tree.Open(name)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	base := s.baseFolder(name)
	if base != nil {
		defer base.Close()
	}
	err = entries(dir, func(e iofs.DirEntry) error {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !belongs(name, e):
			return s.drop(path.Join(name, e.Name()))
		case e.IsDir():
			inside = append(inside, e.Name())
			return nil
		case !e.Type().IsRegular():
			return fmt.Errorf("%s: %w", path.Join(name, e.Name()), ErrOddFile)
		}
		return s.file(dir, base, e.Name())
	})
	s.meter.tell()
	if err == nil && s.each {
		err = s.i.w.disk.sync(s.tree, name)
	}
	return inside, err
}

// baseFolder is the same folder of the snapshot before; nil when it has none.
func (s *sealing) baseFolder(name string) *os.File {
	if s.base == nil {
		return nil
	}
	dir, err := s.base.Open(name)
	if err != nil {
		return nil
	}
	return dir
}

func (s *sealing) file(dir, base *os.File, name string) error {
	var st unix.Stat_t
	if err := unix.Fstatat(int(dir.Fd()), name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return &os.PathError{Op: "stat", Path: name, Err: err}
	}
	if st.Mode&0o7777 != sealedMode {
		if err := s.sealFile(dir, name); err != nil {
			return err
		}
	}
	s.files.Add(1)
	s.bytes.Add(st.Size)
	if !s.shared(&st, base, name) {
		s.own.Add(st.Size)
	}
	s.meter.add(1, 0)
	return nil
}

func (s *sealing) sealFile(dir *os.File, name string) error {
	if s.each {
		err := s.i.w.disk.do("fsync", name, func() error {
			f, err := openFile(dir, name)
			if err != nil {
				return err
			}
			defer f.Close()
			return syncFile(f)
		})
		if err != nil {
			return err
		}
	}
	if s.noMode.Load() {
		return nil
	}
	err := s.i.w.disk.do("chmod", name, func() error { return unix.Fchmodat(int(dir.Fd()), name, sealedMode, 0) })
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.ENOSYS) {
		s.noMode.Store(true)
		return nil
	}
	return err
}

// shared tells whether a file shares its data with the snapshot before.
func (s *sealing) shared(st *unix.Stat_t, base *os.File, name string) bool {
	switch s.i.Way {
	case Link:
		return st.Nlink > 1
	case Reflink:
		var before unix.Stat_t
		return base != nil && unix.Fstatat(int(base.Fd()), name, &before, unix.AT_SYMLINK_NOFOLLOW) == nil &&
			st.Size == before.Size && st.Mtim == before.Mtim
	}
	return false
}

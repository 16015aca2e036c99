package library

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"log/slog"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	lockName     = "lock"
	snapshotsDir = "snapshots"
	incomingDir  = "incoming"
	trashDir     = "trash"
)

// A Writer is the one that may change a device's folder. It is for one
// goroutine at a time.
type Writer struct {
	d    *Device
	root *os.Root // the device's folder
	lock *os.File
	disk disk
	log  *slog.Logger

	open *Incoming // the tree that is in use
}

// Lock makes the device's folder where it is missing, takes its lock, and
// removes what a process left behind that ended before its time. It does not
// wait for a lock that another holds: that is a [*BusyError]. The lock goes
// with the process that has it, however it ends.
//
// Other errors wrap [ErrReadOnly], [ErrNoLocks], [ErrNoSpace] or [ErrOtherVolume].
func (d *Device) Lock(ctx context.Context) (*Writer, error) {
	w := &Writer{d: d, disk: d.lib.disk, log: d.lib.log}
	if err := w.begin(ctx); err != nil {
		w.Close()
		return nil, fmt.Errorf("lock the backups of a device: %w", err)
	}
	return w, nil
}

func (w *Writer) begin(ctx context.Context) error {
	lib, err := os.OpenRoot(w.d.lib.dir)
	if err != nil {
		return err
	}
	defer lib.Close()
	if err := w.disk.mkdir(lib, w.d.udid); err != nil {
		return err
	}
	if fi, err := lib.Lstat(w.d.udid); err != nil || !fi.IsDir() {
		return cmp.Or(err, fmt.Errorf("%s: %w", w.d.Dir(), ErrOtherVolume))
	}
	if w.root, err = lib.OpenRoot(w.d.udid); err != nil {
		return err
	}
	if err := w.take(); err != nil {
		return err
	}
	for _, name := range []string{snapshotsDir, incomingDir, trashDir} {
		if err := w.disk.mkdir(w.root, name); err != nil {
			return err
		}
		if err := w.onVolume(name); err != nil {
			return err
		}
	}
	if err := errors.Join(w.disk.sync(w.root, "."), w.disk.sync(lib, ".")); err != nil {
		return err
	}
	return w.sweep(ctx)
}

// take takes the lock for this writer alone.
func (w *Writer) take() (err error) {
	if w.lock, err = openLock(w.root); err != nil {
		return err
	}
	if err := flock(w.root, w.lock, unix.LOCK_EX, w.log); err != nil {
		return err
	}
	leaveWord(w.disk, w.lock, w.log)
	return nil
}

// onVolume makes sure that renames from folder to folder are possible.
func (w *Writer) onVolume(name string) error {
	var here, there unix.Stat_t
	dir, err := w.root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	err = errors.Join(unix.Fstat(int(dir.Fd()), &here), unix.Fstatat(int(dir.Fd()), name, &there, unix.AT_SYMLINK_NOFOLLOW))
	if err == nil && (there.Mode&unix.S_IFMT != unix.S_IFDIR || here.Dev != there.Dev) {
		err = fmt.Errorf("%s: %w", name, ErrOtherVolume)
	}
	return err
}

// sweep removes what earlier writers left: what was being removed, records
// without a snapshot, files half written, and a working tree that cannot go on.
func (w *Writer) sweep(ctx context.Context) error {
	if err := w.emptyTrash(ctx); err != nil {
		return err
	}
	for _, dir := range []string{".", snapshotsDir} {
		entries, err := iofs.ReadDir(w.root.FS(), dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			left := strings.HasPrefix(e.Name(), tempPrefix)
			if name, ok := strings.CutSuffix(e.Name(), recordSuffix); ok && dir == snapshotsDir {
				_, err := w.root.Lstat(path.Join(dir, name))
				left = left || errors.Is(err, iofs.ErrNotExist)
			}
			if !left || e.IsDir() {
				continue
			}
			if err := w.disk.remove(w.root, path.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return w.dropStale(ctx)
}

// Close gives the lock back, and closes the [Incoming] that is open.
func (w *Writer) Close() error {
	var err error
	if w.open != nil {
		err = w.open.Close()
	}
	if w.lock != nil {
		err = errors.Join(err, w.lock.Close())
	}
	if w.root != nil {
		err = errors.Join(err, w.root.Close())
	}
	return err
}

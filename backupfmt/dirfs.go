package backupfmt

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"sync"
)

// dirFS is a folder of this machine as a file system that no name leaves, not
// even through a symbolic link. It is held open only while it is in use, and
// when the volume it lies on went away and came back, the next access finds it
// again by its path.
type dirFS struct {
	path string
	idle idler

	mu   sync.Mutex
	root *heldRoot // guarded by mu; nil while not in use
}

func newDirFS(path string) (*dirFS, error) {
	d := &dirFS{path: path}
	d.idle.drop = func() bool { d.release(); return true }
	_, err := d.open()
	return d, err
}

// open is the folder, opened when it is not.
func (d *dirFS) open() (*heldRoot, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.root == nil {
		root, err := holdRoot(d.path)
		if err != nil {
			return nil, fmt.Errorf("%w: %v", ErrFolderGone, err) //nolint:errorlint // it must not be taken for a missing blob
		}
		d.root = root
	}
	d.idle.use()
	return d.root, nil
}

// release lets go of the folder until the next access.
func (d *dirFS) release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.root != nil {
		d.root.Close()
		d.root = nil
	}
}

func (d *dirFS) Open(name string) (iofs.File, error) {
	return inRoot(d, func(r *heldRoot) (iofs.File, error) { return r.FS().Open(name) })
}

func (d *dirFS) Stat(name string) (iofs.FileInfo, error) {
	return inRoot(d, func(r *heldRoot) (iofs.FileInfo, error) { return r.Stat(name) })
}

func (d *dirFS) stat(name string) (stat, error) {
	return inRoot(d, func(r *heldRoot) (stat, error) { return r.stat(name) })
}

func (d *dirFS) ReadDir(name string) ([]iofs.DirEntry, error) {
	return inRoot(d, func(r *heldRoot) ([]iofs.DirEntry, error) { return iofs.ReadDir(r.FS(), name) })
}

// inRoot calls do with the folder, and once more when do fails because the
// folder was let go of, or because its path has become another folder.
func inRoot[T any](d *dirFS, do func(*heldRoot) (T, error)) (T, error) {
	var none T
	root, err := d.open()
	if err != nil {
		return none, err
	}
	v, err := do(root)
	if err == nil || !errors.Is(err, os.ErrClosed) && !d.moved(root) {
		return v, err
	}
	if root, err = d.open(); err != nil {
		return none, err
	}
	return do(root)
}

// moved reports that the path names another folder than the one held open,
// which it lets go of.
func (d *dirFS) moved(held *heldRoot) bool {
	now, err := os.Stat(d.path)
	if err != nil {
		return false
	}
	if then, err := held.Stat("."); err == nil && os.SameFile(then, now) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.root == held {
		d.root.Close()
		d.root = nil
	}
	return true
}

// A hostFile is a regular file of the backup folder, open for reading.
type hostFile struct {
	iofs.File
	io.ReaderAt
	size int64
}

var errNotRegular = fmt.Errorf("%w: not a regular file", ErrDamaged)

// openRegular opens a file of fsys that must be a regular one: a pipe would
// block, and a folder or device has no content to show.
func openRegular(fsys iofs.FS, name string) (*hostFile, error) {
	seen, err := statOf(fsys, name)
	if err != nil {
		return nil, err
	}
	if !seen.mode.IsRegular() {
		return nil, fmt.Errorf("open %s: %w", name, errNotRegular)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	r, ok := f.(io.ReaderAt)
	if !ok || !fi.Mode().IsRegular() {
		f.Close()
		return nil, fmt.Errorf("open %s: %w", name, errNotRegular)
	}
	return &hostFile{File: f, ReaderAt: r, size: fi.Size()}, nil
}

// Fd is the descriptor of the host's file, if it has one.
func (f *hostFile) Fd() (uintptr, bool) {
	osf, ok := f.File.(*os.File)
	if !ok {
		return 0, false
	}
	return osf.Fd(), true
}

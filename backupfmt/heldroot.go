package backupfmt

import (
	iofs "io/fs"
	"os"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// A heldRoot is the folder of a backup, held open.
//
// Root.Stat opens and closes each folder on the way, three calls to the host
// for a blob; with a million blobs these were a third of a walk. So a file in a
// folder that has once been seen to be no link is looked at by one call. Whoever
// makes that folder a link later learns a length by it, and no content: what is
// opened always goes the long way.
type heldRoot struct {
	*os.Root
	dir *os.File // the same folder
	fd  syscall.RawConn

	mu   sync.RWMutex
	real map[string]bool // guarded by mu: the folders in it that are folders
}

func holdRoot(path string) (*heldRoot, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	dir, err := root.Open(".")
	if err != nil {
		root.Close()
		return nil, err
	}
	fd, err := dir.SyscallConn()
	if err != nil {
		dir.Close()
		root.Close()
		return nil, err
	}
	return &heldRoot{Root: root, dir: dir, fd: fd, real: map[string]bool{}}, nil
}

func (r *heldRoot) Close() error {
	r.dir.Close()
	return r.Root.Close()
}

// stat tells of name, which must be a clean path.
func (r *heldRoot) stat(name string) (stat, error) {
	if r.direct(name) {
		st, err := r.lstat(name)
		if err != nil {
			return stat{}, &iofs.PathError{Op: "stat", Path: name, Err: err}
		}
		mode := iofs.FileMode(st.Mode & 0o777)
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			return stat{mode, st.Size}, nil
		case unix.S_IFDIR:
			return stat{iofs.ModeDir | mode, st.Size}, nil
		}
	}
	fi, err := r.Stat(name)
	if err != nil {
		return stat{}, err
	}
	return stat{fi.Mode(), fi.Size()}, nil
}

// lstat does not follow name itself if it is a link.
func (r *heldRoot) lstat(name string) (st unix.Stat_t, err error) {
	closed := r.fd.Control(func(fd uintptr) {
		err = unix.Fstatat(int(fd), name, &st, unix.AT_SYMLINK_NOFOLLOW)
	})
	if closed != nil {
		return st, os.ErrClosed
	}
	return st, err
}

// direct reports that no link lies on the way to name.
func (r *heldRoot) direct(name string) bool {
	folder, file, ok := strings.Cut(name, "/")
	if !ok || strings.Contains(file, "/") {
		return !ok
	}
	r.mu.RLock()
	known := r.real[folder]
	r.mu.RUnlock()
	if known {
		return true
	}
	fi, err := r.Lstat(folder)
	if err != nil || fi.Mode().Type() != iofs.ModeDir {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.real[folder] = true
	return true
}

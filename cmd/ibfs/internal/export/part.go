package export

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"math/rand/v2"
	"os"
	"path"
	"strings"
	"syscall"
	"time"
)

const (
	partPrefix = ".ibfs-export-"
	partSuffix = ".part"
)

// partName is what the files of one export are written as until they are
// whole. Two at once into one folder have two.
func partName() string { return fmt.Sprintf("%s%08x%s", partPrefix, rand.Uint32(), partSuffix) }

// A part is a file that is being written. Until it is released it is locked, so
// that no other export takes it for what a killed one left.
type part struct {
	*os.File
	lock *os.File
}

var errPartGone = errors.New("another export removes what this one writes")

func createPart(root *os.Root, name string) (*part, error) {
	for range 10 {
		f, err := root.Create(name)
		if err != nil {
			return nil, err
		}
		lock, err := root.Open(name)
		if err != nil {
			f.Close()
			if !errors.Is(err, iofs.ErrNotExist) {
				return nil, errors.Join(err, root.Remove(name))
			}
			continue // removed just before it could be locked
		}
		p := &part{f, lock}
		hasLocks := flock(lock, syscall.LOCK_EX) == nil // not every file system has
		if !hasLocks || p.is(root, name) {
			return p, nil
		}
		f.Close()
		p.release()
	}
	return nil, errPartGone
}

// is reports that the part still has its name.
func (p *part) is(root *os.Root, name string) bool {
	here, err := root.Lstat(name)
	own, ownErr := p.Stat()
	locked, lockErr := p.lock.Stat()
	return errors.Join(err, ownErr, lockErr) == nil && os.SameFile(here, own) && os.SameFile(here, locked)
}

// release lets go of the lock. The file itself is closed by who wrote it, and may
// have another name by now.
func (p *part) release() { p.lock.Close() }

func flock(f *os.File, how int) error { return syscall.Flock(int(f.Fd()), how) }

// removeParts removes from a folder what an export left that was killed.
func (e *exporter) removeParts(dir string) {
	f, err := e.root.Open(dir)
	if err != nil {
		return // who writes there will tell
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1)
	for _, name := range names {
		if strings.HasPrefix(name, partPrefix) && strings.HasSuffix(name, partSuffix) {
			removeDead(e.root, path.Join(dir, name))
		}
	}
}

// removeDead removes a part that nobody holds a lock on, or, where the file system
// has no locks, that is an hour old.
func removeDead(root *os.Root, name string) {
	info, err := root.Lstat(name)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	f, err := root.Open(name)
	if err != nil {
		return
	}
	defer f.Close()
	err = flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil || !errors.Is(err, syscall.EWOULDBLOCK) && time.Since(info.ModTime()) > time.Hour {
		_ = root.Remove(name)
	}
}

// foldsCase finds out whether a folder takes names that differ by case for
// one, by the name of a file of its own.
func foldsCase(root *os.Root, name string) (bool, error) {
	p, err := createPart(root, name)
	if err != nil {
		return false, err
	}
	defer p.release()
	p.Close()
	defer func() { _ = root.Remove(name) }()
	_, err = root.Lstat(strings.ToUpper(name))
	return err == nil, nil
}

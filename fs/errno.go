package fs

import (
	"context"
	"errors"
	iofs "io/fs"
	"sync"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ibfs/fs/vtree"
)

// errTooMany says that a mount has as many files open as it may.
var errTooMany = errors.New("too many open files in the mount")

// errMissing says that an entry is there but not what it should hold.
var errMissing = errors.New("its content is missing")

// errNoHandle says that a handle is not, or no longer, open.
var errNoHandle = errors.New("no such handle")

// errReadOnly says that a request would change something.
var errReadOnly = errors.New("the mount is read-only")

// status turns the error that a request on an entry ended with into the
// kernel's number for it. What a sound tree does not give is logged, once an
// entry, with the entry's path.
func (s *server) status(ctx *request, op string, id vtree.ID, err error) fuse.Status {
	status, expected := errno(ctx, err)
	if !expected && s.told.first(id) {
		s.log.Warn("cannot "+op, "path", s.path(id), "err", err)
	}
	return status
}

// errno is the kernel's number for an error, and whether it is part of the
// ordinary business of a tree.
func errno(ctx *request, err error) (fuse.Status, bool) {
	switch {
	case ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)):
		return fuse.EINTR, true
	case errors.Is(err, errReadOnly):
		return fuse.EROFS, true
	case errors.Is(err, errTooMany), errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return fuse.Status(syscall.EMFILE), true
	case errors.Is(err, errNoHandle):
		return fuse.EBADF, true
	case errors.Is(err, vtree.ErrNotDir):
		return fuse.ENOTDIR, true
	case errors.Is(err, vtree.ErrIsDir):
		return fuse.EISDIR, true
	case errors.Is(err, vtree.ErrNoLink):
		return fuse.EINVAL, true
	case errors.Is(err, errNoAttr):
		return fuse.ENOATTR, true
	case errors.Is(err, errNoSpace):
		return fuse.ENOTSUP, true
	case errors.Is(err, errRange):
		return fuse.ERANGE, true
	case errors.Is(err, iofs.ErrNotExist) && !ofHost(err):
		// The entry has gone since the kernel learnt its number. ESTALE makes
		// the kernel look the path up again.
		return fuse.Status(syscall.ESTALE), true
	case errors.Is(err, iofs.ErrPermission):
		return fuse.EACCES, false
	}
	return fuse.EIO, false
}

// ofHost reports whether an error is about a file of the backup, which the
// program that uses the mount knows nothing of.
func ofHost(err error) bool {
	var path *iofs.PathError
	var number syscall.Errno
	return errors.As(err, &path) || errors.As(err, &number)
}

// path is where an entry is, for the log. The tree has just failed, so it is
// given little time and may fail again.
func (s *server) path(id vtree.ID) (path string) {
	defer func() {
		if recover() != nil {
			path = "?"
		}
	}()
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	return vtree.Path(ctx, s.tree, id)
}

// maxTold bounds what is kept for not logging things twice.
const maxTold = 1024

// once remembers what has been told.
type once struct {
	mu   sync.Mutex // guards told
	told map[vtree.ID]struct{}
}

// first reports whether an entry is seen for the first time. After maxTold
// entries it is never again.
func (o *once) first(id vtree.ID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := o.told[id]; ok || len(o.told) >= maxTold {
		return false
	}
	if o.told == nil {
		o.told = map[vtree.ID]struct{}{}
	}
	o.told[id] = struct{}{}
	return true
}

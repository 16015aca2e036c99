package fs

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ibfs/fs/vtree"
)

func TestErrno(t *testing.T) {
	closed := make(chan struct{})
	close(closed)
	open, ended := newRequest(make(chan struct{})), newRequest(closed)
	ended.once.Do(func() { ended.late = closed }) // grace has passed
	_, host := os.Open("/no/such/blob")
	for name, c := range map[string]struct {
		ctx      *request
		err      error
		want     fuse.Status
		expected bool
	}{
		"interrupted":                        {ended, fmt.Errorf("list: %w", context.Canceled), fuse.EINTR, true},
		"ended by something else":            {open, context.Canceled, fuse.EIO, false},
		"timed out by itself":                {open, context.DeadlineExceeded, fuse.EIO, false},
		"failed while being interrupted":     {ended, errors.New("bad sector"), fuse.EIO, false},
		"gone":                               {open, fmt.Errorf("entry 7: %w", iofs.ErrNotExist), fuse.Status(syscall.ESTALE), true},
		"a blob that is missing":             {open, fmt.Errorf("row 7: %w", host), fuse.EIO, false},
		"a blob that is missing, an archive": {open, &iofs.PathError{Op: "open", Path: "x", Err: iofs.ErrNotExist}, fuse.EIO, false},
		"a blob that is closed to us":        {open, &iofs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, fuse.EACCES, false},
		"not a folder":                       {open, fmt.Errorf("x: %w", vtree.ErrNotDir), fuse.ENOTDIR, true},
		"a folder":                           {open, vtree.ErrIsDir, fuse.EISDIR, true},
		"not a link":                         {open, vtree.ErrNoLink, fuse.EINVAL, true},
		"no descriptors":                     {open, &iofs.PathError{Op: "open", Path: "x", Err: syscall.EMFILE}, fuse.Status(syscall.EMFILE), true},
		"a disk that is unplugged":           {open, &iofs.PathError{Op: "read", Path: "x", Err: syscall.EIO}, fuse.EIO, false},
		"read only":                          {open, errReadOnly, fuse.EROFS, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got, expected := errno(c.ctx, c.err); got != c.want || expected != c.expected {
				t.Errorf("%v, %v; want %v, %v", got, expected, c.want, c.expected)
			}
		})
	}
}

func TestOnceIsBounded(t *testing.T) {
	var o once
	for id := range vtree.ID(2 * maxTold) {
		if got := o.first(id); got != (id < maxTold) {
			t.Fatalf("entry %d: %v", id, got)
		}
		if o.first(id) {
			t.Fatalf("entry %d twice", id)
		}
	}
}

// Nodes and entries stand for each other, whatever number the root has.
func TestNodes(t *testing.T) {
	for _, root := range []vtree.ID{0, 1, 7, 3 << 30, 5<<40 | 1} {
		s := newServer(vtree.NewStatic(root, vtree.Meta{}), Options{})
		seen := map[uint64]vtree.ID{}
		for _, id := range []vtree.ID{0, 1, 2, 7, 3 << 30, 5<<40 | 1, 1<<63 - 1} {
			node := s.node(id)
			if other, ok := seen[node]; ok || node == 0 || node == 1<<64-1 || (node == 1) != (id == root) {
				t.Errorf("root %#x: %#x is node %#x, as %#x is", root, id, node, other)
			}
			seen[node] = id
			if back := s.id(node); back != id {
				t.Errorf("root %#x: node %#x of %#x is %#x", root, node, id, back)
			}
		}
	}
}

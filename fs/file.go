package fs

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ibfs/fs/vtree"
)

// Open opens a file and tells the kernel its exact size, should that differ
// from what the attributes said until now: programs read as far as the kernel
// knows.
func (s *server) Open(cancel <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	ctx, id := newRequest(cancel), s.id(in.NodeId)
	defer ctx.end()
	if in.Flags&(syscall.O_WRONLY|syscall.O_RDWR|syscall.O_TRUNC) != 0 {
		return s.status(ctx, "open", id, errReadOnly)
	}
	node, err := s.files.take(ctx, id)
	if err != nil {
		return s.status(ctx, "open", id, err)
	}
	kept := false
	defer func() { // also when the tree panics
		if !kept {
			s.files.drop(node)
		}
	}()
	a, err := s.tree.Attr(ctx, id)
	if err != nil {
		return s.status(ctx, "open", id, err)
	}
	f, err := s.tree.Open(ctx, id)
	if errors.Is(err, iofs.ErrNotExist) {
		err = fmt.Errorf("%w: %s", errMissing, err.Error()) // the entry is there
	}
	if err != nil {
		return s.status(ctx, "open", id, err)
	}
	if err := vtree.Damage(f); err != nil && s.told.first(id) {
		s.log.Warn("what is read is not whole", "path", s.path(id), "err", err)
	}
	if f.Size() != a.Size {
		// Attributes alone: no lock that this request holds is needed.
		s.kernel.InodeNotify(in.NodeId, -1, 0)
	}
	s.decide(node, f, a.Volatile)
	switch {
	case node.how == through:
		out.OpenFlags, out.BackingID = fuse.FOPEN_PASSTHROUGH, node.back
	case !a.Volatile:
		out.OpenFlags = fuse.FOPEN_KEEP_CACHE
	}
	kept = true
	out.Fh = s.files.keep(node, f)
	return fuse.OK
}

// decide chooses how the kernel reads a node, which the first of its open files
// does for those beside it.
func (s *server) decide(n *openNode, f vtree.File, volatile bool) {
	if n.how != undecided {
		return
	}
	n.how = cached
	host, ok := f.(vtree.Backed)
	if !ok || volatile {
		return
	}
	if back, ok := s.backing.register(s.kernel, host.Fd()); ok {
		n.how, n.back = through, back
	}
}

// Read fills the kernel's buffer, or up to the file's end. Content that ends
// before its size is an error, never zeros.
func (s *server) Read(cancel <-chan struct{}, in *fuse.ReadIn, buf []byte) (fuse.ReadResult, fuse.Status) {
	ctx := newRequest(cancel)
	defer ctx.end()
	h, err := s.files.get(in.Fh)
	if err != nil {
		return nil, s.status(ctx, "read", s.id(in.NodeId), err)
	}
	if err := ctx.Err(); err != nil {
		return nil, s.status(ctx, "read", h.node.id, err)
	}
	offset := int64(in.Offset)
	want := max(0, min(int64(len(buf)), h.file.Size()-offset))
	if r := s.spliceable(h, ctx, offset, want); r != nil {
		return r, fuse.OK
	}
	n, err := h.file.ReadAt(buf[:want], offset)
	if int64(n) < want {
		return nil, s.short(ctx, h, offset, want, n, err)
	}
	// A vector goes to the kernel by one writev; plain data would fill a pipe
	// for a splice that never comes.
	return fuse.ReadResultVector([][]byte{buf[:n]}), fuse.OK
}

// short tells of content that could not be read to the end of what was asked for.
func (s *server) short(ctx *request, h *handle, offset, want int64, n int, err error) fuse.Status {
	if err == nil || errors.Is(err, io.EOF) {
		err = fmt.Errorf("read %d bytes at %d: got %d: %w", want, offset, n, io.ErrUnexpectedEOF)
	}
	return s.status(ctx, "read", h.node.id, err)
}

// Release closes a file.
func (s *server) Release(cancel <-chan struct{}, in *fuse.ReleaseIn) {
	if err := s.files.release(in.Fh); err != nil && !errors.Is(err, os.ErrClosed) {
		s.status(newRequest(cancel), "close", s.id(in.NodeId), err)
	}
}

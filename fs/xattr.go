package fs

import (
	"errors"
	iofs "io/fs"
	"math"
	"strings"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ibfs/fs/vtree"
)

// What Linux takes for extended attributes, in bytes: a value, and a list of
// names with a NUL behind each. What is longer is left out, as it could not be
// copied; cp and rsync would complain of it.
const (
	maxValue = 64 << 10
	maxList  = math.MaxUint16
)

var (
	errNoSpace = errors.New("no such kind of extended attribute")
	errNoAttr  = errors.New("no such extended attribute")
	errRange   = errors.New("the buffer is too small")
)

// GetXAttr reads one extended attribute. Names of other namespaces, such as
// security.selinux, are not supported here, and that is what it says: ls asks
// for two of them with each file until it hears so.
func (s *server) GetXAttr(cancel <-chan struct{}, h *fuse.InHeader, name string, dest []byte) (uint32, fuse.Status) {
	ctx, id := newRequest(cancel), s.id(h.NodeId)
	defer ctx.end()
	short, ok := strings.CutPrefix(name, xattrPrefix)
	if !ok {
		return 0, s.status(ctx, "read attribute", id, errNoSpace)
	}
	value, err := s.xattr(ctx, id, short)
	if err != nil {
		return 0, s.status(ctx, "read attribute", id, err)
	}
	return s.fill(ctx, id, dest, value)
}

// ListXAttr lists the names, a NUL behind each.
func (s *server) ListXAttr(cancel <-chan struct{}, h *fuse.InHeader, dest []byte) (uint32, fuse.Status) {
	ctx, id := newRequest(cancel), s.id(h.NodeId)
	defer ctx.end()
	var list []byte
	err := s.xattrs(ctx, id, func(name string, _ []byte) bool {
		if len(list)+len(xattrPrefix)+len(name)+1 <= maxList {
			list = append(append(append(list, xattrPrefix...), name...), 0)
		}
		return true
	})
	if err != nil {
		return 0, s.status(ctx, "list attributes", id, err)
	}
	return s.fill(ctx, id, dest, list)
}

func (s *server) xattr(ctx *request, id vtree.ID, name string) (found []byte, err error) {
	ok := false
	err = s.xattrs(ctx, id, func(n string, value []byte) bool {
		if n == name {
			found, ok = value, true
		}
		return !ok
	})
	if err == nil && !ok {
		err = errNoAttr
	}
	return found, err
}

// xattrs yields the attributes of an entry that can be shown. Linux has no
// user.* names on symbolic links, so links have none there.
func (s *server) xattrs(ctx *request, id vtree.ID, yield func(string, []byte) bool) error {
	if !xattrsOnLinks {
		a, err := s.tree.Attr(ctx, id)
		if err != nil || a.Mode.Type() == iofs.ModeSymlink {
			return err
		}
	}
	seq, err := s.tree.Xattrs(ctx, id)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for name, value := range seq {
		full := len(xattrPrefix) + len(name)
		if name == "" || full > maxXattrName || strings.Contains(name, "\x00") || len(value) > maxValue || seen[name] {
			continue
		}
		seen[name] = true
		if !yield(name, value) {
			break
		}
	}
	return nil
}

// fill copies an answer into the kernel's buffer. One of length 0 asks for the
// length alone.
func (s *server) fill(ctx *request, id vtree.ID, dest, answer []byte) (uint32, fuse.Status) {
	n := uint32(len(answer))
	if len(dest) == 0 {
		return n, fuse.OK
	}
	if len(answer) > len(dest) {
		return n, s.status(ctx, "read attribute", id, errRange)
	}
	copy(dest, answer)
	return n, fuse.OK
}

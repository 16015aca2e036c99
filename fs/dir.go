package fs

import (
	iofs "io/fs"
	"math"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ibfs/fs/vtree"
)

// dots is how many entries stand in a listing before those of the tree: "." and "..".
const dots = 2

// OpenDir is not needed where the kernel can do without; it then keeps every
// listing, see ReadDir. Elsewhere each folder says so for itself.
func (s *server) OpenDir(_ <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	if canSkipOpenDir(s.caps) {
		return fuse.ENOSYS
	}
	if !s.volatile.has(s.id(in.NodeId)) {
		out.OpenFlags = fuse.FOPEN_KEEP_CACHE | fuse.FOPEN_CACHE_DIR
	}
	return fuse.OK
}

// ReadDir lists names, numbers and types.
func (s *server) ReadDir(cancel <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	ctx := newRequest(cancel)
	defer ctx.end()
	return s.list(ctx, in, func(e fuse.DirEntry, _ vtree.ID) bool {
		return out.AddDirEntry(e)
	})
}

// ReadDirPlus lists attributes as well: those of folders always, as who lists
// them most often enters them, those of files for who wants them. An entry
// without (node 0) is looked up when it is needed.
func (s *server) ReadDirPlus(cancel <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	ctx, files := newRequest(cancel), s.habits.wants(in.Pid)
	defer ctx.end()
	named := false
	status := s.list(ctx, in, func(e fuse.DirEntry, id vtree.ID) bool {
		entry := out.AddDirLookupEntry(e)
		switch {
		case entry == nil:
			return false
		case e.Off <= dots:
		case !files && e.Mode != fuse.S_IFDIR:
			named = true
		case s.entry(ctx, s.id(in.NodeId), id, entry) != nil:
			*entry = fuse.EntryOut{} // a Lookup will tell why
		}
		return true
	})
	if named {
		s.habits.named(in.Pid, s.id(in.NodeId))
	}
	return status
}

// list adds the entries of a folder from a position on, until add says that no
// more fit. The position of an entry is that of the one behind it.
func (s *server) list(ctx *request, in *fuse.ReadIn, add func(fuse.DirEntry, vtree.ID) bool) fuse.Status {
	dir, pos := s.id(in.NodeId), in.Offset
	if s.volatile.has(dir) {
		defer s.notes.forget(dir)
	}
	for ; pos < dots; pos++ {
		e, err := s.dot(ctx, dir, pos)
		if err != nil {
			return s.status(ctx, "list", dir, err)
		}
		if !add(e, dir) {
			return fuse.OK
		}
	}
	start := pos
	from := int(min(pos-dots, math.MaxInt32))
	err := s.tree.ReadDir(ctx, dir, from, func(name string, id vtree.ID, m iofs.FileMode) bool {
		if !vtree.ValidName(name) {
			pos++ // one bad name would cost the whole page
			if s.told.first(id) {
				s.log.Warn("entry left out of a listing", "name", name, "err", vtree.ErrName)
			}
			return true
		}
		if !add(fuse.DirEntry{Name: name, Ino: s.node(id), Mode: mode(m) &^ 0o777, Off: pos + 1}, id) {
			return false
		}
		pos++
		return true
	})
	if err != nil && pos == start {
		return s.status(ctx, "list", dir, err)
	}
	return fuse.OK // what failed behind the first entry fails again at once
}

func (s *server) dot(ctx *request, dir vtree.ID, pos uint64) (fuse.DirEntry, error) {
	if pos == 0 {
		return fuse.DirEntry{Name: ".", Ino: s.node(dir), Mode: fuse.S_IFDIR, Off: 1}, nil
	}
	parent, err := s.tree.Parent(ctx, dir)
	return fuse.DirEntry{Name: "..", Ino: s.node(parent), Mode: fuse.S_IFDIR, Off: 2}, err
}

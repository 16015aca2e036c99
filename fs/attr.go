package fs

import (
	"context"
	iofs "io/fs"
	"sync"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ibfs/fs/vtree"
)

const (
	forever = 365 * 24 * time.Hour // for what never changes
	briefly = time.Second          // for what can
)

func (s *server) timeout(volatile bool) time.Duration {
	if volatile {
		return briefly
	}
	return forever
}

// entry fills in what Lookup and ReadDirPlus tell of an entry of a folder.
func (s *server) entry(ctx context.Context, dir, id vtree.ID, out *fuse.EntryOut) error {
	timeout, err := s.attr(ctx, id, &out.Attr)
	if err != nil {
		return err
	}
	out.NodeId = s.node(id)
	out.SetEntryTimeout(min(timeout, s.timeout(s.volatile.has(dir))))
	out.SetAttrTimeout(timeout)
	return nil
}

// attr fills in the attributes of an entry, the same for every request that
// tells them, and returns how long they stand.
func (s *server) attr(ctx context.Context, id vtree.ID, out *fuse.Attr) (time.Duration, error) {
	a, err := s.tree.Attr(ctx, id)
	if err != nil {
		return 0, err
	}
	*out = fuse.Attr{
		Ino:     s.node(id),
		Size:    uint64(max(a.Size, 0)),
		Mode:    mode(a.Mode),
		Nlink:   1, // of a folder: not counted
		Owner:   fuse.Owner{Uid: s.uid, Gid: s.gid},
		Blksize: 64 << 10,
	}
	if a.Mode.IsDir() {
		out.Size = 0
		s.volatile.set(id, a.Volatile)
	}
	out.Blocks = (out.Size + 511) / 512
	if !a.ModTime.IsZero() {
		out.SetTimes(&a.ModTime, &a.ModTime, &a.ModTime)
	}
	return s.timeout(a.Volatile), nil
}

// mode is the type of an entry, for listings and attributes alike, with all
// the permissions that a read-only tree has.
func mode(m iofs.FileMode) uint32 {
	switch m.Type() {
	case iofs.ModeDir:
		return fuse.S_IFDIR | 0o555
	case iofs.ModeSymlink:
		return fuse.S_IFLNK | 0o777
	}
	return fuse.S_IFREG | 0o444
}

// idSet is a small set of entries.
type idSet struct {
	mu  sync.RWMutex // guards ids
	ids map[vtree.ID]struct{}
}

func (s *idSet) has(id vtree.ID) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.ids[id]
	return ok
}

func (s *idSet) set(id vtree.ID, in bool) {
	if s.has(id) == in {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !in {
		delete(s.ids, id)
		return
	}
	if s.ids == nil {
		s.ids = map[vtree.ID]struct{}{}
	}
	s.ids[id] = struct{}{}
}

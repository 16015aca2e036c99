package fs

import (
	"errors"
	iofs "io/fs"
	"log/slog"
	"math"
	"os"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ibfs/fs/vtree"
)

// server answers the kernel's requests out of a tree.
type server struct {
	readOnly
	tree vtree.Tree
	root vtree.ID
	opt  Options
	log  *slog.Logger
	uid  uint32 // the owner of everything
	gid  uint32

	kernel   *fuse.Server // set by Init, before the first request
	caps     uint64       // what that kernel can do
	files    files
	backing  backing
	pipes    pipes
	habits   habits
	volatile idSet // folders that can change: the kernel must not keep their listings
	notes    notifier
	told     once
}

var _ fuse.RawFileSystem = (*server)(nil)

func newServer(tree vtree.Tree, opt Options) *server {
	s := &server{
		readOnly: readOnly{fuse.NewDefaultRawFileSystem()},
		tree:     tree,
		root:     tree.Root(),
		opt:      opt,
		log:      opt.Logger,
		uid:      uint32(os.Getuid()),
		gid:      uint32(os.Getgid()),
		files:    newFiles(fileLimit()),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.notes = newNotifier(s)
	return s
}

func (s *server) String() string { return "ibfs" }

// Init is called once the kernel has said what it can do.
func (s *server) Init(k *fuse.Server) {
	s.kernel = k
	s.caps = k.KernelSettings().Flags64()
	s.backing.allowed.Store(!s.opt.NoPassthrough && canPassthrough(s.caps))
	s.files.unregister = func(id int32) { s.backing.unregister(k, id) }
}

// close releases all that the mount held. No request is left then.
func (s *server) close() {
	s.notes.stop()
	if c, ok := s.tree.(vtree.Changer); ok {
		c.OnChange(func(vtree.Change) {})
	}
	s.files.closeAll()
}

// Nodes and entries have the same numbers but for three: the kernel's root is
// 1, and 0 and the highest mean something to it or to go-fuse. An entry that
// has one of these gets the top bit, which no entry has.
const topBit = 1 << 63

func (s *server) node(id vtree.ID) uint64 {
	switch id {
	case s.root:
		return fuse.FUSE_ROOT_ID
	case 0, fuse.FUSE_ROOT_ID:
		return uint64(id) | topBit
	}
	return uint64(id)
}

func (s *server) id(node uint64) vtree.ID {
	if node == fuse.FUSE_ROOT_ID {
		return s.root
	}
	return vtree.ID(node &^ topBit)
}

// Lookup finds one child. A name that a folder does not have is answered with
// node 0, which the kernel remembers, and not with ENOENT, which it does not.
func (s *server) Lookup(cancel <-chan struct{}, h *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	ctx, dir := newRequest(cancel), s.id(h.NodeId)
	defer ctx.end()
	id, err := s.tree.Lookup(ctx, dir, name)
	if errors.Is(err, iofs.ErrNotExist) {
		out.SetEntryTimeout(s.timeout(s.volatile.has(dir)))
		return fuse.OK
	}
	if err != nil {
		return s.status(ctx, "look up "+name, dir, err)
	}
	if err := s.entry(ctx, dir, id, out); err != nil {
		return s.status(ctx, "look up", id, err)
	}
	if !out.IsDir() {
		s.habits.looked(h.Pid, dir)
	}
	return fuse.OK
}

func (s *server) GetAttr(cancel <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	ctx, id := newRequest(cancel), s.id(in.NodeId)
	defer ctx.end()
	timeout, err := s.attr(ctx, id, &out.Attr)
	if err != nil {
		return s.status(ctx, "stat", id, err)
	}
	out.SetTimeout(timeout)
	return fuse.OK
}

func (s *server) Readlink(cancel <-chan struct{}, h *fuse.InHeader) ([]byte, fuse.Status) {
	ctx, id := newRequest(cancel), s.id(h.NodeId)
	defer ctx.end()
	text, err := s.tree.ReadLink(ctx, id)
	if err != nil {
		return nil, s.status(ctx, "read link", id, err)
	}
	return []byte(text), fuse.OK
}

// StatFs tells the sum of all files, none of it free.
func (s *server) StatFs(_ <-chan struct{}, _ *fuse.InHeader, out *fuse.StatfsOut) fuse.Status {
	const block = 4096
	out.Bsize, out.Frsize, out.NameLen = block, block, vtree.MaxName
	out.Blocks = 1 // df leaves out file systems that have none
	if s.opt.Total != nil {
		bytes, files := s.opt.Total()
		out.Blocks, out.Files = max(1, bytes/block+min(1, bytes%block)), files
	}
	return fuse.OK
}

// limitFrom is how many files may be open of the descriptors that a process
// may have: the rest is for the tree's databases and folders, for pipes and
// for sockets.
func limitFrom(descriptors uint64) int {
	n := int(min(descriptors, math.MaxInt32))
	return n - min(n/4, 256)
}

package fs

import (
	"context"
	"sync"

	"ibfs/fs/vtree"
)

// files are the open files of a mount: all that the server keeps for what the
// kernel uses, so its memory grows with them alone.
type files struct {
	limit      int         // of open files, so that the tree's own descriptors never run out
	unregister func(int32) // tells the kernel that a host file is no longer needed

	mu    sync.RWMutex // guards the rest
	next  uint64       // the handle of the next file to be opened
	open  map[uint64]*handle
	nodes map[vtree.ID]*openNode
	count int // of open files and of those being opened
}

// handle is one open file.
type handle struct {
	file vtree.File
	node *openNode
}

// openNode is an entry that has open files.
type openNode struct {
	id vtree.ID

	// turn holds one token. Who has it opens the node: one at a time, since the
	// first decides for all how the kernel reads.
	turn chan struct{}
	how  reading
	back int32 // the kernel's number of the host file, with passthrough

	refs int // open files, and those waiting to be opened; guarded by files.mu
}

// reading is how the kernel gets the content of a node. It refuses an open that
// differs from those still there.
type reading int

const (
	undecided reading = iota
	cached            // by requests, kept in its cache
	through           // from the host file, without us
)

func newFiles(limit int) files {
	return files{limit: limit, open: map[uint64]*handle{}, nodes: map[vtree.ID]*openNode{}}
}

// take counts one more open file of an entry and waits for its turn to open it.
// Each take is followed by keep or drop.
func (f *files) take(ctx context.Context, id vtree.ID) (*openNode, error) {
	f.mu.Lock()
	if f.count >= f.limit {
		f.mu.Unlock()
		return nil, errTooMany
	}
	f.count++
	n := f.nodes[id]
	if n == nil {
		n = &openNode{id: id, turn: make(chan struct{}, 1)}
		n.turn <- struct{}{}
		f.nodes[id] = n
	}
	n.refs++
	f.mu.Unlock()
	select {
	case <-n.turn:
		return n, nil
	case <-ctx.Done():
		f.unref(n)
		return nil, ctx.Err()
	}
}

// keep makes a handle for a node that has been opened.
func (f *files) keep(n *openNode, file vtree.File) uint64 {
	f.mu.Lock()
	f.next++
	fh := f.next
	f.open[fh] = &handle{file, n}
	f.mu.Unlock()
	n.turn <- struct{}{}
	return fh
}

// drop gives up a node that could not be opened.
func (f *files) drop(n *openNode) {
	n.turn <- struct{}{}
	f.unref(n)
}

func (f *files) get(fh uint64) (*handle, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if h := f.open[fh]; h != nil {
		return h, nil
	}
	return nil, errNoHandle
}

// release closes an open file.
func (f *files) release(fh uint64) error {
	f.mu.Lock()
	h := f.open[fh]
	delete(f.open, fh)
	f.mu.Unlock()
	if h == nil {
		return errNoHandle
	}
	f.unref(h.node)
	return h.file.Close()
}

func (f *files) unref(n *openNode) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count--
	if n.refs--; n.refs > 0 {
		return
	}
	delete(f.nodes, n.id)
	if n.how == through {
		f.unregister(n.back)
	}
}

// closeAll closes what is still open when the mount is gone.
func (f *files) closeAll() {
	f.mu.Lock()
	handles := make([]uint64, 0, len(f.open))
	for fh := range f.open {
		handles = append(handles, fh)
	}
	f.mu.Unlock()
	for _, fh := range handles {
		// The mount is gone: nobody is left to tell.
		_ = f.release(fh)
	}
}

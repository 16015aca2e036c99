package fs

import (
	"sync"
	"time"

	"ibfs/fs/vtree"
)

// notifier tells the kernel what it must no longer believe. It does so from a
// goroutine of its own: the kernel answers a notification only when it can lock
// the folder, and a request on that folder may hold the lock until we answer.
// So nobody ever waits for the notifier.
type notifier struct {
	s    *server
	wake chan struct{}
	end  chan struct{}

	mu      sync.Mutex // guards the rest
	pending map[vtree.Change]struct{}
	soon    map[vtree.ID]struct{} // folders whose listing is to be forgotten
}

func newNotifier(s *server) notifier {
	return notifier{
		s:       s,
		wake:    make(chan struct{}, 1),
		end:     make(chan struct{}),
		pending: map[vtree.Change]struct{}{},
		soon:    map[vtree.ID]struct{}{},
	}
}

// changed takes note of a change.
func (n *notifier) changed(c vtree.Change) {
	n.mu.Lock()
	n.pending[c] = struct{}{}
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// forget makes the kernel drop the listing of a folder that can change, shortly
// after it got it: without OPENDIR it keeps every listing until it is told. The
// delay lets the reply get there first.
func (n *notifier) forget(dir vtree.ID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.soon[dir]; ok {
		return
	}
	n.soon[dir] = struct{}{}
	time.AfterFunc(briefly, func() {
		n.mu.Lock()
		delete(n.soon, dir)
		n.mu.Unlock()
		n.changed(vtree.Change{Dir: dir})
	})
}

func (n *notifier) stop() { close(n.end) }

// run tells the kernel until stop. It ends late, but does end, when a
// notification waits for a lock: the end of the mount takes that away.
func (n *notifier) run() {
	for {
		select {
		case <-n.end:
			return
		case <-n.wake:
		}
		n.mu.Lock()
		changes := n.pending
		n.pending = map[vtree.Change]struct{}{}
		n.mu.Unlock()
		for c := range changes {
			node := n.s.node(c.Dir)
			// ENOENT: the kernel does not know it, and so has nothing to forget.
			if c.Name != "" {
				n.s.kernel.EntryNotify(node, c.Name)
			}
			n.s.kernel.InodeNotify(node, 0, 0)
		}
	}
}

package fs

import (
	"sync"

	"ibfs/fs/vtree"
)

// habits guesses which programs want the attributes of the files they list:
// find does not, ls -l does. To make them can take I/O; not to send them costs
// a Lookup for each file with a program that does want them. So a thread is
// told names alone at first, and when it then looks up a file of that folder,
// its next pages have attributes. After some it is tried again.
type habits struct {
	mu sync.Mutex        // guards by
	by map[uint32]*habit // by thread
}

type habit struct {
	dir    vtree.ID // where the last trial was
	listed bool     // it told names of files
	looked bool     // one of these was looked up
	pages  int      // so many pages more get attributes
	run    int      // so many the last trial was good for
}

const (
	maxHabits = 256 // threads; with one more all are forgotten
	firstRun  = 32  // pages
	lastRun   = 1024
)

// wants reports whether a thread is to get attributes with its next page.
func (h *habits) wants(thread uint32) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.by[thread]
	switch {
	case b == nil:
		return false
	case b.pages == 0 && b.looked:
		b.run = min(max(2*b.run, firstRun), lastRun)
		b.pages, b.listed, b.looked = b.run, false, false
	case b.pages == 0:
		if b.listed {
			b.run = 0
		}
		return false
	}
	b.pages--
	return true
}

// named takes note of a page of a folder that told names of files alone.
func (h *habits) named(thread uint32, dir vtree.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.by == nil || len(h.by) >= maxHabits {
		h.by = map[uint32]*habit{}
	}
	b := h.by[thread]
	if b == nil {
		b = &habit{}
		h.by[thread] = b
	}
	if b.dir != dir {
		b.looked = false
	}
	b.dir, b.listed = dir, true
}

// looked takes note that a thread looked up a file of a folder.
func (h *habits) looked(thread uint32, dir vtree.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if b := h.by[thread]; b != nil && b.listed && b.dir == dir {
		b.looked = true
	}
}

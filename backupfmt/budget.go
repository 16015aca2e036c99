package backupfmt

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// DefaultBudget is how much memory all indexes may hold together, in bytes.
const DefaultBudget = 512 << 20

// maxOpen is how many backups may keep their manifest and folder open.
const maxOpen = 32

// A Budget is shared by the backups of one process and by what is made from
// them. When all together take more than it allows, what was used least recently
// is dropped; it is made again when it is asked next, with the same numbers.
type Budget struct {
	limit int64
	clock atomic.Int64 // counts uses

	mu   sync.Mutex
	held map[*Share]int64 // guarded by mu; bytes
}

// NewBudget makes a budget of so many bytes.
func NewBudget(bytes int64) *Budget {
	return &Budget{limit: bytes, held: map[*Share]int64{}}
}

// A Share is what one holder of memory takes of a budget. The methods of a nil
// Share do nothing.
type Share struct {
	budget *Budget
	drop   func()
	files  bool         // it keeps files open, too
	used   atomic.Int64 // the budget's clock at the last use
	freed  bool         // guarded by the budget's mu
}

// Share is the share of a holder, which holds nothing yet. drop lets go of what
// it holds, and is called from whoever needs the room.
func (g *Budget) Share(drop func()) *Share { return &Share{budget: g, drop: drop} }

// Use notes that the holder is in use.
func (s *Share) Use() {
	if s != nil {
		s.used.Store(s.budget.clock.Add(1))
	}
}

// Hold notes that the holder now holds so many bytes, and lets go of others
// where that is too much. Once it is freed, it does nothing.
func (s *Share) Hold(bytes int64) {
	if s == nil {
		return
	}
	s.Use()
	g := s.budget
	g.mu.Lock()
	var drop []*Share
	if !s.freed {
		g.held[s] = bytes
		drop = g.excess(s)
	}
	g.mu.Unlock()
	for _, d := range drop {
		d.drop()
	}
}

// Free notes that the holder is closed, and holds nothing any more.
func (s *Share) Free() {
	if s == nil {
		return
	}
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	s.freed = true
	delete(s.budget.held, s)
}

// excess takes out of the books those that have to go, but never keep.
func (g *Budget) excess(keep *Share) (drop []*Share) {
	total, open := int64(0), 0
	var others []*Share
	for s, bytes := range g.held {
		total += bytes
		if s.files {
			open++
		}
		if s != keep {
			others = append(others, s)
		}
	}
	slices.SortFunc(others, func(a, b *Share) int { return cmp.Compare(a.used.Load(), b.used.Load()) })
	for _, s := range others {
		if total <= g.limit && (open <= maxOpen || !s.files) {
			continue
		}
		if s.files {
			open--
		}
		total -= g.held[s]
		delete(g.held, s)
		drop = append(drop, s)
	}
	return drop
}

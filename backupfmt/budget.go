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

// A Budget is shared by the backups of one process. When their indexes take
// more than it allows, those used least recently are dropped; a backup builds
// its own again when it is asked next, with the same numbers.
type Budget struct {
	limit int64
	clock atomic.Int64 // counts uses

	mu   sync.Mutex
	held map[*Backup]int64 // guarded by mu; bytes of index
}

// NewBudget makes a budget of so many bytes.
func NewBudget(bytes int64) *Budget {
	return &Budget{limit: bytes, held: map[*Backup]int64{}}
}

// hold notes that a backup now holds an index of so many bytes, and lets go of
// others where that is too much.
func (g *Budget) hold(b *Backup, bytes int64) {
	b.used.Store(g.clock.Add(1))
	g.mu.Lock()
	g.held[b] = bytes
	drop := g.excess(b)
	g.mu.Unlock()
	for _, d := range drop {
		d.release()
	}
}

// excess takes out of the books those that have to go, but never keep.
func (g *Budget) excess(keep *Backup) (drop []*Backup) {
	total := int64(0)
	var others []*Backup
	for b, bytes := range g.held {
		total += bytes
		if b != keep {
			others = append(others, b)
		}
	}
	slices.SortFunc(others, func(a, b *Backup) int { return cmp.Compare(a.used.Load(), b.used.Load()) })
	for _, b := range others {
		if total <= g.limit && len(g.held) <= maxOpen {
			break
		}
		total -= g.held[b]
		delete(g.held, b)
		drop = append(drop, b)
	}
	return drop
}

func (g *Budget) forget(b *Backup) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.held, b)
}

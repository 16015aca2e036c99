package backupfmt

import (
	"sync/atomic"
	"time"
)

// idleAfter is how long files stay open that are not in use, to twice that. With
// none open the disk that they lie on can be ejected.
const idleAfter = time.Second

// An idler has something dropped that was not used for a while.
type idler struct {
	drop func() bool // reports that it is not in use, and is dropped

	used, ticks atomic.Bool
}

// use notes a use, of which there may be a million a second.
func (i *idler) use() {
	if !i.used.Load() {
		i.used.Store(true)
	}
	if !i.ticks.Load() && i.ticks.CompareAndSwap(false, true) {
		time.AfterFunc(idleAfter, i.tick)
	}
}

func (i *idler) tick() {
	if i.used.Swap(false) || !i.drop() {
		time.AfterFunc(idleAfter, i.tick)
		return
	}
	i.ticks.Store(false)
	if i.used.Load() { // since it was dropped
		i.use()
	}
}

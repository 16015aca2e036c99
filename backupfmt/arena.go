package backupfmt

// An arena holds many short names in a few large blocks, so that a million of
// them cost the garbage collector nothing. A name has at most 255 bytes.
type arena struct{ blocks [][]byte }

// A place is where a name lies: the block, the offset there, which leaves 12
// bits for 4,096 blocks. The name's first byte there is its length.
type place uint32

const (
	blockBits = 20
	maxBlocks = 1 << (32 - blockBits)
)

// add keeps a name; it reports false when the arena is full.
func (a *arena) add(name []byte) (place, bool) {
	last := len(a.blocks) - 1
	if last < 0 || len(a.blocks[last])+1+len(name) > cap(a.blocks[last]) {
		if len(a.blocks) == maxBlocks {
			return 0, false
		}
		a.blocks = append(a.blocks, make([]byte, 0, 1<<blockBits))
		last++
	}
	p := place(last<<blockBits | len(a.blocks[last]))
	a.blocks[last] = append(append(a.blocks[last], byte(len(name))), name...)
	return p, true
}

func (a *arena) get(p place) []byte {
	b := a.blocks[p>>blockBits][p&(1<<blockBits-1):]
	return b[1 : 1+int(b[0])]
}

// join appends the blocks of b and returns what its places move by.
func (a *arena) join(b arena) place {
	moved := place(len(a.blocks) << blockBits)
	a.blocks = append(a.blocks, b.blocks...)
	return moved
}

func (a *arena) bytes() int64 { return int64(len(a.blocks)) << blockBits }

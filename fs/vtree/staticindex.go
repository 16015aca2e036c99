package vtree

import "hash/maphash"

// index finds a link by its folder and name: a hash table with open addressing
// that holds places in Static.links alone, four bytes each.
type index struct {
	seed  maphash.Seed
	slots []uint32 // one more than a place in links; 0 is free. A power of two
	used  int
}

// slot is where the search for a name begins. maphash tells the same of a text
// and of its bytes.
func (x *index) slot(dir uint32, hash uint64) uint64 {
	hash ^= uint64(dir) * 0x9e3779b97f4a7c15
	return (hash ^ hash>>32) & uint64(len(x.slots)-1)
}

func (x *index) add(s *Static, place uint32) {
	if 4*x.used >= 3*len(x.slots) {
		x.grow(s)
	}
	x.put(s, place)
	x.used++
}

func (x *index) put(s *Static, place uint32) {
	l := &s.links[place]
	at := x.slot(l.dir, maphash.Bytes(x.seed, s.name(l)))
	for x.slots[at] != 0 {
		at = (at + 1) & uint64(len(x.slots)-1)
	}
	x.slots[at] = place + 1
}

func (x *index) grow(s *Static) {
	if len(x.slots) == 0 {
		x.seed = maphash.MakeSeed()
	}
	old := x.slots
	x.slots = make([]uint32, max(16, 2*len(old)))
	for _, place := range old {
		if place != 0 {
			x.put(s, place-1)
		}
	}
}

// lookup is the entry of a name in one of our folders.
func (s *Static) lookup(dir ID, name string) (ID, bool) {
	x := &s.find
	if len(x.slots) == 0 || len(name) > MaxName {
		return 0, false
	}
	d := uint32(dir - s.base)
	for at := x.slot(d, maphash.String(x.seed, name)); x.slots[at] != 0; at = (at + 1) & uint64(len(x.slots)-1) {
		if l := &s.links[x.slots[at]-1]; l.dir == d && string(s.name(l)) == name {
			return l.id, true
		}
	}
	return 0, false
}

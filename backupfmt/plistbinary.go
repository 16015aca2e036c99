package backupfmt

import (
	"encoding/binary"
	"errors"
	"slices"
)

// mendBinaryPlist walks the objects of a binary property list that its top
// object reaches. A bad one, whose length or reference lies, which contains
// itself, lies too deep or costs too much, is replaced by the value false, which
// every reader takes for a wrong type. The result is b itself when nothing is bad.
//
// Layout: "bplist00", objects, offset table, 32-byte trailer (5 unused bytes, sort
// version, offset size, reference size, then big-endian u64: number of objects,
// top object, offset of the table). An object starts with a marker: type in the
// high four bits, in the low four a length, or 15 when an integer object follows
// that gives it.
func mendBinaryPlist(b []byte, budget int) (mended []byte, lost int, err error) {
	p := binaryPlist{b: b, budget: budget}
	top, err := p.readTrailer()
	if err != nil {
		return nil, 0, err
	}
	if !p.visit(top, 0) {
		return nil, 0, errors.New("its top object is bad")
	}
	for _, s := range p.state {
		if s == plistBad {
			lost++
		}
	}
	if lost == 0 {
		return b, 0, nil
	}
	mended, err = p.replaceBad()
	return mended, lost, err
}

type plistState byte

const (
	plistUnseen plistState = iota
	plistOpen              // being visited: a reference to it is a loop
	plistGood
	plistBad
)

type binaryPlist struct {
	b                []byte
	offSize, refSize int
	table            int // offset of the offset table, where objects end
	state            []plistState
	cost             []int   // of each good object with all that it contains
	height           []uint8 // how deep containers lie in it: an object can be good here and named again further down
	budget           int     // for the cost of the whole
	refs             int     // references followed
}

var errBinaryTrailer = errors.New("its trailer does not fit the file")

// readTrailer checks the trailer and returns the top object.
func (p *binaryPlist) readTrailer() (top int, err error) {
	end := len(p.b) - 32
	if end < 8 {
		return 0, errors.New("cut short")
	}
	trailer := p.b[end:]
	p.offSize, p.refSize = int(trailer[6]), int(trailer[7])
	count, root, table := binary.BigEndian.Uint64(trailer[8:]), binary.BigEndian.Uint64(trailer[16:]), binary.BigEndian.Uint64(trailer[24:])
	switch {
	case p.offSize < 1 || p.offSize > 8 || p.refSize < 1 || p.refSize > 8,
		table < 8 || table >= uint64(end),
		count > uint64(end)-table || count > uint64(p.budget/plistNode),
		count*uint64(p.offSize) != uint64(end)-table,
		root >= count:
		return 0, errBinaryTrailer
	}
	p.table = int(table)
	p.state = make([]plistState, count)
	p.cost = make([]int, count)
	p.height = make([]uint8, count)
	return int(root), nil
}

// uint reads n <= 8 big-endian bytes.
func (p *binaryPlist) uint(off, n int) uint64 {
	var v uint64
	for _, c := range p.b[off : off+n] {
		v = v<<8 | uint64(c)
	}
	return v
}

// visit tells whether an object and its keys are good, and notes it.
func (p *binaryPlist) visit(i, depth int) bool {
	if p.state[i] == plistUnseen {
		p.state[i] = plistOpen
		if depth <= maxPlistDepth && p.check(i, depth) && p.cost[i] <= p.budget {
			p.state[i] = plistGood
		} else {
			p.state[i], p.cost[i], p.height[i] = plistBad, plistNode, 0
		}
	}
	return p.state[i] == plistGood
}

// check looks at one object and visits what it contains.
func (p *binaryPlist) check(i, depth int) bool {
	at := p.uint(p.table+i*p.offSize, p.offSize)
	if at < 8 || at >= uint64(p.table) {
		return false
	}
	off := int(at)
	marker := p.b[off]
	low := int(marker & 15)
	p.cost[i] = plistNode
	switch marker >> 4 {
	case 0x0:
		return low == 8 || low == 9 // false, true
	case 0x1:
		return low <= 4 && off+1+1<<low <= p.table // integer of 2^low bytes
	case 0x2:
		return (low == 2 || low == 3) && off+1+1<<low <= p.table // real
	case 0x3:
		return low == 3 && off+9 <= p.table // date
	case 0x4, 0x5: // data, ASCII
		_, n, ok := p.span(off, 1)
		p.cost[i] += n
		return ok
	case 0x6: // UTF-16; the library copies it three times
		_, n, ok := p.span(off, 2)
		p.cost[i] += 8 * n
		return ok
	case 0x8: // UID
		return low < 8 && low&(low+1) == 0 && off+2+low <= p.table
	case 0xA:
		start, n, ok := p.span(off, p.refSize)
		return ok && p.checkRefs(i, start, n, 0, depth)
	case 0xD:
		start, n, ok := p.span(off, 2*p.refSize)
		return ok && p.checkRefs(i, start, 2*n, n, depth)
	}
	return false
}

// span reads the length of an object whose units take size bytes each, and
// tells where they start and whether they end before the offset table.
func (p *binaryPlist) span(off, size int) (start, n int, ok bool) {
	n = int(p.b[off] & 15)
	start = off + 1
	if n == 15 {
		if start >= p.table || p.b[start]>>4 != 1 || p.b[start]&15 > 3 {
			return 0, 0, false
		}
		width := 1 << (p.b[start] & 15)
		if start+1+width > p.table {
			return 0, 0, false
		}
		long := p.uint(start+1, width)
		if long > uint64(len(p.b)) {
			return 0, 0, false
		}
		n = int(long)
		start += 1 + width
	}
	return start, n, n <= (p.table-start)/size
}

// checkRefs visits n references, the first keys of which are those of a
// dictionary: a bad value costs itself, a bad key the dictionary.
func (p *binaryPlist) checkRefs(i, start, n, keys, depth int) bool {
	if p.refs += n; p.refs > p.budget/plistNode {
		return false
	}
	for k := range n {
		ref := p.uint(start+k*p.refSize, p.refSize)
		if ref >= uint64(len(p.state)) || p.state[ref] == plistOpen {
			return false
		}
		child := int(ref)
		good := p.visit(child, depth+1)
		if k < keys && !(good && p.isText(child)) {
			return false
		}
		p.cost[i] += p.cost[child]
		p.height[i] = max(p.height[i], p.height[child]+1)
		if p.cost[i] > p.budget || p.height[i] > maxPlistDepth {
			return false
		}
	}
	return true
}

func (p *binaryPlist) isText(i int) bool {
	off := p.uint(p.table+i*p.offSize, p.offSize)
	kind := p.b[off] >> 4
	return kind == 0x5 || kind == 0x6
}

// replaceBad puts the value false between objects and offset table and points
// the entries of bad objects at it. No sound object reaches that far.
func (p *binaryPlist) replaceBad() ([]byte, error) {
	const valueFalse = 0x08
	if p.offSize < 8 && uint64(p.table)+1 >= 1<<(8*p.offSize) {
		return nil, errors.New("no room to leave out its bad objects")
	}
	b := slices.Insert(slices.Clone(p.b), p.table, valueFalse)
	binary.BigEndian.PutUint64(b[len(b)-8:], uint64(p.table)+1)
	for i, s := range p.state {
		if s != plistBad {
			continue
		}
		entry := b[p.table+1+i*p.offSize:][:p.offSize]
		at := uint64(p.table)
		for k := range slices.Backward(entry) {
			entry[k] = byte(at)
			at >>= 8
		}
	}
	return b, nil
}

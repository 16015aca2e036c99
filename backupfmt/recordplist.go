package backupfmt

import (
	"encoding/binary"
	"unicode/utf16"
)

// A bplist is a binary property list of which single objects are looked at,
// in place: nothing is copied and nothing is expanded.
//
// Shape: "bplist0" and a version digit; objects, each a marker byte (kind in
// the high half, size in the low one) and its body; a table of object offsets;
// a trailer of 32 bytes. Integers are big-endian. A ref is an index into the
// offset table.
//
// Source: spec section 7.1; CoreFoundation CFBinaryPList.c.
type bplist struct {
	b                  []byte
	table              int    // where the offset table begins, and objects end
	offSize, refSize   int    // bytes of an offset and of a ref, 1 to 8
	offShift, refShift uint   // what of 8 bytes read at one is not its own, in bits
	num, top           uint64 // objects; ref of the outermost one
}

// The kinds of object, as in the high half of the marker byte.
const (
	kindInt   = 0x1
	kindReal  = 0x2
	kindDate  = 0x3
	kindData  = 0x4
	kindASCII = 0x5
	kindUTF16 = 0x6
	kindUID   = 0x8
	kindArray = 0xA
	kindDict  = 0xD
)

const (
	plistMagic   = "bplist0"
	plistTrailer = 32
)

// An object is one object of a bplist: where it is, not what it holds.
type object struct {
	kind     byte
	n        int // data: bytes; strings: code units; array: items; dict: pairs
	pos, end int // of the body, which begins behind the marker and the count
}

// open reads the trailer of b. It allocates nothing.
func (p *bplist) open(b []byte) bool {
	if len(b) < len(plistMagic)+1+plistTrailer || string(b[:len(plistMagic)]) != plistMagic {
		return false
	}
	end := len(b) - plistTrailer
	t := b[end:]
	off, ref := int(t[6]), int(t[7])
	if off < 1 || off > 8 || ref < 1 || ref > 8 {
		return false
	}
	num := binary.BigEndian.Uint64(t[8:])
	top := binary.BigEndian.Uint64(t[16:])
	table := binary.BigEndian.Uint64(t[24:])
	if table <= uint64(len(plistMagic)+1) || table > uint64(end) {
		return false
	}
	if top >= num || num > (uint64(end)-table)/uint64(off) {
		return false
	}
	*p = bplist{
		b:        b,
		table:    int(table),
		offSize:  off,
		refSize:  ref,
		offShift: 64 - 8*uint(off),
		refShift: 64 - 8*uint(ref),
		num:      num,
		top:      top,
	}
	return true
}

// be8 reads 8 bytes. Before the trailer that can never run over the end, so
// that shorter integers are read by it too, and shifted.
func (p *bplist) be8(pos int) uint64 { return binary.BigEndian.Uint64(p.b[pos:]) }

// offset finds where the object of a ref lies. It is false when the ref or the
// offset lies outside.
func (p *bplist) offset(ref uint64) (int, bool) {
	if ref >= p.num {
		return 0, false
	}
	off := p.be8(p.table+int(ref)*p.offSize) >> p.offShift
	return int(off), off > uint64(len(plistMagic)) && off < uint64(p.table)
}

// object finds the object of a ref. It is false when the ref, the offset, the
// count or the body lies outside.
func (p *bplist) object(ref uint64) (object, bool) {
	off, ok := p.offset(ref)
	if !ok {
		return object{}, false
	}
	return p.objectAt(off)
}

func (p *bplist) objectAt(off int) (object, bool) {
	kind, n := p.b[off]>>4, int(p.b[off]&0xF)
	pos, size := off+1, 0
	switch kind {
	case kindInt, kindReal, kindDate:
		if n > 4 {
			return object{}, false
		}
		size = 1 << n
	case kindUID:
		size = n + 1
	case kindData, kindASCII, kindUTF16, kindArray, kindDict:
		if n == 0xF {
			var ok bool
			if n, pos, ok = p.longCount(pos); !ok {
				return object{}, false
			}
		}
		size = n
		switch kind {
		case kindUTF16:
			size *= 2
		case kindArray:
			size *= p.refSize
		case kindDict:
			size *= 2 * p.refSize
		}
	}
	return object{kind, n, pos, pos + size}, size <= p.table-pos
}

// longCount reads the integer object that follows a marker whose low half is
// 15, and returns the position behind it. A count beyond the bytes that are
// left is false, so that no product of it can overflow.
func (p *bplist) longCount(pos int) (n, next int, ok bool) {
	marker := p.b[pos]
	if marker>>4 != kindInt || marker&0xF > 3 {
		return 0, 0, false
	}
	size := 1 << (marker & 0xF)
	next = pos + 1 + size
	v := p.be8(pos+1) >> (64 - 8*uint(size))
	if next > p.table || v > uint64(p.table-next) {
		return 0, 0, false
	}
	return int(v), next, true
}

// ref is the i-th ref in the body of an array or a dict. In a dict the refs of
// its n keys come first, then those of its n values.
func (p *bplist) ref(o object, i int) uint64 {
	return p.be8(o.pos+i*p.refSize) >> p.refShift
}

// key is the i-th key of a dict. It is false when that is no ASCII string.
func (p *bplist) key(dict object, i int) ([]byte, bool) {
	off, ok := p.offset(p.ref(dict, i))
	if !ok {
		return nil, false
	}
	if marker := p.b[off]; marker>>4 == kindASCII && marker != kindASCII<<4|0xF {
		end := off + 1 + int(marker&0xF)
		return p.b[off+1 : end], end <= p.table
	}
	k, ok := p.objectAt(off)
	if !ok || k.kind != kindASCII {
		return nil, false
	}
	return p.bytes(k), true
}

// value finds the last value in a dict under an ASCII key. It is false when
// there is none or when something on the way to it is out of shape.
func (p *bplist) value(dict object, key string) (object, bool) {
	if dict.kind != kindDict {
		return object{}, false
	}
	for i := dict.n - 1; i >= 0; i-- {
		k, ok := p.key(dict, i)
		if !ok {
			return object{}, false
		}
		if string(k) == key {
			return p.object(p.ref(dict, dict.n+i))
		}
	}
	return object{}, false
}

// bytes is the body of an object.
func (p *bplist) bytes(o object) []byte { return p.b[o.pos:o.end:o.end] }

// integer is the value of an integer object: 1, 2 and 4 bytes are unsigned, 8
// are signed, and of 16 the low 8 count.
func (p *bplist) integer(o object) int64 {
	size := o.end - o.pos
	if size > 8 {
		return int64(p.be8(o.end - 8))
	}
	return int64(p.be8(o.pos) >> (64 - 8*uint(size)))
}

// uid is the value of a UID object: false when it is another, or has more than
// 8 bytes.
func (p *bplist) uid(o object) (uint64, bool) {
	size := o.end - o.pos
	if o.kind != kindUID || size > 8 {
		return 0, false
	}
	return p.be8(o.pos) >> (64 - 8*uint(size)), true
}

// text is a string object as UTF-8: false when it is no string. Only UTF-16 is
// copied.
func (p *bplist) text(o object) ([]byte, bool) {
	switch o.kind {
	case kindASCII:
		return p.bytes(o), true
	case kindUTF16:
		units := make([]uint16, o.n)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(p.b[o.pos+2*i:])
		}
		return []byte(string(utf16.Decode(units))), true
	}
	return nil, false
}

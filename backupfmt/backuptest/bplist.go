package backuptest

import (
	"encoding/binary"
	"math"
	"unicode/utf16"
)

// A bplist writes one binary property list of at most 256 objects, as the
// phone's own encoder lays it out: containers before what they hold, keys
// before values, and each number, string and UID once, shared by all that
// refer to it. Numbers of 64 bits are not shared with those of 32.
//
// A method that adds an object returns its reference. Those of a dict or an
// array are filled in through the slots that dict and array give.
type bplist struct {
	buf     []byte
	offsets []int
	scalars []scalar // those written, for sharing
}

type scalar struct {
	marker byte // its kind
	num    int64
	text   string
	ref    byte
}

func (p *bplist) reset() {
	p.buf = append(p.buf[:0], "bplist00"...)
	p.offsets = p.offsets[:0]
	p.scalars = p.scalars[:0]
}

// object begins an object at the end of the buffer.
func (p *bplist) object() byte {
	p.offsets = append(p.offsets, len(p.buf))
	return byte(len(p.offsets) - 1)
}

// slots are where the references of a container go, from an offset in buf.
type slots int

func (p *bplist) set(s slots, i int, ref byte) { p.buf[int(s)+i] = ref }

// dict begins a dict of n keys; its slots are n keys, then n values.
func (p *bplist) dict(n int) (byte, slots) { return p.container(0xD0, n, 2*n) }

func (p *bplist) array(n int) (byte, slots) { return p.container(0xA0, n, n) }

func (p *bplist) container(marker byte, n, refs int) (byte, slots) {
	ref := p.object()
	p.head(marker, n)
	at := len(p.buf)
	for range refs {
		p.buf = append(p.buf, 0)
	}
	return ref, slots(at)
}

// head writes a marker with a count.
func (p *bplist) head(marker byte, n int) {
	if n < 15 {
		p.buf = append(p.buf, marker|byte(n))
		return
	}
	p.buf = append(p.buf, marker|15)
	p.int(int64(n))
}

// int writes a number: 1, 2 and 4 bytes are unsigned, 8 are signed.
func (p *bplist) int(v int64) {
	switch {
	case v < 0 || v > math.MaxUint32:
		p.buf = binary.BigEndian.AppendUint64(append(p.buf, 0x13), uint64(v))
	case v > math.MaxUint16:
		p.buf = binary.BigEndian.AppendUint32(append(p.buf, 0x12), uint32(v))
	case v > math.MaxUint8:
		p.buf = binary.BigEndian.AppendUint16(append(p.buf, 0x11), uint16(v))
	default:
		p.buf = append(p.buf, 0x10, byte(v))
	}
}

// shared finds a scalar that was written before, or begins it.
func (p *bplist) shared(marker byte, num int64, text string) (ref byte, found bool) {
	for i := range p.scalars {
		s := &p.scalars[i]
		if s.marker == marker && s.num == num && s.text == text {
			return s.ref, true
		}
	}
	ref = p.object()
	p.scalars = append(p.scalars, scalar{marker, num, text, ref})
	return ref, false
}

func (p *bplist) num(v int64) byte {
	ref, found := p.shared(0x10, v, "")
	if !found {
		p.int(v)
	}
	return ref
}

// wide is num for a number that its owner holds in 64 bits. It looks the same.
func (p *bplist) wide(v int64) byte {
	ref, found := p.shared(0x13, v, "")
	if !found {
		p.int(v)
	}
	return ref
}

func (p *bplist) uid(v byte) byte {
	ref, found := p.shared(0x80, int64(v), "")
	if !found {
		p.buf = append(p.buf, 0x80, v)
	}
	return ref
}

// str adds text, in ASCII where it can be, else in UTF-16.
func (p *bplist) str(s string) byte {
	ref, found := p.shared(0x50, 0, s)
	if !found {
		p.text(s)
	}
	return ref
}

// fresh adds text that is not shared.
func (p *bplist) fresh(s string) byte {
	ref := p.object()
	p.text(s)
	return ref
}

func (p *bplist) text(s string) {
	for i := range len(s) {
		if s[i] >= 0x80 {
			units := utf16.Encode([]rune(s))
			p.head(0x60, len(units))
			for _, u := range units {
				p.buf = binary.BigEndian.AppendUint16(p.buf, u)
			}
			return
		}
	}
	p.head(0x50, len(s))
	p.buf = append(p.buf, s...)
}

func (p *bplist) data(b []byte) byte {
	ref := p.object()
	p.head(0x40, len(b))
	p.buf = append(p.buf, b...)
	return ref
}

// finish writes the offset table and the trailer. The result is valid until
// the next reset.
func (p *bplist) finish() []byte {
	table := len(p.buf)
	width := 1
	switch {
	case table > math.MaxUint16:
		width = 4
	case table > math.MaxUint8:
		width = 2
	}
	for _, off := range p.offsets {
		for shift := 8 * (width - 1); shift >= 0; shift -= 8 {
			p.buf = append(p.buf, byte(off>>shift))
		}
	}
	p.buf = append(p.buf, 0, 0, 0, 0, 0, 0, byte(width), 1)
	p.buf = binary.BigEndian.AppendUint64(p.buf, uint64(len(p.offsets)))
	p.buf = binary.BigEndian.AppendUint64(p.buf, 0)
	p.buf = binary.BigEndian.AppendUint64(p.buf, uint64(table))
	return p.buf
}

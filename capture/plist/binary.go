package plist

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf16"
)

const (
	binaryMagic   = "bplist00"
	binaryTrailer = 32
	epoch2001     = 978307200 // 2001-01-01 UTC in Unix seconds
)

// A binaryDecoder reads objects by number.
//
// Layout: "bplist00", objects, offset table, 32-byte trailer (5 unused bytes, sort
// version, offset size, reference size, then big-endian u64: number of objects,
// top object, offset of the table). An object starts with a marker: type in the
// high four bits, in the low four a length, or 15 when an integer object follows
// that gives it.
//
// Writers share scalars, keys above all, but no containers (CFBinaryPList.c says
// why it does not). A container that is named twice is therefore an error, which
// rules out loops, and lists of 60 bytes that unfold without end.
type binaryDecoder struct {
	b                []byte
	offSize, refSize int
	table            int    // offset of the offset table, where objects end
	scalars          []any  // by object, nil when not yet read
	named            []bool // by object: a container that was named
	left             int    // how many values may still come
	spare            int    // how many bytes objects may still take; those of a sound list lie side by side
}

func decodeBinary(b []byte) (any, error) {
	end := len(b) - binaryTrailer
	if end < len(binaryMagic) {
		return nil, errors.New("cut short")
	}
	d := binaryDecoder{b: b, offSize: int(b[end+6]), refSize: int(b[end+7]), left: maxValues, spare: len(b)}
	count := binary.BigEndian.Uint64(b[end+8:])
	top := binary.BigEndian.Uint64(b[end+16:])
	table := binary.BigEndian.Uint64(b[end+24:])
	switch {
	case d.offSize < 1 || d.offSize > 8 || d.refSize < 1 || d.refSize > 8,
		table < uint64(len(binaryMagic)) || table >= uint64(end),
		count > (uint64(end)-table)/uint64(d.offSize),
		top >= count:
		return nil, errors.New("its trailer does not fit")
	case count > maxValues:
		return nil, errors.New("too many values")
	}
	d.table = int(table)
	d.scalars = make([]any, count)
	d.named = make([]bool, count)
	return d.value(top, 0)
}

func (d *binaryDecoder) value(i uint64, depth int) (any, error) {
	if d.left--; d.left < 0 {
		return nil, errors.New("too many values")
	}
	if i >= uint64(len(d.scalars)) {
		return nil, errors.New("a reference to no object")
	}
	if v := d.scalars[i]; v != nil {
		return v, nil
	}
	at := d.uint(d.table+int(i)*d.offSize, d.offSize)
	if at < uint64(len(binaryMagic)) || at >= uint64(d.table) {
		return nil, errors.New("an object outside the list")
	}
	off := int(at)
	if kind := d.b[off] >> 4; kind != 0xA && kind != 0xD {
		v, err := d.scalar(off)
		d.scalars[i] = v
		return v, err
	}
	if d.named[i] {
		return nil, errors.New("a container is named twice")
	}
	d.named[i] = true
	if depth > maxDepth {
		return nil, errors.New("too deep")
	}
	return d.container(off, depth)
}

func (d *binaryDecoder) scalar(off int) (any, error) {
	marker := d.b[off]
	switch marker >> 4 {
	case 0x0:
		if marker == 0x08 || marker == 0x09 {
			return marker == 0x09, nil
		}
	case 0x1:
		n, _, err := d.integer(off)
		return n, err
	case 0x2, 0x3:
		return d.number(off)
	case 0x4:
		raw, err := d.span(off, 1)
		return bytes.Clone(raw), err
	case 0x5, 0x7: // ASCII, UTF-8
		raw, err := d.span(off, 1)
		return string(bytes.ToValidUTF8(raw, []byte("\uFFFD"))), err
	case 0x6:
		raw, err := d.span(off, 2)
		units := make([]uint16, len(raw)/2)
		for k := range units {
			units[k] = binary.BigEndian.Uint16(raw[2*k:])
		}
		return string(utf16.Decode(units)), err
	}
	return nil, fmt.Errorf("an object of unknown type %#02x", marker)
}

// integer reads the integer object at off: 2^low bytes, of which 1, 2 and 4 are
// unsigned, 8 signed, and 16 hold what int64 cannot.
func (d *binaryDecoder) integer(off int) (n any, end int, err error) {
	if off >= d.table || d.b[off]>>4 != 1 || d.b[off]&15 > 4 {
		return nil, 0, errors.New("no integer where one belongs")
	}
	size := 1 << (d.b[off] & 15)
	end = off + 1 + size
	if end > d.table {
		return nil, 0, errors.New("an integer is cut short")
	}
	low := d.uint(max(off+1, end-8), min(size, 8))
	if size == 16 && low > math.MaxInt64 {
		if high := d.uint(off+1, 8); high == 0 {
			return low, end, nil
		}
	}
	return int64(low), end, nil
}

// number reads a float of 4 or 8 bytes, or a date: seconds since 2001-01-01 UTC.
func (d *binaryDecoder) number(off int) (any, error) {
	marker := d.b[off]
	end := off + 1 + 1<<(marker&15)
	switch {
	case end > d.table:
		return nil, errors.New("a number is cut short")
	case marker == 0x22:
		return float(float64(math.Float32frombits(uint32(d.uint(off+1, 4)))))
	case marker == 0x23:
		return float(math.Float64frombits(d.uint(off+1, 8)))
	case marker == 0x33:
		seconds := math.Float64frombits(d.uint(off+1, 8))
		if !(math.Abs(seconds) < 1e12) {
			return nil, errors.New("a date out of range")
		}
		whole, part := math.Modf(seconds)
		t := time.Unix(epoch2001+int64(whole), int64(part*1e9)).UTC()
		if t.Year() < 0 || t.Year() > 9999 { // which XML cannot hold
			return nil, errors.New("a date out of range")
		}
		return t, nil
	}
	return nil, fmt.Errorf("an object of unknown type %#02x", marker)
}

// float refuses NaN, which would make every comparison with it false.
func float(f float64) (any, error) {
	if math.IsNaN(f) {
		return nil, errors.New("a number that is none")
	}
	return f, nil
}

func (d *binaryDecoder) container(off, depth int) (any, error) {
	unit := d.refSize
	isDict := d.b[off]>>4 == 0xD
	if isDict {
		unit *= 2
	}
	refs, err := d.span(off, unit)
	if err != nil {
		return nil, err
	}
	n := len(refs) / unit
	if n > d.left {
		return nil, errors.New("too many values")
	}
	if isDict {
		return d.dict(refs, n, depth)
	}
	array := make([]any, n)
	for k := range array {
		if array[k], err = d.value(d.ref(refs, k), depth+1); err != nil {
			return nil, err
		}
	}
	return array, nil
}

// dict reads n pairs: the references of all keys, then those of all values.
func (d *binaryDecoder) dict(refs []byte, n, depth int) (map[string]any, error) {
	dict := make(map[string]any, n)
	for k := range n {
		name, err := d.value(d.ref(refs, k), depth+1)
		if err != nil {
			return nil, err
		}
		key, ok := name.(string)
		if !ok {
			return nil, errors.New("a key that is no string")
		}
		if dict[key], err = d.value(d.ref(refs, n+k), depth+1); err != nil {
			return nil, err
		}
	}
	return dict, nil
}

// span gives the content of an object whose units take size bytes each.
func (d *binaryDecoder) span(off, size int) ([]byte, error) {
	n, start := int64(d.b[off]&15), off+1
	if n == 15 {
		long, end, err := d.integer(start)
		if err != nil {
			return nil, err
		}
		var ok bool
		if n, ok = long.(int64); !ok {
			n = -1
		}
		start = end
	}
	if n < 0 || n > int64((d.table-start)/size) {
		return nil, errors.New("an object reaches past the list")
	}
	if d.spare -= int(n) * size; d.spare < 0 {
		return nil, errors.New("objects lie over one another")
	}
	return d.b[start : start+int(n)*size], nil
}

func (d *binaryDecoder) ref(refs []byte, k int) uint64 {
	return bigEndian(refs[k*d.refSize : (k+1)*d.refSize])
}

func (d *binaryDecoder) uint(off, n int) uint64 { return bigEndian(d.b[off : off+n]) }

// bigEndian reads a number of at most eight bytes.
func bigEndian(b []byte) uint64 {
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}

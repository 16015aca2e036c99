package bplist

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"unicode/utf16"
	"unicode/utf8"

	"ibfs/capture/plist"
)

// ErrFormat says that bytes are no property list.
var ErrFormat = errors.New("not a property list")

// A Value is one object of a property list. It refers to the bytes that it was
// parsed from. The zero Value is none at all: it is what a list gives for an
// entry that it does not have, or whose place or length is a lie.
type Value struct {
	d     *list
	at    int // where its marker is
	depth int
}

// list is a binary property list.
//
// Layout: "bplist00", objects, offset table, 32-byte trailer (6 unused bytes,
// offset size, reference size, then big-endian u64: number of objects, top
// object, offset of the table). An object starts with a marker: type in the high
// four bits, in the low four a length, or 15 when an integer object follows that
// gives it.
type list struct {
	b                []byte
	offSize, refSize int
	count            uint64
	table            int
}

// Parse returns the top object of a property list, binary or XML. b must not
// change while values of it are in use. The error wraps [ErrFormat].
func Parse(b []byte) (Value, error) {
	if !bytes.HasPrefix(b, []byte("bplist0")) {
		if len(b) > MaxXML {
			return Value{}, fmt.Errorf("%w: %d bytes of XML", ErrFormat, len(b))
		}
		v, err := plist.Decode(b)
		if err != nil {
			return Value{}, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		b = Encode(v)
	}
	end := len(b) - 32
	if end < 9 {
		return Value{}, fmt.Errorf("%w: cut short", ErrFormat)
	}
	t := b[end:]
	count, top, table := binary.BigEndian.Uint64(t[8:]), binary.BigEndian.Uint64(t[16:]), binary.BigEndian.Uint64(t[24:])
	d := &list{b: b, offSize: int(t[6]), refSize: int(t[7]), count: count}
	if d.offSize < 1 || d.offSize > 8 || d.refSize < 1 || d.refSize > 8 ||
		table < 9 || table > uint64(end) || count > (uint64(end)-table)/uint64(d.offSize) {
		return Value{}, fmt.Errorf("%w: its trailer does not fit", ErrFormat)
	}
	d.table = int(table)
	v := d.object(top, 0)
	if v.d == nil {
		return Value{}, fmt.Errorf("%w: it has no top object", ErrFormat)
	}
	return v, nil
}

// uint reads n big-endian bytes that are known to be there.
func (d *list) uint(at, n int) uint64 {
	var v uint64
	for _, c := range d.b[at : at+n] {
		v = v<<8 | uint64(c)
	}
	return v
}

func (d *list) object(i uint64, depth int) Value {
	if i >= d.count || depth > MaxDepth {
		return Value{}
	}
	at := d.uint(d.table+int(i)*d.offSize, d.offSize)
	if at < 8 || at >= uint64(d.table) {
		return Value{}
	}
	return Value{d, int(at), depth}
}

// fixed returns the n bytes after the marker, or nil when they are not there.
func (v Value) fixed(n int) []byte {
	if n > v.d.table-v.at-1 {
		return nil
	}
	return v.d.b[v.at+1:][:n]
}

func (v Value) marker() (kind, low byte) {
	if v.d == nil {
		return 0, 0
	}
	return v.d.b[v.at] >> 4, v.d.b[v.at] & 15
}

// span is where the units of an object start and how many there are, of size
// bytes each; ok says that they end before the offset table does begin.
func (v Value) span(size int) (start, n int, ok bool) {
	d := v.d
	start = v.at + 1
	n = int(d.b[v.at] & 15)
	if n == 15 {
		if start >= d.table || d.b[start]>>4 != 1 || d.b[start]&15 > 3 {
			return 0, 0, false
		}
		width := 1 << (d.b[start] & 15)
		if width > d.table-start-1 {
			return 0, 0, false
		}
		long := d.uint(start+1, width)
		if long > uint64(d.table) {
			return 0, 0, false
		}
		n = int(long)
		start += 1 + width
	}
	return start, n, n <= (d.table-start)/size
}

// Text is the value of a string that takes at most limit bytes as UTF-8. A string
// that is no text, such as half a surrogate pair, is none.
func (v Value) Text(limit int) (string, bool) {
	kind, _ := v.marker()
	switch kind {
	case 0x5:
		start, n, ok := v.span(1)
		if !ok || n > limit || !utf8.Valid(v.d.b[start:start+n]) {
			return "", false
		}
		return string(v.d.b[start : start+n]), true
	case 0x6:
		start, n, ok := v.span(2)
		if !ok || n > limit {
			return "", false
		}
		return decodeUTF16(v.d.b[start:start+2*n], limit)
	}
	return "", false
}

func decodeUTF16(b []byte, limit int) (string, bool) {
	text := make([]byte, 0, len(b))
	for ; len(b) > 0; b = b[2:] {
		r := rune(binary.BigEndian.Uint16(b))
		if utf16.IsSurrogate(r) {
			if len(b) < 4 {
				return "", false
			}
			if r = utf16.DecodeRune(r, rune(binary.BigEndian.Uint16(b[2:]))); r == utf8.RuneError {
				return "", false
			}
			b = b[2:]
		}
		if text = utf8.AppendRune(text, r); len(text) > limit {
			return "", false
		}
	}
	return string(text), true
}

// Int is the value of an integer. One above the largest int64 wraps around: that
// is how programs without negative numbers send these.
func (v Value) Int() (int64, bool) {
	kind, low := v.marker()
	if kind != 0x1 || low > 4 {
		return 0, false
	}
	b := v.fixed(1 << low)
	if b == nil {
		return 0, false
	}
	if low == 4 {
		b = b[8:]
	}
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return int64(n), true
}

// Number is the value of an integer or a real.
func (v Value) Number() (float64, bool) {
	if kind, low := v.marker(); kind == 0x2 && low == 2 {
		if b := v.fixed(4); b != nil {
			return float64(math.Float32frombits(binary.BigEndian.Uint32(b))), true
		}
	} else if kind == 0x2 && low == 3 {
		if b := v.fixed(8); b != nil {
			return math.Float64frombits(binary.BigEndian.Uint64(b)), true
		}
	}
	n, ok := v.Int()
	return float64(n), ok
}

// Bool is the value of a boolean.
func (v Value) Bool() (value, ok bool) {
	kind, low := v.marker()
	return low == 9, v.d != nil && kind == 0 && (low == 8 || low == 9)
}

// container is where the references of an array or a dictionary start.
func (v Value) container(kind byte) (start, n int, ok bool) {
	k, _ := v.marker()
	if k != kind {
		return 0, 0, false
	}
	refs := 1
	if kind == 0xD {
		refs = 2
	}
	start, n, ok = v.span(refs * v.d.refSize)
	return start, n, ok && n <= MaxEntries
}

func (v Value) ref(start, i int) Value {
	return v.d.object(v.d.uint(start+i*v.d.refSize, v.d.refSize), v.depth+1)
}

// Index is entry i of an array.
func (v Value) Index(i int) Value {
	start, n, ok := v.container(0xA)
	if !ok || i < 0 || i >= n {
		return Value{}
	}
	return v.ref(start, i)
}

// Array gives the entries of an array; ok says that it is one.
func (v Value) Array() (entries iter.Seq[Value], n int, ok bool) {
	start, n, ok := v.container(0xA)
	return func(yield func(Value) bool) {
		for i := 0; ok && i < n; i++ {
			if !yield(v.ref(start, i)) {
				return
			}
		}
	}, n, ok
}

// Dict gives the keys and values of a dictionary, in the order that they are
// written in; ok says that it is one.
func (v Value) Dict() (entries iter.Seq2[Value, Value], n int, ok bool) {
	start, n, ok := v.container(0xD)
	return func(yield func(Value, Value) bool) {
		for i := 0; ok && i < n; i++ {
			if !yield(v.ref(start, i), v.ref(start, n+i)) {
				return
			}
		}
	}, n, ok
}

// Get is the value that a dictionary has for a key.
func (v Value) Get(key string) Value {
	entries, _, _ := v.Dict()
	for k, value := range entries {
		if s, ok := k.Text(len(key)); ok && s == key {
			return value
		}
	}
	return Value{}
}

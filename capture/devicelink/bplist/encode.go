package bplist

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// A Ref names an object of an [Encoder].
type Ref uint32

// Text is a string that is kept in bytes, which can be wiped: a password.
type Text []byte

// An Encoder writes a binary property list, from the leaves up: a container is
// written when all that it holds is. The zero Encoder is ready to use. Strings
// must be valid UTF-8.
//
// References take four bytes throughout, so that none must be known before it is
// written. That is larger than need be and as legal as any other size.
type Encoder struct {
	b       []byte
	offsets []uint32
}

const refSize = 4

// Reset makes the encoder ready for the next list.
func (e *Encoder) Reset() {
	e.b = e.b[:0]
	e.offsets = e.offsets[:0]
}

// Wipe overwrites all that was written, and resets.
func (e *Encoder) Wipe() {
	clear(e.b[:cap(e.b)])
	e.Reset()
}

// Len is how many bytes the objects take so far, with their offsets.
func (e *Encoder) Len() int { return len(e.b) + 4*len(e.offsets) }

func (e *Encoder) start() Ref {
	if len(e.b) == 0 {
		e.b = append(e.b, "bplist00"...)
	}
	e.offsets = append(e.offsets, uint32(len(e.b)))
	return Ref(len(e.offsets) - 1)
}

// head writes a marker with a length.
func (e *Encoder) head(kind byte, n int) {
	if n < 15 {
		e.b = append(e.b, kind<<4|byte(n))
		return
	}
	e.b = append(e.b, kind<<4|15)
	e.number(uint64(n))
}

// number writes the marker and bytes of an integer. Those of one, two and four
// bytes have no sign.
func (e *Encoder) number(n uint64) {
	switch {
	case n <= math.MaxUint8:
		e.b = append(e.b, 0x10, byte(n))
	case n <= math.MaxUint16:
		e.b = binary.BigEndian.AppendUint16(append(e.b, 0x11), uint16(n))
	case n <= math.MaxUint32:
		e.b = binary.BigEndian.AppendUint32(append(e.b, 0x12), uint32(n))
	default:
		e.b = binary.BigEndian.AppendUint64(append(e.b, 0x13), n)
	}
}

// String writes a string.
func (e *Encoder) String(s string) Ref {
	r := e.start()
	appendText(e, s)
	return r
}

func appendText[T ~string | ~[]byte](e *Encoder, s T) {
	units, ascii := 0, true
	for i := range len(s) {
		c := s[i]
		ascii = ascii && c < utf8.RuneSelf
		if c&0xC0 != 0x80 {
			units++ // a rune starts here
		}
		if c >= 0xF0 {
			units++ // and takes a pair
		}
	}
	if ascii {
		e.head(0x5, len(s))
		e.b = append(e.b, s...)
		return
	}
	e.head(0x6, units)
	for len(s) > 0 {
		r, n := decodeRune(s)
		s = s[n:]
		if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
			e.b = binary.BigEndian.AppendUint16(e.b, uint16(hi))
			r = lo
		}
		e.b = binary.BigEndian.AppendUint16(e.b, uint16(r))
	}
}

// decodeRune reads a rune without making a string of bytes that are to be wiped.
func decodeRune[T ~string | ~[]byte](s T) (rune, int) {
	var b [utf8.UTFMax]byte
	return utf8.DecodeRune(b[:copy(b[:], s)])
}

// Int writes an integer.
func (e *Encoder) Int(n int64) Ref {
	r := e.start()
	e.number(uint64(n))
	return r
}

// Real writes a real number.
func (e *Encoder) Real(f float64) Ref {
	r := e.start()
	e.b = binary.BigEndian.AppendUint64(append(e.b, 0x23), math.Float64bits(f))
	return r
}

// Bool writes a boolean.
func (e *Encoder) Bool(v bool) Ref {
	r := e.start()
	if v {
		e.b = append(e.b, 0x09)
	} else {
		e.b = append(e.b, 0x08)
	}
	return r
}

// epoch is 2001-01-01 UTC in Unix time, from which dates count seconds.
const epoch = 978307200

// Date writes a date.
func (e *Encoder) Date(t time.Time) Ref {
	r := e.start()
	seconds := float64(t.Unix()-epoch) + float64(t.Nanosecond())/1e9
	e.b = binary.BigEndian.AppendUint64(append(e.b, 0x33), math.Float64bits(seconds))
	return r
}

// Data writes bytes.
func (e *Encoder) Data(b []byte) Ref {
	r := e.start()
	e.head(0x4, len(b))
	e.b = append(e.b, b...)
	return r
}

func (e *Encoder) refs(refs []Ref) {
	for _, r := range refs {
		e.b = binary.BigEndian.AppendUint32(e.b, uint32(r))
	}
}

// Array writes an array.
func (e *Encoder) Array(entries ...Ref) Ref {
	r := e.start()
	e.head(0xA, len(entries))
	e.refs(entries)
	return r
}

// Dict writes a dictionary. It has as many keys as values.
func (e *Encoder) Dict(keys, values []Ref) Ref {
	r := e.start()
	e.head(0xD, len(keys))
	e.refs(keys)
	e.refs(values)
	return r
}

// Any writes a string, Text, bool, int, int64, uint64, float64, time.Time, []byte,
// []any or map[string]any. It panics for a value of another type.
func (e *Encoder) Any(v any) Ref {
	switch v := v.(type) {
	case string:
		return e.String(v)
	case Text:
		r := e.start()
		appendText(e, v)
		return r
	case bool:
		return e.Bool(v)
	case int:
		return e.Int(int64(v))
	case int64:
		return e.Int(v)
	case uint64:
		return e.Int(int64(v))
	case float64:
		return e.Real(v)
	case time.Time:
		return e.Date(v)
	case []byte:
		return e.Data(v)
	case []any:
		entries := make([]Ref, len(v))
		for i := range v {
			entries[i] = e.Any(v[i])
		}
		return e.Array(entries...)
	case map[string]any:
		keys, values := make([]Ref, 0, len(v)), make([]Ref, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			keys = append(keys, e.String(k))
			values = append(values, e.Any(v[k]))
		}
		return e.Dict(keys, values)
	}
	panic(fmt.Sprintf("bplist: a value of type %T", v))
}

// Finish ends the list and returns it. It is valid until the next Reset.
func (e *Encoder) Finish(top Ref) []byte {
	table := uint64(len(e.b))
	for _, at := range e.offsets {
		e.b = binary.BigEndian.AppendUint32(e.b, at)
	}
	e.b = append(e.b, 0, 0, 0, 0, 0, 0, 4, refSize)
	e.b = binary.BigEndian.AppendUint64(e.b, uint64(len(e.offsets)))
	e.b = binary.BigEndian.AppendUint64(e.b, uint64(top))
	e.b = binary.BigEndian.AppendUint64(e.b, table)
	return e.b
}

// Encode returns the binary property list of a value that [Encoder.Any] takes.
func Encode(v any) []byte {
	var e Encoder
	return e.Finish(e.Any(v))
}

package demo

import (
	"encoding/binary"
	"fmt"
)

// atom is a piece of a QuickTime file: uint32 big-endian length that counts
// itself, four letters, and its parts: numbers of any width, texts and bytes.
func atom(kind string, parts ...any) []byte { return atomOf([]byte(kind), parts...) }

// atomOf is atom for a kind that is no text.
func atomOf(kind []byte, parts ...any) []byte {
	out := append(make([]byte, 4), kind...)
	for _, p := range parts {
		switch p := p.(type) {
		case byte:
			out = append(out, p)
		case uint16:
			out = binary.BigEndian.AppendUint16(out, p)
		case uint32:
			out = binary.BigEndian.AppendUint32(out, p)
		case string:
			out = append(out, p...)
		case []byte:
			out = append(out, p...)
		default:
			panic(fmt.Sprintf("atom %s: a part is a %T", kind, p))
		}
	}
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

func words(values ...uint32) []byte {
	var out []byte
	for _, v := range values {
		out = binary.BigEndian.AppendUint32(out, v)
	}
	return out
}

// pascal is a text of at most 255 bytes with its length before it, in a field
// of its own size.
func pascal(s string, size int) []byte {
	field := make([]byte, size)
	field[0] = byte(copy(field[1:], s))
	return field
}

// Package plist reads and writes the property lists that travel between host
// and phone, and the frames that carry them. It knows no message.
//
// Reading is strict and costs at most a constant times the length of the input:
// XML or binary alone, containers at most 64 deep, at most 4 Mi values, a
// container named once. howett.net/plist, which writes for us, would follow a
// loop or a shared object for ever, recurse without bound and take a third
// format; a stack that overflows ends a Go program past any recover.
//
// The values are string, bool, int64 (uint64 only above its range), float64,
// []byte, time.Time, []any and map[string]any.
package plist

import (
	"bytes"
	"errors"
	"fmt"

	"howett.net/plist"
)

// ErrMalformed is wrapped by every error of Decode.
var ErrMalformed = errors.New("malformed property list")

const (
	maxDepth  = 64
	maxValues = 4 << 20
)

// Decode decodes a property list, which it knows as binary by "bplist00".
//
// In XML, bytes below 0x20 that XML does not allow are taken for spaces, and
// what is no UTF-8 for U+FFFD: lockdownd writes values as they are, and a
// device name may hold anything.
func Decode(b []byte) (any, error) {
	decode := decodeXML
	if bytes.HasPrefix(b, []byte(binaryMagic)) {
		decode = decodeBinary
	}
	v, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return v, nil
}

// DecodeDict is Decode of a list whose outermost value is a dictionary.
func DecodeDict(b []byte) (Dict, error) {
	v, err := Decode(b)
	if err != nil {
		return nil, err
	}
	d, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: its outermost value is no dictionary", ErrMalformed)
	}
	return d, nil
}

// XML encodes v, with the keys of dictionaries in order.
func XML(v any) ([]byte, error) {
	b, err := plist.Marshal(v, plist.XMLFormat)
	if err != nil {
		return nil, fmt.Errorf("encode property list: %w", err)
	}
	return b, nil
}

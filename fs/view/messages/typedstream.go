package messages

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A stream reads what NSArchiver wrote: a message's attributedBody, and the
// earlier texts of an edited one.
//
// Wire: 04, 0b "streamtyped", the system's version as a number, then groups: a
// text that names the types of the values in it, one letter each, and the
// values. The types read are @ object, # class, * C text, + bytes with their
// length, c C a byte, s S i I l L q Q numbers, f d floats, [Nc] N bytes, and
// {name=…} with types in it.
//
//	number  one byte, signed; or 81 and int16; or 82 and int32; little-endian
//	float   83 and 4 or 8 bytes, or a number
//	text    84 number bytes, which is kept; or the place of one kept before
//	object  84 class groups… 86, which is kept; or its place; or 85, none
//	class   84 text number class, the last one its super class; or place or 85
//
// A place is a number that counts from -110 (0x92). Objects, classes and C
// texts share one list, texts of the format have another. A length or place
// that the stream does not hold is errStream, before anything is allocated.
//
// Source: the bytes of attributedBody; imessage-exporter's account of them
// (docs/tables, and its crate crabstep) agrees.
type stream struct {
	rest    []byte
	texts   []string
	objects []*object
	depth   int
	budget  int // letters of types that may still be read
}

// An object is a class's name and the values of its groups in one list: int64,
// float64, []byte, string or *object, nil for none.
type object struct {
	class  string
	values []any
}

const (
	markInt16 = 0x81
	markInt32 = 0x82
	markFloat = 0x83
	markNew   = 0x84
	markNil   = 0x85
	markEnd   = 0x86
	firstRef  = -110

	maxDepth = 32 // objects in one another; a body has five
)

var errStream = errors.New("not a typed stream")

// readStream reads the first object of a stream. After an error the object has
// what was read before it, and is nil only when that was nothing.
func readStream(b []byte) (*object, error) {
	const head = "\x04\x0bstreamtyped"
	if len(b) < len(head) || string(b[:len(head)]) != head {
		return nil, fmt.Errorf("%w: no header", errStream)
	}
	s := &stream{rest: b[len(head):], budget: 64 + 8*len(b)}
	if _, err := s.number(); err != nil {
		return nil, err
	}
	root := &object{}
	err := s.group(root)
	if len(root.values) == 0 {
		return nil, err
	}
	first, _ := root.values[0].(*object)
	return first, err
}

func (s *stream) take(n int64) ([]byte, error) {
	if n < 0 || n > int64(len(s.rest)) {
		return nil, fmt.Errorf("%w: %d bytes wanted, %d left", errStream, n, len(s.rest))
	}
	b := s.rest[:n]
	s.rest = s.rest[n:]
	return b, nil
}

func (s *stream) head() (byte, error) {
	b, err := s.take(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

func (s *stream) number() (int64, error) {
	h, err := s.head()
	if err != nil {
		return 0, err
	}
	return s.numberFrom(h)
}

func (s *stream) numberFrom(h byte) (int64, error) {
	switch h {
	case markInt16:
		b, err := s.take(2)
		if err != nil {
			return 0, err
		}
		return int64(int16(binary.LittleEndian.Uint16(b))), nil
	case markInt32:
		b, err := s.take(4)
		if err != nil {
			return 0, err
		}
		return int64(int32(binary.LittleEndian.Uint32(b))), nil
	}
	if int8(h) < firstRef {
		return 0, fmt.Errorf("%w: mark %#x in place of a number", errStream, h)
	}
	return int64(int8(h)), nil
}

// length is a number that cannot be negative: one of 16 bits fills them all.
func (s *stream) length() (int64, error) {
	h, err := s.head()
	if err != nil {
		return 0, err
	}
	n, err := s.numberFrom(h)
	switch {
	case h == markInt16:
		n &= 0xFFFF
	case h == markInt32:
		n &= 0xFFFFFFFF
	}
	return n, err
}

// text is a text of the format: types, or the name of a class.
func (s *stream) text() (string, error) {
	h, err := s.head()
	switch {
	case err != nil || h == markNil:
		return "", err
	case h != markNew:
		return place(s, h, s.texts)
	}
	n, err := s.length()
	if err != nil {
		return "", err
	}
	b, err := s.take(n)
	if err != nil {
		return "", err
	}
	s.texts = append(s.texts, string(b))
	return string(b), nil
}

// place is what a list holds where a reference points to.
func place[T any](s *stream, h byte, list []T) (at T, err error) {
	n, err := s.numberFrom(h)
	if err != nil {
		return at, err
	}
	if n -= firstRef; n < 0 || n >= int64(len(list)) {
		return at, fmt.Errorf("%w: place %d of %d", errStream, n, len(list))
	}
	return list[n], nil
}

// group appends the values of one group to those of an object.
func (s *stream) group(o *object) error {
	types, err := s.text()
	if err != nil {
		return err
	}
	if types == "" {
		return fmt.Errorf("%w: a group without types", errStream)
	}
	if s.budget -= len(types); s.budget < 0 { // types of nothing, named again and again
		return fmt.Errorf("%w: too many values", errStream)
	}
	return s.values(o, types)
}

func (s *stream) values(o *object, types string) error {
	for types != "" {
		v, rest, err := s.value(o, types)
		if v != nil || err == nil {
			o.values = append(o.values, v)
		}
		if err != nil {
			return err
		}
		types = rest
	}
	return nil
}

// value reads a value of the first type in a text, and returns the others. An
// object comes with an error when a part of it was read.
func (s *stream) value(o *object, types string) (v any, rest string, err error) {
	rest = types[1:]
	switch types[0] {
	case '@':
		v, err = s.object()
		if v == (*object)(nil) {
			v = nil
		}
	case '#':
		_, err = s.class()
	case '*':
		v, err = s.cText()
	case '+':
		var n int64
		if n, err = s.length(); err == nil {
			v, err = s.take(n)
		}
	case 'c', 'C':
		var b byte
		b, err = s.head()
		v = int64(int8(b))
	case 's', 'S', 'i', 'I', 'l', 'L', 'q', 'Q':
		v, err = s.number()
	case 'f', 'd':
		v, err = s.float(types[0])
	case '[':
		return s.array(rest)
	case '{':
		inner, after, ok := cutNested(rest)
		if !ok {
			return nil, "", fmt.Errorf("%w: type %q", errStream, types)
		}
		_, inner, _ = strings.Cut(inner, "=")
		return nil, after, s.nested(o, inner)
	default:
		err = fmt.Errorf("%w: type %q", errStream, types)
	}
	return v, rest, err
}

// nested reads the values of a structure into the object around it.
func (s *stream) nested(o *object, types string) error {
	if s.depth++; s.depth > maxDepth {
		return fmt.Errorf("%w: too deep", errStream)
	}
	defer func() { s.depth-- }()
	return s.values(o, types)
}

// cutNested cuts a text after the brace that closes it.
func cutNested(types string) (inner, after string, ok bool) {
	open := 1
	for i := range len(types) {
		switch types[i] {
		case '{':
			open++
		case '}':
			if open--; open == 0 {
				return types[:i], types[i+1:], true
			}
		}
	}
	return "", "", false
}

// array reads the bytes of [Nc], the only arrays that bodies have.
func (s *stream) array(types string) (v any, rest string, err error) {
	inner, rest, ok := strings.Cut(types, "]")
	count, isBytes := strings.CutSuffix(inner, "c")
	n, err := strconv.ParseInt(count, 10, 32)
	if !ok || !isBytes || err != nil {
		return nil, "", fmt.Errorf("%w: type %q", errStream, "["+types)
	}
	v, err = s.take(n)
	return v, rest, err
}

func (s *stream) float(typ byte) (any, error) {
	h, err := s.head()
	switch {
	case err != nil:
		return nil, err
	case h != markFloat:
		n, err := s.numberFrom(h)
		return float64(n), err
	}
	size := int64(8)
	if typ == 'f' {
		size = 4
	}
	b, err := s.take(size)
	if err != nil {
		return nil, err
	}
	return floatOf(b), nil
}

// cText reads a C text. It counts among the objects.
func (s *stream) cText() (any, error) {
	h, err := s.head()
	switch {
	case err != nil || h == markNil:
		return nil, err
	case h != markNew:
		o, err := place(s, h, s.objects)
		if err != nil {
			return nil, err
		}
		return o.class, nil
	}
	text, err := s.text()
	s.objects = append(s.objects, &object{class: text})
	return text, err
}

func (s *stream) object() (*object, error) {
	h, err := s.head()
	switch {
	case err != nil || h == markNil:
		return nil, err
	case h != markNew:
		return place(s, h, s.objects)
	}
	if s.depth++; s.depth > maxDepth {
		return nil, fmt.Errorf("%w: too deep", errStream)
	}
	defer func() { s.depth-- }()
	o := &object{}
	s.objects = append(s.objects, o)
	class, err := s.class()
	if err != nil {
		return o, err
	}
	if class != nil {
		o.class = class.class
	}
	for {
		if len(s.rest) > 0 && s.rest[0] == markEnd {
			s.rest = s.rest[1:]
			return o, nil
		}
		if err := s.group(o); err != nil {
			return o, err
		}
	}
}

// class reads a class and those above it, of which it needs no more.
func (s *stream) class() (first *object, err error) {
	for {
		h, err := s.head()
		switch {
		case err != nil || h == markNil:
			return first, err
		case h != markNew:
			o, err := place(s, h, s.objects)
			if first == nil {
				first = o
			}
			return first, err
		}
		name, err := s.text()
		if err != nil {
			return first, err
		}
		o := &object{class: name}
		s.objects = append(s.objects, o)
		if first == nil {
			first = o
		}
		if _, err := s.number(); err != nil {
			return first, err
		}
	}
}

package demo

import (
	"encoding/binary"
	"unicode/utf16"
)

// A run is a part of a message's text and what is said of it: each value is a
// text or a number.
type run struct {
	text       string
	attributes []attribute
}

type attribute struct {
	name  string
	value any
}

// A typedStream writes an NSAttributedString as NSArchiver does. Texts of the
// format itself, and objects, are written once and then named by their place:
// 0x92 is the first of them.
//
// Source: what messages' attributedBody holds; the format is that of NeXTSTEP.
type typedStream struct {
	buf     []byte
	texts   map[string]int // types and names of classes
	classes map[string]int // places among the objects
	objects int
}

const (
	freshMark = 0x84 // something that was not written before follows
	nilMark   = 0x85
	endMark   = 0x86
	firstRef  = 0x92
)

// attributedBody is a message's text in the column of that name.
func attributedBody(runs ...run) []byte {
	t := &typedStream{
		buf:   []byte("\x04\x0bstreamtyped\x81\xe8\x03"),
		texts: map[string]int{}, classes: map[string]int{},
	}
	whole := ""
	for _, r := range runs {
		whole += r.text
	}
	t.text("@")
	t.object("NSAttributedString")
	t.text("@")
	t.string(whole)
	for i, r := range runs {
		t.text("iI")
		t.number(i + 1)
		t.number(len(utf16.Encode([]rune(r.text))))
		t.text("@")
		t.object("NSDictionary")
		t.text("i")
		t.number(len(r.attributes))
		for _, a := range r.attributes {
			t.text("@")
			t.string(a.name)
			t.text("@")
			switch v := a.value.(type) {
			case string:
				t.string(v)
			case int:
				t.integer(v)
			}
		}
		t.end()
	}
	t.end()
	return t.buf
}

func (t *typedStream) end() { t.buf = append(t.buf, endMark) }

// text writes a text of the format.
func (t *typedStream) text(s string) {
	if at, ok := t.texts[s]; ok {
		t.buf = append(t.buf, byte(firstRef+at))
		return
	}
	t.texts[s] = len(t.texts)
	t.buf = append(t.buf, freshMark, byte(len(s)))
	t.buf = append(t.buf, s...)
}

// supers are the classes that others are made of, and versions what is not 0.
var (
	supers   = map[string]string{"NSAttributedString": "NSObject", "NSString": "NSObject", "NSDictionary": "NSObject", "NSNumber": "NSValue", "NSValue": "NSObject"}
	versions = map[string]byte{"NSString": 1}
)

// object begins an object of a class.
func (t *typedStream) object(class string) {
	t.buf = append(t.buf, freshMark)
	t.objects++
	t.class(class)
}

func (t *typedStream) class(name string) {
	if name == "" {
		t.buf = append(t.buf, nilMark)
		return
	}
	if at, ok := t.classes[name]; ok {
		t.buf = append(t.buf, byte(firstRef+at))
		return
	}
	t.classes[name] = t.objects
	t.objects++
	t.buf = append(t.buf, freshMark)
	t.text(name)
	t.buf = append(t.buf, versions[name])
	t.class(supers[name])
}

func (t *typedStream) string(s string) {
	t.object("NSString")
	t.text("+")
	t.number(len(s))
	t.buf = append(t.buf, s...)
	t.end()
}

// integer writes an NSNumber: its type as a C string, which counts as an
// object, then its value.
func (t *typedStream) integer(v int) {
	t.object("NSNumber")
	t.text("*")
	t.buf = append(t.buf, freshMark)
	t.objects++
	t.text("i")
	t.text("i")
	t.number(v)
	t.end()
}

// number writes one byte, or 0x81 and two, or 0x82 and four, little-endian.
func (t *typedStream) number(v int) {
	switch {
	case v >= -110 && v < 128:
		t.buf = append(t.buf, byte(v))
	case v >= -1<<15 && v < 1<<15:
		t.buf = binary.LittleEndian.AppendUint16(append(t.buf, 0x81), uint16(v))
	default:
		t.buf = binary.LittleEndian.AppendUint32(append(t.buf, 0x82), uint32(v))
	}
}

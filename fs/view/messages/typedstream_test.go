package messages

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"ibfs/fs/view/transcript"
)

// body writes a text with its runs as NSArchiver does, each run with a look of
// its own: its part, its transfer where it has one, and its style.
func body(t rich) []byte {
	w := &archiver{texts: map[string]int{}, classes: map[string]int{}}
	w.raw("\x04\x0bstreamtyped\x81\xe8\x03")
	w.types("@")
	w.object("NSMutableAttributedString", "NSAttributedString", "NSObject")
	w.types("@")
	w.string(t.String())
	for i, r := range t {
		w.types("iI")
		w.number(int64(i + 1))
		w.number(int64(len(utf16.Encode([]rune(r.text)))))
		w.types("@")
		w.object("NSDictionary", "NSObject")
		w.types("i")
		var names []string
		for s, name := range map[transcript.Style]string{
			bold: "__kIMTextBoldAttributeName", italic: "__kIMTextItalicAttributeName", underline: "__kIMTextUnderlineAttributeName",
			strike: "__kIMTextStrikethroughAttributeName", mention: "__kIMMentionConfirmedMention",
		} {
			if r.style&s != 0 {
				names = append(names, name)
			}
		}
		count := 1 + len(names)
		if r.transfer != "" {
			count++
		}
		w.number(int64(count))
		w.pair("__kIMMessagePartAttributeName", func() { w.integer(int64(r.part)) })
		if r.transfer != "" {
			w.pair("__kIMFileTransferGUIDAttributeName", func() { w.string(r.transfer) })
		}
		for _, name := range names {
			w.pair(name, func() { w.integer(1) })
		}
		w.raw("\x86")
	}
	w.raw("\x86")
	return w.buf
}

type archiver struct {
	buf     []byte
	texts   map[string]int
	classes map[string]int
	objects int
}

func (w *archiver) raw(s string) { w.buf = append(w.buf, s...) }

func (w *archiver) number(n int64) {
	switch {
	case n >= -110 && n < 128:
		w.buf = append(w.buf, byte(n))
	case n >= -1<<15 && n < 1<<16:
		w.buf = binary.LittleEndian.AppendUint16(append(w.buf, markInt16), uint16(n))
	default:
		w.buf = binary.LittleEndian.AppendUint32(append(w.buf, markInt32), uint32(n))
	}
}

func (w *archiver) types(s string) {
	if at, ok := w.texts[s]; ok {
		w.number(int64(at + firstRef))
		return
	}
	w.texts[s] = len(w.texts)
	w.raw("\x84")
	w.number(int64(len(s)))
	w.raw(s)
}

func (w *archiver) object(classes ...string) {
	w.raw("\x84")
	w.objects++
	for _, c := range classes {
		if at, ok := w.classes[c]; ok {
			w.number(int64(at + firstRef))
			return
		}
		w.classes[c] = w.objects
		w.objects++
		w.raw("\x84")
		w.types(c)
		w.number(0)
	}
	w.raw("\x85")
}

func (w *archiver) string(s string) {
	w.object("NSString", "NSObject")
	w.types("+")
	w.number(int64(len(s)))
	w.raw(s + "\x86")
}

func (w *archiver) integer(n int64) {
	w.object("NSNumber", "NSValue", "NSObject")
	w.types("*")
	w.raw("\x84")
	w.objects++
	w.types("i")
	w.types("i")
	w.number(n)
	w.raw("\x86")
}

func (w *archiver) pair(key string, value func()) {
	w.types("@")
	w.string(key)
	w.types("@")
	value()
}

func same(a, b rich) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestReadBody(t *testing.T) {
	many := rich{}
	for i := range 300 { // more objects than one byte can name
		many = append(many, run{text: "x", part: i, transfer: strings.Repeat("g", i%7)})
	}
	for name, want := range map[string]rich{
		"plain":              {{text: "Hello"}},
		"two-byte length":    {{text: strings.Repeat("ä", 200)}},
		"0x8000 bytes":       {{text: strings.Repeat("x", 0x8000)}},
		"four-byte length":   {{text: strings.Repeat("x", 70000)}},
		"end mark in text":   {{text: "a\u0086b\u0084\u0092"}},
		"emoji before run":   {{text: "👩‍🚀 "}, {text: "bold", part: 1, style: bold}, {text: " end", style: italic | underline | strike}},
		"attachment between": {{text: "one"}, {text: "\uFFFC", part: 1, transfer: "at_0_X"}, {text: "two", part: 2, style: mention}},
		"many":               many,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readBody(body(want))
			if err != nil || !same(got, want) {
				t.Errorf("%v, %v; want %v", got, err, want)
			}
		})
	}
}

// What is cut behind the text still gives the text; what lies gives no more
// than was there.
func TestReadBodyDamaged(t *testing.T) {
	whole := body(rich{{text: "The text", style: bold}, {text: " goes on"}})
	text := strings.Index(string(whole), "The text goes on") + len("The text goes on")
	for n := range whole {
		got, err := readBody(whole[:n])
		if n < len(whole)-1 && err == nil {
			t.Errorf("%d bytes: no error", n)
		}
		if n >= text && got.String() != "The text goes on" {
			t.Errorf("%d bytes: %q", n, got)
		}
		if n < text && got != nil {
			t.Errorf("%d bytes: %q", n, got)
		}
	}
	head := "\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x08NSString\x01\x85"
	for name, b := range map[string]string{
		"empty":          "",
		"other header":   "\x04\x0btypedstream\x81\xe8\x03",
		"length lies":    head + "\x84\x01+\x82\xff\xff\xff\x7fabc\x86",
		"negative":       head + "\x84\x01+\xffabc\x86",
		"place lies":     head + "\xf0",
		"own reference":  head + "\x84\x01@\x92\x86",
		"no end":         head,
		"deep":           "\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@" + strings.Repeat("\x84\x85\x92", 1000),
		"types of none":  head + "\x84\x82\x00\x10\x00\x00" + strings.Repeat("[0c]", 1024) + strings.Repeat("\x94", 100000),
		"nested types":   head + "\x84\x82\x00\x08\x00\x00" + strings.Repeat("{=", 512) + strings.Repeat("}}", 512),
		"unclosed types": head + "\x84\x03{={",
		"array of none":  head + "\x84\x05[-1c]",
		"a huge array":   head + "\x84\x0b[99999999c]" + "abc",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := readBody([]byte(b)); err == nil || len(got.String()) > len(b) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// FuzzReadBody holds that what is read is in the input, as valid text, and that
// it reads the same when it is written anew.
func FuzzReadBody(f *testing.F) {
	f.Add(body(rich{{text: "Hello 👋", style: bold}, {text: "\uFFFC", part: 1, transfer: "at_0"}}))
	f.Add(body(rich{{text: strings.Repeat("long ", 60)}}))
	f.Add([]byte("\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x08NSString\x01\x85\x84\x01+\x82\xff\xff\xff\x7fabc\x86"))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, err := readBody(b)
		if len(text.String()) > 3*len(b) { // a bad byte becomes U+FFFD, of three
			t.Fatalf("%d bytes of %d", len(text.String()), len(b))
		}
		for _, r := range text {
			if r.text == "" && len(text) > 1 || !utf8.ValidString(r.text) || r.part < 0 {
				t.Fatalf("run %+v", r)
			}
		}
		if err != nil || len(text) == 0 {
			return
		}
		again, err := readBody(body(text))
		if err != nil || !same(again, text) {
			t.Fatalf("%v becomes %v, %v", text, again, err)
		}
	})
}

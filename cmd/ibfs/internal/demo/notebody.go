package demo

import (
	"bytes"
	"compress/gzip"
	"unicode/utf16"

	"google.golang.org/protobuf/encoding/protowire"
)

// A noteLine is a line of a note: a text that looks the same all through, or an
// attachment.
type noteLine struct {
	text       string
	style      int64
	indent     int64
	done       bool // of a check list
	bold       bool
	link       string
	attachment string // its identifier
	kind       string // its type
}

// What a paragraph is. Those from 1 are the file's own numbers.
const (
	plainStyle    = 0
	titleStyle    = -1
	quoteStyle    = -2
	headingStyle  = 1
	dottedStyle   = 100
	numberedStyle = 102
	checkStyle    = 103
)

const (
	photoType = "public.jpeg"
	tableType = "com.apple.notes.table"
)

// noteData is a note's text as NoteStore.sqlite has it: gzip around a message
// of protobuf, in which one field is the text and each run of letters that
// looks the same another.
func noteData(lines []noteLine) ([]byte, error) {
	text := ""
	var runs proto
	for i, l := range lines {
		piece := l.text
		if l.attachment != "" {
			piece = "\uFFFC"
		}
		if i < len(lines)-1 {
			piece += "\n"
		}
		text += piece
		runs = runs.message(5, l.run(int64(len(utf16.Encode([]rune(piece))))))
	}
	return packed(append(proto(nil).text(2, text), runs...))
}

// packed is what a note or a table is kept as.
func packed(m proto) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(proto(nil).message(2, proto(nil).number(2, 0).message(3, m))); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}

// run is an AttributeRun of so many UTF-16 units.
func (l noteLine) run(length int64) proto {
	m := proto(nil).number(1, length).message(2, l.paragraph())
	if l.bold {
		m = m.number(5, 1)
	}
	if l.link != "" {
		m = m.text(9, l.link)
	}
	if l.attachment != "" {
		m = m.message(12, proto(nil).text(1, l.attachment).text(2, l.kind))
	}
	return m
}

func (l noteLine) paragraph() (m proto) {
	switch l.style {
	case plainStyle:
	case titleStyle:
		m = m.number(1, 0)
	case quoteStyle:
		m = m.number(8, 1)
	default:
		m = m.number(1, l.style)
	}
	m = m.number(4, l.indent)
	if l.style == checkStyle {
		done := int64(0)
		if l.done {
			done = 1
		}
		m = m.message(5, proto(nil).bytes(1, rawUUID("check", l.text)).number(2, done))
	}
	return m
}

// A proto is a message of protobuf.
type proto []byte

func (m proto) number(field protowire.Number, v int64) proto {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), uint64(v))
}

func (m proto) bytes(field protowire.Number, v []byte) proto {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), v)
}

func (m proto) text(field protowire.Number, v string) proto   { return m.bytes(field, []byte(v)) }
func (m proto) message(field protowire.Number, v proto) proto { return m.bytes(field, v) }

package notes

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"ibfs/fs/view/wire"
)

// A body is the text of a note, or of a cell of a table, with what is said of
// its parts. Its runs follow each other from the text's beginning; what they do
// not reach is plain.
type body struct {
	text string
	runs []run
}

// A run is a part of a text that looks the same throughout.
type run struct {
	units  int // UTF-16 code units
	line   line
	look   look
	mark   uint8  // colour that it is marked in, from 1 to 5; 0 is none
	link   string // an address that it leads to; "" is none
	object string // identifier of what stands in its place, as U+FFFC
	uti    string // what that is
}

// A line is how the lines look that a run is part of.
type line struct {
	kind   kind
	align  align
	indent uint8 // of lists and texts
	done   bool  // of a checklist
	quote  bool
}

type kind uint8

const (
	plain kind = iota
	title
	heading
	subheading
	mono
	dotted
	dashed
	numbered
	checklist
)

// kinds are those of ParagraphStyle.style_type; all others are plain.
var kinds = map[int32]kind{0: title, 1: heading, 2: subheading, 4: mono, 100: dotted, 101: dashed, 102: numbered, 103: checklist}

func (k kind) list() bool { return k >= dotted }

type align uint8 // ParagraphStyle.alignment

const (
	natural align = iota
	centred
	right
	justified
)

type look uint8

const (
	bold look = 1 << iota
	italic
	underline
	strike
	super
	sub
)

const (
	maxRuns   = 200_000 // what follows them is plain
	maxIndent = 16
)

// decodeBody reads a text that is packed. With an error comes what could be read
// of it.
//
// Wire: NoteStoreProto { 2: Document { 3: Note } }.
// Source: apple_cloud_notes_parser proto/notestore.proto.
func decodeBody(packed []byte, left *budget) (body, error) {
	raw, err := left.unpack(packed)
	if raw == nil && err != nil {
		return body{}, err
	}
	note, wireErr := within(raw, 2, 3)
	if err == nil {
		err = wireErr
	}
	b, noteErr := decodeNote(note)
	if err == nil {
		err = noteErr
	}
	if err != nil {
		return b, fmt.Errorf("read text: %w", err)
	}
	return b, nil
}

// decodeNote reads a Note { 2: text; 5: runs }.
func decodeNote(b []byte) (body, error) {
	var n body
	var bad error
	for f, err := range wire.Fields(b) {
		if err != nil {
			return n, err
		}
		switch {
		case f.Number == 2:
			text := f.Bytes
			if len(text) > maxText {
				text, bad = text[:maxText], errLong
			}
			n.text = strings.ToValidUTF8(string(text), string(utf8.RuneError))
		case f.Number == 5 && len(n.runs) < maxRuns:
			r, err := decodeRun(f.Bytes)
			if err != nil {
				bad = err
			}
			n.add(r)
		}
	}
	return n, bad
}

// add adds a run. What a phone tells of a run beside its looks, such as who wrote
// it when, makes several of one.
func (b *body) add(r run) {
	if r.units == 0 {
		return
	}
	if last := len(b.runs) - 1; last >= 0 && r.object == "" {
		same := r
		same.units = b.runs[last].units
		if same == b.runs[last] {
			b.runs[last].units = min(same.units+r.units, math.MaxInt32)
			return
		}
	}
	b.runs = append(b.runs, r)
}

// decodeRun reads an AttributeRun { 1: length in UTF-16 code units; 2: style of
// the line; 5: weight; 6: underlined; 7: struck through; 8: above or below the
// line; 9: link; 12: attachment { 1: identifier; 2: type }; 14: mark }.
func decodeRun(b []byte) (run, error) {
	var r run
	var bad error
	for f, err := range wire.Fields(b) {
		if err != nil {
			return r, err
		}
		switch f.Number {
		case 1:
			r.units = int(max(f.Int32(), 0))
		case 2:
			r.line, bad = decodeLine(f.Bytes)
		case 5:
			r.look |= [...]look{0, bold, italic, bold | italic}[f.Value&3]
		case 6:
			r.look |= when(f.Value != 0, underline)
		case 7:
			r.look |= when(f.Value != 0, strike)
		case 8:
			r.look |= when(f.Int32() > 0, super) | when(f.Int32() < 0, sub)
		case 9:
			r.link = web(string(f.Bytes))
		case 12:
			r.object, r.uti = decodeAttachment(f.Bytes)
		case 14:
			if f.Value <= 5 {
				r.mark = uint8(f.Value)
			}
		}
	}
	return r, bad
}

func when(is bool, l look) look {
	if is {
		return l
	}
	return 0
}

func decodeAttachment(b []byte) (identifier, uti string) {
	// A mistake shows as an attachment that is not found.
	for f := range wire.Intact(b) {
		switch f.Number {
		case 1:
			identifier = string(f.Bytes)
		case 2:
			uti = string(f.Bytes)
		}
	}
	return identifier, uti
}

// decodeLine reads a ParagraphStyle { 1: style; 2: alignment; 4: indent; 5:
// Checklist { 2: done }; 8: quote }.
func decodeLine(b []byte) (line, error) {
	var l line
	for f, err := range wire.Fields(b) {
		if err != nil {
			return l, err
		}
		switch f.Number {
		case 1:
			l.kind = kinds[f.Int32()]
			if f.Bytes != nil {
				l.kind = plain
			}
		case 2:
			if f.Value <= uint64(justified) {
				l.align = align(f.Value)
			}
		case 4:
			l.indent = uint8(min(f.Value, maxIndent))
		case 5:
			for f := range wire.Intact(f.Bytes) { // one that is damaged is not done
				if f.Number == 2 {
					l.done = f.Value != 0
				}
			}
		case 8:
			l.quote = f.Value != 0
		}
	}
	return l, nil
}

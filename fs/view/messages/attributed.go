package messages

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"ibfs/fs/view/transcript"
)

// A rich text is a text in runs that have one look each.
type rich []run

// A run is a part of a message's text and what is said of it. U+FFFC in it
// stands for an attachment, U+FFFD for what an app shows.
type run struct {
	text     string
	part     int    // the place of the message's part that it belongs to, from 0
	transfer string // the guid of the attachment that stands here
	style    transcript.Style
}

const (
	bold      = transcript.Bold
	italic    = transcript.Italic
	underline = transcript.Underline
	strike    = transcript.Strike
	mention   = transcript.Mention
)

// String is the text alone.
func (t rich) String() string {
	if len(t) == 1 {
		return t[0].text
	}
	var b strings.Builder
	for _, r := range t {
		b.WriteString(r.text)
	}
	return b.String()
}

// readBody reads an NSAttributedString from a typed stream. The lengths of its
// runs count UTF-16 units. When the stream is damaged behind the text, the text
// is there with an error, with those looks that were read.
func readBody(b []byte) (rich, error) {
	root, err := readStream(b)
	if root == nil {
		return nil, err
	}
	text, ok := root, isString(root)
	values := root.values
	if !ok && len(values) > 0 { // an attributed one
		text, ok = values[0].(*object)
		values = values[1:]
	}
	if !ok || !isString(text) {
		if err == nil {
			err = fmt.Errorf("%w: no text in %q", errStream, root.class)
		}
		return nil, err
	}
	s, ok := textOf(text)
	if !ok {
		return nil, err
	}
	if text == root {
		values = nil
	}
	return runsOf(s, values), err
}

func isString(o *object) bool {
	return o != nil && strings.HasSuffix(o.class, "String") && len(o.values) > 0 && isBytes(o.values[0])
}

func isBytes(v any) bool {
	_, ok := v.([]byte)
	return ok
}

// runsOf cuts a text by what follows it in the stream: the number of a look and
// the length of a run, and the look itself where the number is new.
func runsOf(text string, values []any) rich {
	looks := map[int64]run{}
	var t rich
	for len(values) >= 2 && text != "" {
		id, ok := values[0].(int64)
		units, isCount := values[1].(int64)
		if !ok || !isCount {
			break
		}
		values = values[2:]
		if len(values) > 0 {
			if attributes, ok := values[0].(*object); ok {
				looks[id] = lookOf(attributes)
				values = values[1:]
			}
		}
		r := looks[id]
		r.text, text = cutUnits(text, units)
		if r.text != "" {
			t = append(t, r)
		}
	}
	if text != "" {
		t = append(t, run{text: text})
	}
	return t
}

// cutUnits cuts a text after a number of UTF-16 units, between two characters.
func cutUnits(text string, units int64) (head, tail string) {
	for i, r := range text {
		if units <= 0 {
			return text[:i], text[i:]
		}
		if units--; r >= 0x10000 {
			units--
		}
	}
	return text, ""
}

// lookOf reads a dictionary: its count, then keys and values by turns.
func lookOf(attributes *object) (r run) {
	if len(attributes.values) == 0 {
		return r
	}
	for pairs := attributes.values[1:]; len(pairs) >= 2; pairs = pairs[2:] {
		key, _ := pairs[0].(*object)
		value, _ := pairs[1].(*object)
		name, ok := textOf(key)
		if !ok || value == nil {
			continue
		}
		switch name {
		case "__kIMMessagePartAttributeName":
			if n, ok := numberOf(value); ok && n >= 0 && n < math.MaxInt32 {
				r.part = int(n)
			}
		case "__kIMFileTransferGUIDAttributeName":
			r.transfer, _ = textOf(value)
		case "__kIMTextBoldAttributeName":
			r.style |= bold
		case "__kIMTextItalicAttributeName":
			r.style |= italic
		case "__kIMTextUnderlineAttributeName":
			r.style |= underline
		case "__kIMTextStrikethroughAttributeName":
			r.style |= strike
		case "__kIMMentionConfirmedMention":
			r.style |= mention
		}
	}
	return r
}

// textOf is the text of an NSString, with U+FFFD for what is no UTF-8.
func textOf(o *object) (string, bool) {
	if !isString(o) {
		return "", false
	}
	b := o.values[0].([]byte)
	if !utf8.Valid(b) {
		return strings.ToValidUTF8(string(b), "\uFFFD"), true
	}
	return string(b), true
}

// numberOf is the value of an NSNumber, which lies behind the letter of its type.
func numberOf(o *object) (int64, bool) {
	for _, v := range o.values {
		if n, ok := v.(int64); ok {
			return n, true
		}
	}
	return 0, false
}

// floatOf reads 4 or 8 bytes.
func floatOf(b []byte) float64 {
	if len(b) == 4 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

package messages

import (
	"bytes"
	"strings"
	"time"
	"unicode"
)

// renderText is a page as plain text: a line for each message, as
//
//	2024-07-14 18:03  Anna: text
//
// Further lines of a message, and what is told of it, are indented, so that no
// text can look like another's message.
func renderText(p *page, zone *time.Location) []byte {
	var b bytes.Buffer
	line := func(texts ...string) {
		for _, t := range texts {
			b.WriteString(t)
		}
		b.WriteByte('\n')
	}
	line(oneLine(p.title()))
	for _, about := range p.about(zone) {
		line(oneLine(about))
	}
	line()
	for i := range p.messages {
		m := &p.messages[i]
		b.WriteString(m.stamp(zone) + "  ")
		if m.event != "" {
			line("* ", oneLine(m.event))
		} else {
			line(oneLine(m.who), ": ", indented(m.plain()))
		}
		for _, n := range m.notes(zone) {
			if n.class == "seen" { // by the phone's owner: of little use to who searches a text
				continue
			}
			line(indent, "  ", oneLine(n.text))
			for _, e := range n.edits {
				line(indent, "    “", strings.ReplaceAll(indented(e.text), indent, indent+"    "), "”")
			}
		}
	}
	return b.Bytes()
}

const indent = "                  " // as wide as a date

// plain is all of a message's content as text.
func (m *message) plain() string {
	var b strings.Builder
	if m.subject != "" {
		b.WriteString(m.subject + "\n")
	}
	for i, p := range m.pieces {
		if p.file == nil {
			b.WriteString(p.text)
			continue
		}
		if i > 0 && m.pieces[i-1].file == nil && !strings.HasSuffix(m.pieces[i-1].text, " ") || i > 0 && m.pieces[i-1].file != nil {
			b.WriteByte(' ')
		}
		b.WriteString("[" + p.file.told(m.spoken) + "]")
		if i+1 < len(m.pieces) && m.pieces[i+1].file == nil && !strings.HasPrefix(m.pieces[i+1].text, " ") {
			b.WriteByte(' ')
		}
	}
	for _, l := range m.app {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(l)
	}
	return strings.TrimSpace(b.String())
}

// told is what a file is in a text: where it lies, or that it is not there.
func (f *file) told(spoken bool) string {
	text := f.label()
	switch {
	case f.sticker:
		return text
	case f.shown != "":
		text = attachmentsDir + "/" + f.shown
	case f.missing != "":
		text += ": " + f.missing
	}
	if spoken {
		return "spoken message: " + text
	}
	return text
}

const attachmentsDir = "attachments"

// oneLine is a text without line breaks and control characters.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case isBreak(r), r == '\t':
			return ' '
		case !shown(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// indented is a text whose lines after the first are indented.
func indented(s string) string {
	lines := strings.FieldsFunc(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"), isBreak)
	for i, l := range lines {
		lines[i] = strings.Map(func(r rune) rune {
			if !shown(r) {
				return -1
			}
			return r
		}, l)
	}
	return strings.Join(lines, "\n"+indent)
}

// isBreak says that a character ends a line, in one program or another.
func isBreak(r rune) bool {
	return r >= '\n' && r <= '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// shown says that a character is one of a text: no control character, and none
// that turns the direction of what follows.
func shown(r rune) bool {
	return r == '\t' || !unicode.IsControl(r) && !(r >= 0x202A && r <= 0x202E) && !(r >= 0x2066 && r <= 0x2069) && r != 0xFEFF
}

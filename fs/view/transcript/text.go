package transcript

import (
	"bytes"
	"strings"
	"time"

	"ibfs/fs/view/markup"
)

// Text is a page as plain text: a line for each message, as
//
//	2024-07-14 18:03  Anna: text
//
// Further lines of a message, and what is told of it, are indented by Indent,
// so that no text can look like another's message.
func (p *Page) Text() []byte {
	var b bytes.Buffer
	line := func(texts ...string) {
		for _, t := range texts {
			b.WriteString(t)
		}
		b.WriteByte('\n')
	}
	line(oneLine(p.Title))
	for _, about := range p.about() {
		line(oneLine(about))
	}
	line()
	for i := range p.Messages {
		m := &p.Messages[i]
		b.WriteString(m.stamp(p.zone()) + "  ")
		if m.Event != "" {
			line("* ", oneLine(m.Event))
		} else {
			line(oneLine(m.Who), ": ", indented(m.plain()))
		}
		for _, n := range m.Notes {
			line(Indent, "  ", oneLine(n.Text))
			for _, text := range n.Before {
				line(Indent, "    “", strings.ReplaceAll(indented(text), Indent, Indent+"    "), "”")
			}
		}
	}
	return b.Bytes()
}

// Indent begins each line of a text that begins no message. It is as wide as a
// date.
const Indent = "                  "

// stamp is when a message was sent.
func (m *Message) stamp(zone *time.Location) string {
	if m.At.IsZero() {
		return "unknown date    "
	}
	return m.At.In(zone).Format("2006-01-02 15:04")
}

// plain is all of a message's content as text.
func (m *Message) plain() string {
	var b strings.Builder
	if m.Subject != "" {
		b.WriteString(m.Subject + "\n")
	}
	for i, p := range m.Pieces {
		if p.File == nil {
			b.WriteString(p.Text)
			continue
		}
		if i > 0 && m.Pieces[i-1].File == nil && !strings.HasSuffix(m.Pieces[i-1].Text, " ") || i > 0 && m.Pieces[i-1].File != nil {
			b.WriteByte(' ')
		}
		b.WriteString("[" + p.File.Told + "]")
		if i+1 < len(m.Pieces) && m.Pieces[i+1].File == nil && !strings.HasPrefix(m.Pieces[i+1].Text, " ") {
			b.WriteByte(' ')
		}
	}
	for _, l := range m.Lines {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(l)
	}
	return strings.TrimSpace(b.String())
}

// oneLine is a text without line breaks and control characters.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case isBreak(r), r == '\t':
			return ' '
		case !markup.Visible(r):
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
			if !markup.Visible(r) {
				return -1
			}
			return r
		}, l)
	}
	return strings.Join(lines, "\n"+Indent)
}

// isBreak says that a character ends a line, in one program or another.
func isBreak(r rune) bool {
	return r >= '\n' && r <= '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

package notes

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ibfs/fs/view"
	"ibfs/fs/view/markup"
)

// renderMarkdown is a note as Markdown: CommonMark with the tables, tasks and
// strike-through of GitHub's. No text of the note is taken for a mark or a tag.
func renderMarkdown(p *page, _ *time.Location) []byte {
	w := &mdWriter{page: p, fence: fence(p.text)}
	for _, line := range p.told {
		w.begin(blockText)
		w.plain(line)
	}
	if p.text == "" {
		w.begin(blockOther)
		w.WriteString("# ")
		w.plain(p.name())
	}
	for par := range p.paragraphs() {
		if w.Len() > maxPage {
			w.begin(blockText)
			w.plain("The note goes on; it is too long to be shown.")
			break
		}
		w.paragraph(par)
	}
	w.endFence()
	for _, a := range p.rest() {
		w.begin(blockText)
		w.file(a)
	}
	w.endLine()
	return w.Bytes()
}

// An mdWriter writes a note as Markdown.
type mdWriter struct {
	*page
	bytes.Buffer
	block  block
	prefix string // of each line: of a quotation
	fence  string // longer than any that the text has
	fenced bool
	counts []int  // of the numbered lists that are open, by their depth
	lists  []kind // that are open
	start  bool   // nothing stands in the line yet
	number bool   // nothing but a number does, which could be an item's
}

// A block is what the last line was.
type block uint8

const (
	blockNone block = iota
	blockText
	blockList
	blockOther
)

// fence is a line of backticks that a text has nowhere.
func fence(text string) string {
	longest, n := 2, 0
	for _, c := range []byte(text) {
		if c == '`' {
			n++
			longest = max(longest, n)
		} else {
			n = 0
		}
	}
	return strings.Repeat("`", longest+1)
}

// begin begins a block; one that is not of the kind before has an empty line
// before it.
func (w *mdWriter) begin(b block) {
	w.endLine()
	if w.block != blockNone && !(b == blockList && w.block == blockList) {
		w.WriteString(strings.TrimRight(w.prefix, " ") + "\n")
	}
	if b != blockList {
		w.lists, w.counts = w.lists[:0], w.counts[:0]
	}
	w.block = b
	w.line()
}

func (w *mdWriter) line() {
	w.WriteString(w.prefix)
	w.start = true
}

func (w *mdWriter) endLine() {
	if w.Len() > 0 && w.Bytes()[w.Len()-1] != '\n' {
		w.WriteByte('\n')
	}
}

func (w *mdWriter) paragraph(p paragraph) {
	if quote := map[bool]string{true: "> "}[p.quote]; quote != w.prefix {
		w.endFence()
		w.endLine()
		if w.block != blockNone {
			w.WriteByte('\n')
		}
		w.prefix, w.block, w.lists, w.counts = quote, blockNone, nil, nil
	}
	if p.kind == mono {
		w.mono(p)
		return
	}
	w.endFence()
	switch {
	case len(p.spans) == 1 && w.newTable(p.spans[0]):
		w.attachment(p.spans[0])
		return
	case p.kind.list():
		w.item(p)
	case p.empty():
		if w.block != blockNone {
			w.block, w.lists, w.counts = blockOther, nil, nil // what follows is no part of it
		}
		return
	case p.kind == title, p.kind == heading, p.kind == subheading:
		w.begin(blockOther)
		w.WriteString(strings.Repeat("#", int(p.kind)) + " ")
	case w.block == blockText: // a line of a paragraph
		w.WriteString("  \n")
		w.line()
	default:
		w.begin(blockText)
	}
	before := w.Len()
	w.spans(p)
	if p.kind.list() && w.Len() == before {
		w.WriteString("&nbsp;") // an empty item does not begin a list
	}
}

// mono writes a line of a block of code.
func (w *mdWriter) mono(p paragraph) {
	if !w.fenced {
		w.begin(blockOther)
		w.WriteString(w.fence)
		w.fenced = true
	}
	w.WriteString("\n" + w.prefix)
	for _, s := range p.spans {
		if s.anchors() {
			w.WriteString(view.OneLine("[" + w.find(s).label() + "]"))
			continue
		}
		w.WriteString(strings.ReplaceAll(clean(s.text), "\n", "\n"+w.prefix))
	}
}

func (w *mdWriter) endFence() {
	if w.fenced {
		w.WriteString("\n" + w.prefix + w.fence)
		w.fenced = false
	}
}

var markers = map[kind]string{dotted: "* ", dashed: "- ", checklist: "- [ ] "}

// item begins an item of a list: four spaces a level, and no level that the
// item before does not lead to, as that would be code.
func (w *mdWriter) item(p paragraph) {
	w.begin(blockList)
	depth := min(int(p.indent), len(w.lists))
	if len(w.lists) > depth {
		same := w.lists[depth] == p.kind
		w.lists = append(w.lists[:depth], p.kind)
		w.counts = w.counts[:depth+1]
		if !same {
			w.counts[depth] = 0
		}
	} else {
		w.lists, w.counts = append(w.lists, p.kind), append(w.counts, 0)
	}
	w.counts[depth]++
	w.WriteString(strings.Repeat("    ", depth))
	switch {
	case p.kind == numbered:
		w.WriteString(strconv.Itoa(w.counts[depth]) + ". ")
	case p.kind == checklist && p.done:
		w.WriteString("- [x] ")
	default:
		w.WriteString(markers[p.kind])
	}
}

func (w *mdWriter) spans(p paragraph) {
	for i, s := range p.spans {
		if w.Len() > maxPage {
			return
		}
		if s.anchors() {
			w.attachment(s)
			continue
		}
		before, after := ' ', ' '
		if i > 0 {
			before, _ = utf8.DecodeLastRuneInString(p.spans[i-1].text)
		}
		if i+1 < len(p.spans) {
			after, _ = utf8.DecodeRuneInString(p.spans[i+1].text)
		}
		w.span(s, unicode.IsSpace(before) && unicode.IsSpace(after))
	}
}

// marks are what Markdown has for looks. They count as such for certain only
// between spaces; elsewhere, and for all else, there are elements of HTML.
var marks = map[look]string{bold: "**", italic: "*", strike: "~~"}

// span writes a text with its looks; alone says that spaces, or the line's ends,
// are on both sides.
func (w *mdWriter) span(s span, alone bool) {
	text := clean(s.text)
	inner := strings.TrimSpace(text)
	if inner == "" {
		w.plain(text)
		return
	}
	lead, trail, _ := strings.Cut(text, inner)
	w.plain(lead)
	if s.link != "" {
		w.WriteByte('[')
		w.start, alone = false, false
	}
	var ends []string
	for _, l := range looks {
		if s.look&l.look == 0 {
			continue
		}
		open, end := "<"+l.tag+">", "</"+l.tag+">"
		if m := marks[l.look]; m != "" && (alone || lead != "" && trail != "") && len(ends) == 0 && s.look&^l.look == 0 {
			open, end = m, m
		}
		w.WriteString(open)
		w.start = false
		ends = append(ends, end)
	}
	if s.mark > 0 {
		w.WriteString("<mark>")
		w.start = false
		ends = append(ends, "</mark>")
	}
	w.plain(inner)
	for i := len(ends) - 1; i >= 0; i-- {
		w.WriteString(ends[i])
	}
	if s.link != "" {
		w.WriteString("](<" + s.link + ">)")
	}
	w.plain(trail)
}

// clean is a text without control characters. Breaks within a paragraph are
// plain ones.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 0x2028 || r == 0x2029:
			return '\n'
		case r == '\n' || markup.Visible(r):
			return r
		}
		return -1
	}, s)
}

// plain writes text so that nothing in it is taken for a mark.
func (w *mdWriter) plain(s string) {
	for _, r := range clean(s) {
		switch {
		case r == '\n':
			w.WriteString("<br>")
		case strings.ContainsRune("\\`*_[]<>&~|#", r), w.start && strings.ContainsRune("+-=:", r), w.number && (r == '.' || r == ')'):
			w.WriteByte('\\')
			w.WriteRune(r)
		case w.start && unicode.IsSpace(r): // it would be lost, or make code of the line
			w.WriteString("&nbsp;")
			continue
		default:
			w.WriteRune(r)
		}
		w.number = (w.start || w.number) && unicode.IsDigit(r)
		w.start = false
	}
}

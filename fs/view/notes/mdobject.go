package notes

import (
	"cmp"
	"strings"

	"ibfs/fs/view"
	"ibfs/fs/view/markup"
)

// find is what stands at a place of the text; it may be unknown.
func (p *page) find(s span) *attachment {
	if a := p.object(s.object); a != nil {
		return a
	}
	return &attachment{uti: s.uti}
}

// newTable says that a table stands at a place of the text, and nowhere before.
func (w *mdWriter) newTable(s span) bool {
	a := w.find(s)
	return s.anchors() && a.uti == utiTable && !w.used[a]
}

// attachment writes what stands at a place of the text.
func (w *mdWriter) attachment(s span) {
	a := w.find(s)
	uti := cmp.Or(a.uti, s.uti)
	again := w.used[a]
	w.used[a] = true
	switch {
	case strings.HasPrefix(uti, utiInline):
		w.plain(view.OneLine(cmp.Or(a.text, a.missing())))
	case uti == utiURL:
		w.address(a)
	case again || w.inTable && uti == utiTable:
		w.plain("[" + a.label() + "]")
	case uti == utiTable:
		w.grid(a)
	case len(a.children) > 0 && a.note == w.row:
		for i, c := range w.ordered(a) {
			if i > 0 {
				w.WriteByte(' ')
			}
			w.used[c] = true
			w.file(c)
		}
	default:
		w.file(a)
	}
}

func (w *mdWriter) address(a *attachment) {
	link := web(a.url)
	text := cmp.Or(view.OneLine(a.title), view.OneLine(a.url))
	if link == "" {
		w.plain(cmp.Or(text, a.missing()))
		return
	}
	w.anchor(text, link)
}

// file writes a picture, or a link to a file.
func (w *mdWriter) file(a *attachment) {
	if !w.inside(a) {
		w.plain(a.missing())
		return
	}
	if markup.Media(a.file.shown) == "img" {
		w.WriteByte('!')
	}
	w.anchor(a.file.shown, w.link(a))
}

func (w *mdWriter) anchor(text, link string) {
	w.WriteByte('[')
	w.start = false
	w.plain(text)
	w.WriteString("](<" + link + ">)")
}

// grid writes a table, whose first row is its head. What comes before and after
// it in the line are paragraphs.
func (w *mdWriter) grid(a *attachment) {
	t, err := w.table(a)
	if err != nil {
		w.begin(blockText)
		w.plain("[table, which could not be read: " + err.Error() + "]")
	}
	if len(t.rows) == 0 {
		return
	}
	w.inTable = true
	w.begin(blockOther)
	for y, row := range t.rows {
		if y > 0 {
			w.endLine()
			w.line()
		}
		w.WriteByte('|')
		for x := range row {
			w.WriteByte(' ')
			w.start = true
			w.cell(&row[x])
			w.WriteString(" |")
		}
		if y == 0 {
			w.WriteString("\n" + w.prefix + "|" + strings.Repeat(" --- |", len(row)))
		}
	}
	w.inTable = false
}

func (w *mdWriter) cell(b *body) {
	first := true
	for p := range b.paragraphs() {
		if !first {
			w.WriteString("<br>")
		}
		first = false
		w.spans(p)
	}
}

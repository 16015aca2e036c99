package notes

import (
	"cmp"
	"strings"

	"ibfs/fs/view"
)

// attachment writes what stands at a place of the text.
func (w *htmlWriter) attachment(s span) {
	a := w.find(s)
	uti := cmp.Or(a.uti, s.uti)
	again := w.used[a] // notes have each once; a text that does not could be long without end
	w.used[a] = true
	switch {
	case strings.HasPrefix(uti, utiInline):
		w.Raw(`<span class="object">`)
		w.text(cmp.Or(a.text, a.missing()))
		w.Raw("</span>")
	case uti == utiURL:
		w.Raw(`<span class="object">`)
		w.address(a)
		w.Raw("</span>")
	case again || w.inTable && uti == utiTable:
		w.Raw(`<span class="object">`)
		w.text("[" + a.label() + "]")
		w.Raw("</span>")
	case uti == utiTable:
		w.grid(a)
	case len(a.children) > 0 && a.note == w.row:
		w.Raw(`<span class="object">`)
		for _, c := range w.ordered(a) {
			w.used[c] = true
			w.file(c)
		}
		w.Raw("</span>")
	default:
		w.file(a)
	}
}

// address writes a link that stands for itself.
func (w *htmlWriter) address(a *attachment) {
	link := web(a.url)
	if link == "" {
		w.text(cmp.Or(view.OneLine(a.title), view.OneLine(a.url), a.missing()))
		return
	}
	w.Link(link, cmp.Or(view.OneLine(a.title), view.OneLine(a.url)))
}

// file writes a file of the note, or what stands for it.
func (w *htmlWriter) file(a *attachment) {
	if !w.inside(a) {
		w.Raw(`<span class="object">`)
		w.text(a.missing())
		w.Raw("</span>")
		return
	}
	w.Raw(`<span class="object">`)
	w.File(w.link(a), a.file.shown)
	w.Raw("</span>")
}

// grid writes a table.
func (w *htmlWriter) grid(a *attachment) {
	t, err := w.table(a)
	w.inTable = true
	defer func() { w.inTable = false }()
	w.Raw(`<div class="object">`)
	if err != nil {
		w.Raw("<p>")
		w.text("[table, which could not be read: " + err.Error() + "]")
		w.Raw("</p>")
	}
	if len(t.rows) > 0 {
		w.Raw("<table")
		if t.rtl {
			w.Raw(` dir="rtl"`)
		}
		w.Raw(">\n")
		for _, row := range t.rows {
			w.Raw("<tr>")
			for i := range row {
				w.Raw(`<td dir="auto">`)
				w.cell(&row[i])
				w.Raw("</td>")
			}
			w.Raw("</tr>\n")
		}
		w.Raw("</table>")
	}
	w.Raw("</div>")
}

func (w *htmlWriter) cell(b *body) {
	first := true
	for p := range b.paragraphs() {
		if !first {
			w.Raw("<br>")
		}
		first = false
		w.spans(p)
	}
}

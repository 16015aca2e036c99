package notes

import (
	"cmp"
	"strings"
)

// attachment writes what stands at a place of the text.
func (w *htmlWriter) attachment(s span) {
	a := w.find(s)
	uti := cmp.Or(a.uti, s.uti)
	again := w.used[a] // notes have each once; a text that does not could be long without end
	w.used[a] = true
	switch {
	case strings.HasPrefix(uti, utiInline):
		w.raw(`<span class="object">`)
		w.text(cmp.Or(a.text, a.missing()))
		w.raw("</span>")
	case uti == utiURL:
		w.raw(`<span class="object">`)
		w.address(a)
		w.raw("</span>")
	case again || w.inTable && uti == utiTable:
		w.raw(`<span class="object">`)
		w.text("[" + a.label() + "]")
		w.raw("</span>")
	case uti == utiTable:
		w.grid(a)
	case len(a.children) > 0 && a.note == w.row:
		w.raw(`<span class="object">`)
		for _, c := range w.ordered(a) {
			w.used[c] = true
			w.file(c)
		}
		w.raw("</span>")
	default:
		w.file(a)
	}
}

// address writes a link that stands for itself.
func (w *htmlWriter) address(a *attachment) {
	link := web(a.url)
	if link == "" {
		w.text(cmp.Or(oneLine(a.title), oneLine(a.url), a.missing()))
		return
	}
	w.raw(`<a rel="noreferrer noopener" href="`)
	w.text(link)
	w.raw(`">`)
	w.text(cmp.Or(oneLine(a.title), oneLine(a.url)))
	w.raw("</a>")
}

// file writes a picture, film or sound that browsers know as such, anything else
// as a link.
func (w *htmlWriter) file(a *attachment) {
	if !w.inside(a) {
		w.raw(`<span class="object">`)
		w.text(a.missing())
		w.raw("</span>")
		return
	}
	link := w.link(a)
	w.raw(`<span class="object">`)
	switch mediaOf(a.file.shown) {
	case "img":
		w.raw(`<a href="`)
		w.text(link)
		w.raw(`"><img loading="lazy" src="`)
		w.text(link)
		w.raw(`" alt="`)
		w.text(a.file.shown)
		w.raw(`"></a></span>`)
		return
	case "video":
		w.raw(`<video controls preload="none" src="`)
		w.text(link)
		w.raw(`"></video>`)
	case "audio":
		w.raw(`<audio controls preload="none" src="`)
		w.text(link)
		w.raw(`"></audio>`)
	}
	w.raw(`<a href="`)
	w.text(link)
	w.raw(`">`)
	w.text(a.file.shown)
	w.raw("</a></span>")
}

// grid writes a table.
func (w *htmlWriter) grid(a *attachment) {
	t, err := w.table(a)
	w.inTable = true
	defer func() { w.inTable = false }()
	w.raw(`<div class="object">`)
	if err != nil {
		w.raw("<p>")
		w.text("[table, which could not be read: " + err.Error() + "]")
		w.raw("</p>")
	}
	if len(t.rows) > 0 {
		w.raw("<table")
		if t.rtl {
			w.raw(` dir="rtl"`)
		}
		w.raw(">\n")
		for _, row := range t.rows {
			w.raw("<tr>")
			for i := range row {
				w.raw(`<td dir="auto">`)
				w.cell(&row[i])
				w.raw("</td>")
			}
			w.raw("</tr>\n")
		}
		w.raw("</table>")
	}
	w.raw("</div>")
}

func (w *htmlWriter) cell(b *body) {
	first := true
	for p := range b.paragraphs() {
		if !first {
			w.raw("<br>")
		}
		first = false
		w.spans(p)
	}
}

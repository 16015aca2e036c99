package notes

import (
	_ "embed" // the style of a page
	"strings"
	"time"

	"ibfs/fs/view/markup"
)

//go:embed page.css
var pageStyle string

// maxPage bounds a page, in bytes: a text could refer to one long table many
// times.
const maxPage = 64 << 20

// renderHTML is a note as HTML that stands by itself. It runs no script and loads
// nothing but pictures, films and sounds of the folder beside it; its policy says
// the same to the browser. Every text of the backup goes through text.
func renderHTML(p *page, zone *time.Location) []byte {
	w := &htmlWriter{page: p}
	w.Begin(p.name(), pageStyle)
	w.Raw("<header>\n")
	for _, line := range p.about(zone) {
		w.Raw("<p>")
		w.text(line)
		w.Raw("</p>\n")
	}
	w.Raw("</header>\n<article>\n")
	if p.text == "" {
		w.Raw("<h1>")
		w.text(p.name())
		w.Raw("</h1>\n")
	}
	for par := range p.paragraphs() {
		if w.Len() > maxPage {
			w.Raw("<p>The note goes on; it is too long to be shown.</p>\n")
			break
		}
		w.paragraph(par)
	}
	w.endBlocks()
	w.Raw("</article>\n")
	if rest := p.rest(); len(rest) > 0 {
		w.Raw("<footer>\n<h2>Attachments</h2>\n")
		for _, a := range rest {
			w.file(a)
		}
		w.Raw("</footer>\n")
	}
	w.End()
	return w.Bytes()
}

// An htmlWriter writes a note as HTML.
type htmlWriter struct {
	*page
	markup.Writer
	lists []kind // that are open, each in an item of the one before
	pre   bool   // a block of monospaced lines is open
	quote bool
}

// text writes text of the backup, whose breaks within a paragraph are plain ones.
func (w *htmlWriter) text(s string) { w.Text(clean(s)) }

func (w *htmlWriter) paragraph(p paragraph) {
	if p.quote != w.quote {
		w.endBlocks()
		if p.quote {
			w.Raw("<blockquote>\n")
		}
		w.quote = p.quote
	}
	if p.kind != mono {
		w.endPre()
	}
	if p.kind.list() {
		w.item(p)
		return
	}
	w.endLists()
	switch p.kind {
	case title:
		w.block("h1", p)
	case heading:
		w.block("h2", p)
	case subheading:
		w.block("h3", p)
	case mono:
		if !w.pre {
			w.Raw(`<pre dir="auto">`, "\n") // which counts for nothing; one of the text would
		} else {
			w.Raw("\n")
		}
		w.pre = true
		w.spans(p)
	default:
		w.block("div", p)
	}
}

func (w *htmlWriter) block(tag string, p paragraph) {
	w.Raw("<", tag, ` dir="auto"`)
	classes := ""
	if p.align != natural {
		classes = [...]string{"", "centred", "right", "justified"}[p.align]
	}
	if p.indent > 0 {
		classes = strings.TrimSpace(classes + " in" + string(rune('0'+min(p.indent, 6))))
	}
	if classes != "" {
		w.Raw(` class="`, classes, `"`)
	}
	w.Raw(">")
	if p.empty() {
		w.Raw("<br>")
	}
	w.spans(p)
	w.Raw("</", tag, ">\n")
}

var listTags = map[kind][2]string{
	dotted: {`<ul>`, "</ul>"}, dashed: {`<ul class="dashed">`, "</ul>"}, numbered: {`<ol>`, "</ol>"}, checklist: {`<ul class="check">`, "</ul>"},
}

// item writes an item of a list. A deeper list lies in the item before it.
func (w *htmlWriter) item(p paragraph) {
	depth := int(p.indent) + 1
	for len(w.lists) > depth || len(w.lists) == depth && w.lists[depth-1] != p.kind {
		w.endList()
	}
	if len(w.lists) == depth {
		w.Raw("</li>\n")
	}
	for len(w.lists) < depth {
		w.Raw(listTags[p.kind][0], "\n")
		w.lists = append(w.lists, p.kind)
		if len(w.lists) < depth {
			w.Raw(`<li class="none">`)
		}
	}
	w.Raw(`<li dir="auto">`)
	if p.kind == checklist {
		w.Raw(`<span class="box">`, box(p.done), "</span> ")
	}
	w.spans(p)
}

func box(done bool) string {
	if done {
		return "☑"
	}
	return "☐"
}

func (w *htmlWriter) endList() {
	last := len(w.lists) - 1
	w.Raw("</li>\n", listTags[w.lists[last]][1])
	if last == 0 { // a line break within an item would be shown
		w.Raw("\n")
	}
	w.lists = w.lists[:last]
}

func (w *htmlWriter) endLists() {
	for len(w.lists) > 0 {
		w.endList()
	}
}

func (w *htmlWriter) endPre() {
	if w.pre {
		w.Raw("</pre>\n")
	}
	w.pre = false
}

func (w *htmlWriter) endBlocks() {
	w.endLists()
	w.endPre()
	if w.quote {
		w.Raw("</blockquote>\n")
	}
	w.quote = false
}

// looks are the elements of looks, in the order in which they open.
var looks = []struct {
	look look
	tag  string
}{{bold, "b"}, {italic, "i"}, {underline, "u"}, {strike, "s"}, {super, "sup"}, {sub, "sub"}}

func (w *htmlWriter) spans(p paragraph) {
	for _, s := range p.spans {
		if w.Len() > maxPage {
			return
		}
		if s.anchors() {
			w.attachment(s)
			continue
		}
		if s.link != "" {
			w.BeginLink(s.link)
		}
		if s.mark > 0 {
			w.Raw(`<mark class="m`, string(rune('0'+s.mark)), `">`)
		}
		for _, l := range looks {
			if s.look&l.look != 0 {
				w.Raw("<", l.tag, ">")
			}
		}
		w.text(s.text)
		for i := len(looks) - 1; i >= 0; i-- {
			if s.look&looks[i].look != 0 {
				w.Raw("</", looks[i].tag, ">")
			}
		}
		if s.mark > 0 {
			w.Raw("</mark>")
		}
		if s.link != "" {
			w.Raw("</a>")
		}
	}
}

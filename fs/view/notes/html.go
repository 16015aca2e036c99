package notes

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the style of a page
	"encoding/base64"
	"html"
	"strings"
	"time"
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
	w.raw(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="`, policy(), `">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>`)
	w.text(p.name())
	w.raw("</title>\n<style>", pageStyle, "</style>\n</head>\n<body>\n<header>\n")
	for _, line := range p.about(zone) {
		w.raw("<p>")
		w.text(line)
		w.raw("</p>\n")
	}
	w.raw("</header>\n<article>\n")
	if p.text == "" {
		w.raw("<h1>")
		w.text(p.name())
		w.raw("</h1>\n")
	}
	for par := range p.paragraphs() {
		if w.Len() > maxPage {
			w.raw("<p>The note goes on; it is too long to be shown.</p>\n")
			break
		}
		w.paragraph(par)
	}
	w.endBlocks()
	w.raw("</article>\n")
	if rest := p.rest(); len(rest) > 0 {
		w.raw("<footer>\n<h2>Attachments</h2>\n")
		for _, a := range rest {
			w.file(a)
		}
		w.raw("</footer>\n")
	}
	w.raw("</body>\n</html>\n")
	return w.Bytes()
}

// policy lets the page's own style and what lies beside it be loaded, no more.
// A page that is opened as a file has no origin, so that 'self' is not enough.
func policy() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; " +
		"img-src 'self' file:; media-src 'self' file:; base-uri 'none'; form-action 'none'"
}

// An htmlWriter writes a note as HTML.
type htmlWriter struct {
	*page
	bytes.Buffer
	lists []kind // that are open, each in an item of the one before
	pre   bool   // a block of monospaced lines is open
	quote bool
}

// raw writes what is HTML already: constants of this package alone.
func (w *htmlWriter) raw(parts ...string) {
	for _, p := range parts {
		w.WriteString(p)
	}
}

// text writes text of the backup, between tags or within the quotes of an
// attribute.
func (w *htmlWriter) text(s string) {
	w.WriteString(html.EscapeString(strings.Map(func(r rune) rune {
		switch {
		case r == 0x2028 || r == 0x2029:
			return '\n'
		case r == '\n' || visible(r):
			return r
		}
		return -1
	}, s)))
}

func (w *htmlWriter) paragraph(p paragraph) {
	if p.quote != w.quote {
		w.endBlocks()
		if p.quote {
			w.raw("<blockquote>\n")
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
			w.raw(`<pre dir="auto">`, "\n") // which counts for nothing; one of the text would
		} else {
			w.raw("\n")
		}
		w.pre = true
		w.spans(p)
	default:
		w.block("div", p)
	}
}

func (w *htmlWriter) block(tag string, p paragraph) {
	w.raw("<", tag, ` dir="auto"`)
	classes := ""
	if p.align != natural {
		classes = [...]string{"", "centred", "right", "justified"}[p.align]
	}
	if p.indent > 0 {
		classes = strings.TrimSpace(classes + " in" + string(rune('0'+min(p.indent, 6))))
	}
	if classes != "" {
		w.raw(` class="`, classes, `"`)
	}
	w.raw(">")
	if p.empty() {
		w.raw("<br>")
	}
	w.spans(p)
	w.raw("</", tag, ">\n")
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
		w.raw("</li>\n")
	}
	for len(w.lists) < depth {
		w.raw(listTags[p.kind][0], "\n")
		w.lists = append(w.lists, p.kind)
		if len(w.lists) < depth {
			w.raw(`<li class="none">`)
		}
	}
	w.raw(`<li dir="auto">`)
	if p.kind == checklist {
		w.raw(`<span class="box">`, box(p.done), "</span> ")
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
	w.raw("</li>\n", listTags[w.lists[last]][1])
	if last == 0 { // a line break within an item would be shown
		w.raw("\n")
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
		w.raw("</pre>\n")
	}
	w.pre = false
}

func (w *htmlWriter) endBlocks() {
	w.endLists()
	w.endPre()
	if w.quote {
		w.raw("</blockquote>\n")
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
		link := web(s.link)
		if link != "" {
			w.raw(`<a rel="noreferrer noopener" href="`)
			w.text(link)
			w.raw(`">`)
		}
		if s.mark > 0 {
			w.raw(`<mark class="m`, string(rune('0'+s.mark)), `">`)
		}
		for _, l := range looks {
			if s.look&l.look != 0 {
				w.raw("<", l.tag, ">")
			}
		}
		w.text(s.text)
		for i := len(looks) - 1; i >= 0; i-- {
			if s.look&looks[i].look != 0 {
				w.raw("</", looks[i].tag, ">")
			}
		}
		if s.mark > 0 {
			w.raw("</mark>")
		}
		if link != "" {
			w.raw("</a>")
		}
	}
}

package transcript

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

// HTML is a page as HTML that stands by itself. It runs no script and loads
// nothing but pictures, films and sounds of the folder beside it; its policy
// says the same to the browser. Every text goes through writer.text.
func (p *Page) HTML() []byte {
	w := &writer{zone: p.zone(), folder: p.Folder}
	w.raw(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="`, policy(), `">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>`)
	w.text(p.Title)
	w.raw("</title>\n<style>", pageStyle, "</style>\n</head>\n<body>\n<h1>")
	w.text(p.Title)
	w.raw("</h1>\n")
	for _, line := range p.about() {
		w.tag("p", "about", line)
	}
	day := ""
	for i := range p.Messages {
		m := &p.Messages[i]
		if d := dayOf(m.At, w.zone); d != day {
			day = d
			w.tag("h2", "", day)
		}
		w.message(m)
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

func dayOf(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "Unknown date"
	}
	return t.In(zone).Format("Monday, 2 January 2006")
}

// A writer writes HTML.
type writer struct {
	bytes.Buffer
	zone   *time.Location
	folder string
}

// raw writes what is HTML already: constants of this package alone.
func (w *writer) raw(parts ...string) {
	for _, p := range parts {
		w.WriteString(p)
	}
}

// text writes a text, between tags or within the quotes of an attribute.
func (w *writer) text(s string) {
	w.WriteString(html.EscapeString(strings.Map(func(r rune) rune {
		if r == '\n' || shown(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, "\uFFFD"))))
}

// tag writes an element that has a text.
func (w *writer) tag(name, class, text string) {
	w.raw("<", name)
	if class != "" {
		w.raw(` class="`)
		w.text(class)
		w.raw(`"`)
	}
	w.raw(` dir="auto">`)
	w.text(text)
	w.raw("</", name, ">\n")
}

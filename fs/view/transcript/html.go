package transcript

import (
	_ "embed" // the style of a page
	"time"

	"ibfs/fs/view/markup"
)

//go:embed page.css
var pageStyle string

// HTML is a page as HTML that stands by itself. It runs no script and loads
// nothing but pictures, films and sounds of the folder beside it; its policy
// says the same to the browser. Every text goes through Writer.Text.
func (p *Page) HTML() []byte {
	w := &writer{zone: p.zone(), folder: p.Folder}
	w.Begin(p.Title, pageStyle)
	w.Raw("<h1>")
	w.Text(p.Title)
	w.Raw("</h1>\n")
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
	w.End()
	return w.Bytes()
}

func dayOf(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "Unknown date"
	}
	return t.In(zone).Format("Monday, 2 January 2006")
}

// A writer writes HTML.
type writer struct {
	markup.Writer
	zone   *time.Location
	folder string
}

// tag writes an element that has a text.
func (w *writer) tag(name, class, text string) {
	w.Raw("<", name)
	if class != "" {
		w.Raw(` class="`)
		w.Text(class)
		w.Raw(`"`)
	}
	w.Raw(` dir="auto">`)
	w.Text(text)
	w.Raw("</", name, ">\n")
}

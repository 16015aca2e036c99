package transcript

import (
	"net/url"
	"regexp"
	"strings"
	"time"
)

// message writes one message: who, what, and what is told of it.
func (w *writer) message(m *Message) {
	if m.Event != "" {
		w.tag("p", "event", m.Event)
		return
	}
	w.Raw(`<div class="m`)
	if m.Mine {
		w.Raw(" own")
	}
	if m.Kind != "" {
		w.Raw(" ")
		w.Text(m.Kind)
	}
	w.Raw(`">`, "\n")
	w.by(m)
	for _, n := range m.Notes {
		if n.Class == "reply" {
			w.note(n)
		}
	}
	if !m.empty() {
		w.Raw(`<div class="say" dir="auto">`)
		w.content(m)
		w.Raw("</div>\n")
	}
	for _, n := range m.Notes {
		if n.Class != "reply" {
			w.note(n)
		}
	}
	w.Raw("</div>\n")
}

// by tells who sent a message, when and how.
func (w *writer) by(m *Message) {
	w.Raw(`<p class="by"><bdi>`)
	w.Text(m.Who)
	w.Raw("</bdi>")
	if !m.At.IsZero() {
		t := m.At.In(w.zone)
		w.Raw(` <time datetime="`, t.Format(time.RFC3339), `">`, t.Format("15:04"), "</time>")
	}
	if m.Via != "" {
		w.Raw(" ")
		w.Text(m.Via)
	}
	w.Raw("</p>\n")
}

func (w *writer) note(n Note) {
	w.Raw(`<div class="note `)
	w.Text(n.Class)
	w.Raw(`">`)
	if len(n.Before) == 0 {
		w.Text(n.Text)
		w.Raw("</div>\n")
		return
	}
	w.Raw("<details><summary>")
	w.Text(n.Text)
	w.Raw("</summary>")
	for _, text := range n.Before {
		w.tag("div", "", text)
	}
	w.Raw("</details></div>\n")
}

func (w *writer) content(m *Message) {
	if m.Subject != "" {
		w.Raw("<b>")
		w.Text(m.Subject)
		w.Raw("</b>\n")
	}
	for _, p := range m.Pieces {
		if p.File != nil {
			w.Raw(`<div class="file">`)
			w.file(p.File)
			w.Raw("</div>")
			continue
		}
		w.styled(p)
	}
	for i, line := range m.Lines {
		if i > 0 || len(m.Pieces) > 0 {
			w.Raw("\n")
		}
		w.linked(line)
	}
}

func (w *writer) styled(p Piece) {
	tags := []struct {
		style Style
		name  string
	}{{Bold, "b"}, {Italic, "i"}, {Underline, "u"}, {Strike, "s"}, {Mention, "strong"}}
	for _, t := range tags {
		if p.Style&t.style != 0 {
			w.Raw("<", t.name, ">")
		}
	}
	w.linked(p.Text)
	for i := len(tags) - 1; i >= 0; i-- {
		if p.Style&tags[i].style != 0 {
			w.Raw("</", tags[i].name, ">")
		}
	}
}

// address is a link that is written out in a text. Where a link of the message
// leads to otherwise is not shown: it could say one thing and lead to another.
var address = regexp.MustCompile(`(?i)https?://[^\s<>"“”]+`)

// linked writes a text with links where it has addresses.
func (w *writer) linked(s string) {
	for s != "" {
		at := address.FindStringIndex(s)
		if at == nil {
			w.Text(s)
			return
		}
		link := trimmed(s[at[0]:at[1]])
		w.Text(s[:at[0]])
		if u, err := url.Parse(link); err == nil && u.Host != "" {
			w.Link(link, link)
		} else {
			w.Text(link)
		}
		s = s[at[0]+len(link):]
	}
}

// trimmed is an address without what belongs to the sentence that it ends: marks,
// and brackets that do not begin in it.
func trimmed(link string) string {
	const begin, end = "([{", ")]}"
	var more [len(end)]int // of each kind: how many end than begin
	for i := range more {
		more[i] = strings.Count(link, end[i:i+1]) - strings.Count(link, begin[i:i+1])
	}
	for link != "" {
		last := link[len(link)-1]
		if i := strings.IndexByte(end, last); i >= 0 {
			if more[i] <= 0 {
				return link
			}
			more[i]--
		} else if strings.IndexByte(".,;:!?'", last) < 0 {
			return link
		}
		link = link[:len(link)-1]
	}
	return ""
}

// file writes what was sent along.
func (w *writer) file(f *File) {
	if f.Name == "" {
		w.Raw("[")
		w.Text(f.Told)
		w.Raw("]")
		return
	}
	w.File((&url.URL{Path: w.folder + "/" + f.Name}).EscapedPath(), f.Name)
}

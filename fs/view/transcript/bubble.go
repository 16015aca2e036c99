package transcript

import (
	"net/url"
	"path"
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
	w.raw(`<div class="m`)
	if m.Mine {
		w.raw(" own")
	}
	if m.Kind != "" {
		w.raw(" ")
		w.text(m.Kind)
	}
	w.raw(`">`, "\n")
	w.by(m)
	for _, n := range m.Notes {
		if n.Class == "reply" {
			w.note(n)
		}
	}
	if !m.empty() {
		w.raw(`<div class="say" dir="auto">`)
		w.content(m)
		w.raw("</div>\n")
	}
	for _, n := range m.Notes {
		if n.Class != "reply" {
			w.note(n)
		}
	}
	w.raw("</div>\n")
}

// by tells who sent a message, when and how.
func (w *writer) by(m *Message) {
	w.raw(`<p class="by"><bdi>`)
	w.text(m.Who)
	w.raw("</bdi>")
	if !m.At.IsZero() {
		t := m.At.In(w.zone)
		w.raw(` <time datetime="`, t.Format(time.RFC3339), `">`, t.Format("15:04"), "</time>")
	}
	if m.Via != "" {
		w.raw(" ")
		w.text(m.Via)
	}
	w.raw("</p>\n")
}

func (w *writer) note(n Note) {
	w.raw(`<div class="note `)
	w.text(n.Class)
	w.raw(`">`)
	if len(n.Before) == 0 {
		w.text(n.Text)
		w.raw("</div>\n")
		return
	}
	w.raw("<details><summary>")
	w.text(n.Text)
	w.raw("</summary>")
	for _, text := range n.Before {
		w.tag("div", "", text)
	}
	w.raw("</details></div>\n")
}

func (w *writer) content(m *Message) {
	if m.Subject != "" {
		w.raw("<b>")
		w.text(m.Subject)
		w.raw("</b>\n")
	}
	for _, p := range m.Pieces {
		if p.File != nil {
			w.raw(`<div class="file">`)
			w.file(p.File)
			w.raw("</div>")
			continue
		}
		w.styled(p)
	}
	for i, line := range m.Lines {
		if i > 0 || len(m.Pieces) > 0 {
			w.raw("\n")
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
			w.raw("<", t.name, ">")
		}
	}
	w.linked(p.Text)
	for i := len(tags) - 1; i >= 0; i-- {
		if p.Style&tags[i].style != 0 {
			w.raw("</", tags[i].name, ">")
		}
	}
}

// address is a link that is written out in a text. Where a link of the message
// leads to otherwise is not shown: it could say one thing and lead to another.
var address = regexp.MustCompile(`https?://[^\s<>"“”]+`)

// linked writes a text with links where it has addresses.
func (w *writer) linked(s string) {
	for s != "" {
		at := address.FindStringIndex(s)
		if at == nil {
			w.text(s)
			return
		}
		link := strings.TrimRight(s[at[0]:at[1]], ".,;:!?)]}'")
		w.text(s[:at[0]])
		if u, err := url.Parse(link); err == nil && u.Host != "" {
			w.raw(`<a rel="noreferrer noopener" href="`)
			w.text(link)
			w.raw(`">`)
			w.text(link)
			w.raw("</a>")
		} else {
			w.text(link)
		}
		s = s[at[0]+len(link):]
	}
}

// file writes what was sent along: a picture, film or sound that browsers
// know as such, anything else as a link.
func (w *writer) file(f *File) {
	if f.Name == "" {
		w.raw("[")
		w.text(f.Told)
		w.raw("]")
		return
	}
	link := (&url.URL{Path: w.folder + "/" + f.Name}).EscapedPath()
	switch mediaOf(f.Name) {
	case "img":
		w.raw(`<a href="`)
		w.text(link)
		w.raw(`"><img loading="lazy" src="`)
		w.text(link)
		w.raw(`" alt="`)
		w.text(f.Name)
		w.raw(`"></a>`)
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
	w.text(f.Name)
	w.raw("</a>")
}

// mediaOf is the element that shows a file, by its extension.
func mediaOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp":
		return "img"
	case ".mov", ".mp4", ".m4v":
		return "video"
	case ".m4a", ".mp3", ".aac", ".wav":
		return "audio"
	}
	return ""
}

package messages

import (
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"
)

// message writes one message: who, what, and what is told of it.
func (w *writer) message(m *message, zone *time.Location) {
	if m.event != "" {
		w.tag("p", "event", m.event)
		return
	}
	class := "m"
	if m.mine {
		class += " own"
	}
	if m.mine && m.service == "SMS" {
		class += " sms"
	}
	w.raw(`<div class="`, class, `">`, "\n")
	w.by(m, zone)
	notes := m.notes(zone)
	for _, n := range notes {
		if n.class == "reply" {
			w.note(n)
		}
	}
	if !m.empty() {
		w.raw(`<div class="say" dir="auto">`)
		w.content(m)
		w.raw("</div>\n")
	}
	for _, n := range notes {
		if n.class != "reply" {
			w.note(n)
		}
	}
	w.raw("</div>\n")
}

// by tells who sent a message, when and how.
func (w *writer) by(m *message, zone *time.Location) {
	w.raw(`<p class="by"><bdi>`)
	w.text(m.who)
	w.raw("</bdi>")
	if !m.at.IsZero() {
		t := m.at.In(zone)
		w.raw(` <time datetime="`, t.Format(time.RFC3339), `">`, t.Format("15:04"), "</time>")
	}
	if m.service != "" && m.service != "iMessage" {
		w.raw(" ")
		w.text(m.service)
	}
	w.raw("</p>\n")
}

func (w *writer) note(n note) {
	w.raw(`<div class="note `, n.class, `">`)
	if len(n.edits) == 0 {
		w.text(n.text)
		w.raw("</div>\n")
		return
	}
	w.raw("<details><summary>")
	w.text(n.text)
	w.raw("</summary>")
	for _, e := range n.edits {
		w.tag("div", "", e.text)
	}
	w.raw("</details></div>\n")
}

func (w *writer) content(m *message) {
	if m.subject != "" {
		w.raw("<b>")
		w.text(m.subject)
		w.raw("</b>\n")
	}
	for _, p := range m.pieces {
		if p.file != nil {
			w.raw(`<div class="file">`)
			w.file(p.file, m.spoken)
			w.raw("</div>")
			continue
		}
		w.styled(p)
	}
	for i, line := range m.app {
		if i > 0 || len(m.pieces) > 0 {
			w.raw("\n")
		}
		w.linked(line)
	}
}

func (w *writer) styled(p piece) {
	tags := []struct {
		style style
		name  string
	}{{bold, "b"}, {italic, "i"}, {underline, "u"}, {strike, "s"}, {mention, "strong"}}
	for _, t := range tags {
		if p.style&t.style != 0 {
			w.raw("<", t.name, ">")
		}
	}
	w.linked(p.text)
	for i := len(tags) - 1; i >= 0; i-- {
		if p.style&tags[i].style != 0 {
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
func (w *writer) file(f *file, spoken bool) {
	if f.shown == "" {
		w.raw("[")
		w.text(f.told(spoken))
		w.raw("]")
		return
	}
	link := (&url.URL{Path: attachmentsDir + "/" + f.shown}).EscapedPath()
	switch mediaOf(f.shown) {
	case "img":
		w.raw(`<a href="`)
		w.text(link)
		w.raw(`"><img loading="lazy" src="`)
		w.text(link)
		w.raw(`" alt="`)
		w.text(f.shown)
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
	w.text(f.shown)
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

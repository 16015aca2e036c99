// Package markup writes pages of HTML that stand by themselves: they run no
// script and load nothing but pictures, films and sounds of the folder beside
// them. It knows no apps and no backups, and every text may be hostile.
package markup

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html"
	"path"
	"strings"
	"time"
	"unicode"
)

// A Writer writes a page. The zero value is ready for Begin.
type Writer struct{ bytes.Buffer }

// Begin begins a page, up to its body.
func (w *Writer) Begin(title, style string) {
	w.Raw(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="`, policy(style), `">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>`)
	w.Text(title)
	w.Raw("</title>\n<style>", style, "</style>\n</head>\n<body>\n")
}

// End ends the page.
func (w *Writer) End() { w.Raw("</body>\n</html>\n") }

// policy lets the page's own style and what lies beside it be loaded, no more.
// A page that is opened as a file has no origin, so that 'self' is not enough.
func policy(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; " +
		"img-src 'self' file:; media-src 'self' file:; base-uri 'none'; form-action 'none'"
}

// Raw writes what is HTML already: constants of the program alone.
func (w *Writer) Raw(parts ...string) {
	for _, p := range parts {
		w.WriteString(p)
	}
}

// Text writes a text, between tags or within the quotes of an attribute.
func (w *Writer) Text(s string) {
	w.WriteString(html.EscapeString(strings.Map(func(r rune) rune {
		if r == '\n' || Visible(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, "\uFFFD"))))
}

// Link writes a link to an address of the web, which is a text like any other:
// that it is one that a person may follow is for the caller to know.
func (w *Writer) Link(address, text string) {
	w.BeginLink(address)
	w.Text(text)
	w.Raw("</a>")
}

// BeginLink writes the beginning of a link, which "</a>" ends.
func (w *Writer) BeginLink(address string) {
	w.Raw(`<a rel="noreferrer noopener" href="`)
	w.Text(address)
	w.Raw(`">`)
}

// File writes a file beside the page, whose address from there is link: a
// picture, film or sound that browsers know as such, anything else as a link.
func (w *Writer) File(link, name string) {
	switch Media(name) {
	case "img":
		w.Raw(`<a href="`)
		w.Text(link)
		w.Raw(`"><img loading="lazy" src="`)
		w.Text(link)
		w.Raw(`" alt="`)
		w.Text(name)
		w.Raw(`"></a>`)
		return
	case "video":
		w.Raw(`<video controls preload="none" src="`)
		w.Text(link)
		w.Raw(`"></video>`)
	case "audio":
		w.Raw(`<audio controls preload="none" src="`)
		w.Text(link)
		w.Raw(`"></audio>`)
	}
	w.Raw(`<a href="`)
	w.Text(link)
	w.Raw(`">`)
	w.Text(name)
	w.Raw("</a>")
}

// Media is the element that shows a file, by its extension: img, video or audio,
// or "" for none.
func Media(name string) string {
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

// Visible says that a character is one of a text: no control character but the
// tab, and none that turns the direction of what follows.
func Visible(r rune) bool {
	return r == '\t' || !unicode.IsControl(r) && !(r >= 0x202A && r <= 0x202E) && !(r >= 0x2066 && r <= 0x2069) && r != 0xFEFF
}

// Zone tells which zone the times of a page are in: its name, or, of this
// machine's own, how far it was from UTC at the newest of them.
func Zone(zone *time.Location, newest time.Time) string {
	if zone == time.Local {
		return "Times are those of this machine's zone, " + newest.In(zone).Format("UTC-07:00") + " at the newest"
	}
	return "Times are those of " + zone.String()
}

package notes

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"ibfs/fs/view"
)

// A page is a note as it is written out.
type page struct {
	*note
	body
	told    []string // what could not be read of it
	object  func(identifier string) *attachment
	table   func(*attachment) (table, error)
	ordered func(*attachment) []*attachment // the scans of one attachment

	used    map[*attachment]bool // what stands in the text so far
	inTable bool
}

// A renderer writes a page as a file of one kind.
type renderer func(p *page, zone *time.Location) []byte

// render is the content of a note's file.
func (l *layout) render(n *note, as renderer) func(context.Context) ([]byte, error) {
	src, lib := l.src, l.library
	return func(ctx context.Context) ([]byte, error) {
		s, err := openStore(ctx, src)
		if err != nil {
			return nil, err
		}
		defer s.Close()
		p := &page{note: n, used: map[*attachment]bool{}}
		left := budget(maxUnpacked)
		if p.body, err = s.body(ctx, n, &left); err != nil {
			if view.Passing(err) {
				return nil, err
			}
			p.told = append(p.told, "The text of this note could not be read in full: "+err.Error())
			if p.text == "" && n.snippet != "" {
				p.told = append(p.told, "It begins: "+view.OneLine(n.snippet))
			}
		}
		p.text = strings.TrimRight(p.text, "\n")
		var passing error
		keep := func(err error) {
			if view.Passing(err) {
				passing = err
			}
		}
		p.object = func(identifier string) *attachment { return lib.byName[identifier] }
		p.table = func(a *attachment) (table, error) {
			packed, err := s.mergeable(ctx, a)
			if err != nil {
				keep(err)
				return table{}, err
			}
			return decodeTable(packed, &left)
		}
		p.ordered = func(a *attachment) []*attachment {
			packed, err := s.mergeable(ctx, a)
			if err != nil {
				keep(err)
				return a.children
			}
			return a.inOrder(packed, &left)
		}
		out := as(p, src.Zone)
		return out, errors.Join(passing, ctx.Err())
	}
}

// name is what a note is called.
func (n *note) name() string {
	return cmp.Or(view.OneLine(n.title), view.OneLine(n.snippet), "New note")
}

// about are what is told of a note beside its text.
func (p *page) about(zone *time.Location) []string {
	lines := p.note.dates(zone)
	if p.pinned {
		lines = append(lines, "Pinned")
	}
	return append(lines, p.told...)
}

func (n *note) dates(zone *time.Location) (lines []string) {
	for _, d := range []struct {
		what string
		at   time.Time
	}{{"Created", n.created}, {"Changed", n.changed}} {
		if !d.at.IsZero() {
			lines = append(lines, d.what+" "+d.at.In(zone).Format("2 January 2006, 15:04 MST"))
		}
	}
	return lines
}

// rest are the files that belong to the note and do not stand in its text.
func (p *page) rest() (all []*attachment) {
	for _, a := range p.attached {
		if a.file != nil && a.file.shown != "" && !p.used[a] {
			all = append(all, a)
		}
	}
	return all
}

const (
	utiTable   = "com.apple.notes.table"
	utiGallery = "com.apple.notes.gallery"
	utiInline  = "com.apple.notes.inlinetextattachment."
	utiURL     = "public.url"
)

// label is what an attachment is called where it is not shown.
func (a *attachment) label() string {
	kind := "attachment"
	for _, k := range []struct{ in, name string }{
		{utiTable, "table"}, {utiGallery, "scan"}, {"doc.scan", "scan"}, {"drawing", "drawing"}, {"com.apple.paper", "drawing"}, {"image", "picture"},
		{"jpeg", "picture"}, {"png", "picture"}, {"heic", "picture"}, {"movie", "film"}, {"mpeg-4", "film"}, {"audio", "sound"}, {"pdf", "PDF"}, {utiURL, "link"},
	} {
		if strings.Contains(a.uti, k.in) {
			kind = k.name
			break
		}
	}
	if t := view.OneLine(a.title); t != "" {
		return kind + ": " + t
	}
	return kind
}

// missing is what stands for an attachment that is not in the backup.
func (a *attachment) missing() string { return "[" + a.label() + ", not in this backup]" }

// link is where an attachment's file lies, from the note's folder, as an
// address.
func (p *page) link(a *attachment) string {
	return (&url.URL{Path: "./" + p.attachedIn + "/" + a.file.shown}).EscapedPath()
}

// inside says that an attachment's file is one of this note.
func (p *page) inside(a *attachment) bool {
	return a.note == p.row && a.file != nil && a.file.shown != ""
}

// maxLink bounds an address, in bytes: each line of a text could have it. It is
// what browsers follow.
const maxLink = 64 << 10

// web is an address that a person may follow, or "".
func web(link string) string {
	if len(link) > maxLink {
		return ""
	}
	u, err := url.Parse(strings.TrimSpace(strings.ToValidUTF8(link, "\uFFFD")))
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		if u.Host == "" {
			return ""
		}
	case "mailto", "tel":
	default:
		return ""
	}
	return strings.NewReplacer("<", "%3C", ">", "%3E", "(", "%28", ")", "%29", "\\", "%5C", "`", "%60", "\"", "%22", " ", "%20").Replace(u.String())
}

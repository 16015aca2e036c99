// Package transcript writes a conversation, whichever app it was held in, as a page of
// HTML that stands by itself and as a text. It knows neither apps nor backups:
// what it is given is shown, and every text may be hostile.
package transcript

import (
	"fmt"
	"slices"
	"time"

	"ibfs/fs/view/markup"
	"ibfs/fs/vtree"
)

// A Page is a conversation, or a part of one.
type Page struct {
	Title    string
	About    []string       // lines below the title
	Lost     error          // why some of its messages are missing; nil when none are
	Zone     *time.Location // of the times
	Folder   string         // beside the page, where the files of its messages lie
	Messages []Message
}

// A Message is one entry of a conversation.
type Message struct {
	At   time.Time // zero: unknown
	Who  string    // its sender
	Mine bool
	Kind string // a class of its own in page.css, such as "sms"; "" is none
	Via  string // how it came, where that is worth a word

	Event string // what happened: then all below but Notes is not shown

	Subject string
	Pieces  []Piece  // what it says
	Lines   []string // what comes with it, below
	Notes   []Note
}

// A Piece is a part of what a message says: a text, or a file.
type Piece struct {
	Text  string
	Style Style
	File  *File
}

// A Style is how a text looks.
type Style uint8

// The styles, which may be joined.
const (
	Bold Style = 1 << iota
	Italic
	Underline
	Strike
	Mention
)

// A File is what was sent along.
type File struct {
	Name string // in the folder beside the page; "" when it is not there
	Told string // what stands for it in a text, and in the page when it is not there
}

// A Note is a line beside a message that tells something of it.
type Note struct {
	Class  string   // what page.css calls it: "reply" stands above, all others below
	Text   string   //
	Before []string // what the message said before
}

// Files are the page as HTML and as text, as view.Source.RenderAll takes them.
func (p *Page) Files() ([][]byte, error) {
	var err error
	if p.Lost != nil {
		err = vtree.Partial{Err: fmt.Errorf("some messages are missing: %w", p.Lost)}
	}
	return [][]byte{p.HTML(), p.Text()}, err
}

// newest is the time of the last message.
func (p *Page) newest() (last time.Time) {
	for i := range p.Messages {
		if at := p.Messages[i].At; at.After(last) {
			last = at
		}
	}
	return last
}

func (p *Page) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// about are the lines below the title.
func (p *Page) about() []string {
	lines := append(slices.Clone(p.About), markup.Zone(p.zone(), p.newest()))
	if p.Lost != nil {
		lines = append(lines, "Some messages are missing here: "+p.Lost.Error())
	}
	return lines
}

// Clock is a time as it is told beside a message of another one: without the
// day where they have the same, and "" when it is unknown.
func Clock(t, of time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(zone)
	if !of.IsZero() && of.In(zone).Format(time.DateOnly) == t.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// empty says that a message has nothing to show but its notes.
func (m *Message) empty() bool {
	return m.Subject == "" && len(m.Pieces) == 0 && len(m.Lines) == 0
}

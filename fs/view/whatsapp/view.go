package whatsapp

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows the chats of WhatsApp.
type View struct{}

// Business shows the chats of WhatsApp Business, which is another app with
// messages of its own.
type Business struct{}

var _, _ view.View = View{}, Business{}

// Name is the folder's name.
func (View) Name() string { return "WhatsApp" }

// Name is the folder's name.
func (Business) Name() string { return "WhatsApp Business" }

// Open finds out whether the backup has the database.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	return open(ctx, src, v.Name(), currentPlace, oldPlace)
}

// Open finds out whether the backup has the database.
func (v Business) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	return open(ctx, src, v.Name(), businessPlace)
}

// open opens the first of the places that the backup has.
func open(ctx context.Context, src *view.Source, name string, places ...view.Place) (vtree.Tree, error) {
	p, err := src.First(ctx, places...)
	if err != nil {
		return nil, err
	}
	return src.Lazy(name, func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src, p) }), nil
}

// build lays out the chats. What was said is read when a file of theirs is first
// asked for.
func build(ctx context.Context, src *view.Source, p view.Place) (vtree.Tree, error) {
	if _, err := src.Backup.Index(ctx); err != nil { // it finds paths faster than the manifest does
		return nil, err
	}
	s, err := openStore(ctx, src, p)
	if err != nil {
		return nil, err
	}
	defer s.db.Close()
	l := &layout{Layout: src.Layout(ctx), src: src, place: p}
	if l.book, err = s.readBook(ctx, src, l.Lost); err != nil {
		return nil, err
	}
	if err := s.db.Cut(); err != nil {
		l.Lost("what lay at the end, such as the last messages", err)
	}
	all := s.chats(ctx, l.book, l.Lost)
	s.findFiles(ctx, src, all, l.Lost)
	l.addChats(all)
	if calls := s.readCalls(ctx, src, l.book, l.Lost); len(calls) > 0 {
		l.Root().File("Calls.csv", vtree.Bytes(callSheet(calls, src.Zone)), calls[len(calls)-1].at)
	}
	return l.Tree()
}

type layout struct {
	*view.Layout
	src   *view.Source
	place view.Place
	book  *book
}

// folderOf names the folders of chats that are not simply there.
var folderOf = map[kind]string{inFeed: "Status and channels", inTrash: "Deleted chats", inNone: "Without a chat"}

func (l *layout) addChats(all []*chat) {
	folders := map[kind]view.Dir{inChat: l.Root()}
	for _, k := range []kind{inFeed, inTrash, inNone} { // before all else, so that no chat takes their names
		for _, c := range all {
			if _, there := folders[k]; c.kind == k && !there {
				folders[k] = l.Root().Dir(folderOf[k])
			}
		}
	}
	for _, c := range all {
		dir := folders[c.kind].DirAt(c.name, c.last())
		l.addFiles(dir, c)
		for _, p := range parts(c.messages, l.src.Zone) {
			name := "conversation"
			if p.label != "" {
				name += " " + p.label
			}
			files := l.render(c, p)
			dir.File(name+".html", files[0], p.last)
			dir.File(name+".txt", files[1], p.last)
		}
		c.messages = nil // the pages know what is theirs
	}
}

// attachmentsDir is the folder beside a page with what was sent along.
const attachmentsDir = "attachments"

// addFiles shows what was sent along, as the backup's own files, and notes under
// which names.
func (l *layout) addFiles(dir view.Dir, c *chat) {
	var into *view.Dir
	for _, m := range c.messages {
		f := c.files[m.media]
		if f == nil || f.shown != "" {
			continue
		}
		if into == nil {
			d := dir.DirAt(attachmentsDir, c.last())
			into = &d
		}
		f.shown = into.Row(f.name(m.at, l.src.Zone), f.entry, m.at)
	}
}

// render makes a part's page and its text, from one reading of its messages.
func (l *layout) render(c *chat, p part) []vtree.Content {
	return l.src.RenderAll(2, func(ctx context.Context) ([][]byte, error) {
		s, err := openStore(ctx, l.src, l.place)
		if err != nil {
			return nil, fmt.Errorf("render %s: %w", c.name, err)
		}
		defer s.db.Close()
		r := &reader{store: s, book: l.book, chat: c, zone: l.src.Zone}
		page, err := r.read(ctx, p)
		if err != nil {
			return nil, err
		}
		return page.Files()
	})
}

// A part of a chat is what one page shows.
type part struct {
	label string // "" when it is all of the chat
	rows  []int64
	last  time.Time
}

// maxPerFile is how many messages a page shows; a longer chat has a page for
// each year.
const maxPerFile = 20_000

// parts cuts a chat's messages, which are in the order of their dates. Those of
// no known date, which are first, belong to the year of the next.
func parts(messages []message, zone *time.Location) []part {
	first := "undated"
	if i := slices.IndexFunc(messages, func(m message) bool { return !m.at.IsZero() }); i >= 0 {
		first = yearOf(messages[i], zone)
	}
	var all []part
	year, n := "", 0
	for _, m := range messages {
		y := first
		switch {
		case len(messages) <= maxPerFile:
			y = ""
		case !m.at.IsZero():
			y = yearOf(m, zone)
		}
		if len(all) == 0 || y != year || len(all[len(all)-1].rows) == maxPerFile {
			if n++; y != year {
				n = 1
			}
			year = y
			all = append(all, part{label: y})
			if n > 1 {
				all[len(all)-1].label = fmt.Sprintf("%s, part %d", y, n)
			}
		}
		p := &all[len(all)-1]
		p.rows, p.last = append(p.rows, m.row), m.at
	}
	return all
}

func yearOf(m message, zone *time.Location) string { return m.at.In(zone).Format("2006") }

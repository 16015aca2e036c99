package messages

import (
	"context"
	"fmt"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows messages by conversation.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Messages" }

// Open finds out whether the backup has the database.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	if _, err := src.Lookup(ctx, domain, dbPath); err != nil {
		return nil, err
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

// build lays out the conversations. What they say is read when a file of theirs
// is first asked for.
func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	index, err := src.People(ctx)
	if err != nil {
		return nil, err
	}
	s, err := openStore(ctx, src)
	if err != nil {
		return nil, err
	}
	defer s.db.Close()
	l := layout{src: src, tables: s.tables, Layout: src.Layout(ctx)}
	if err := s.db.Cut(); err != nil {
		l.Lost("what lay at the end, such as the last messages", err)
	}
	l.book = s.readBook(ctx, index, l.Lost)
	all := s.conversations(ctx, l.book, l.Lost)
	s.attach(ctx, src, all, l.Lost)
	folders := l.folders(all)
	for _, c := range all {
		spans, err := s.spans(ctx, c, src.Zone)
		if err != nil {
			l.Lost(c.name, err)
			spans = []span{undivided}
		}
		l.add(folders[c.kind], c, spans)
	}
	return l.Tree()
}

type layout struct {
	*view.Layout
	src    *view.Source
	tables tables
	book   *book
}

// folders are those that the kinds of conversations lie in. They come before
// all else, so that no conversation takes their names.
func (l *layout) folders(all []*conversation) map[kind]view.Dir {
	names := map[kind]string{inNone: "Other", inTrash: "Recently deleted"}
	folders := map[kind]view.Dir{inChat: l.Root()}
	for _, k := range []kind{inNone, inTrash} {
		for _, c := range all {
			if _, there := folders[k]; c.kind == k && !there {
				folders[k] = l.Root().Dir(names[k])
			}
		}
	}
	return folders
}

func (l *layout) add(in view.Dir, c *conversation, spans []span) {
	dir := in.DirAt(c.name, c.last)
	l.addFiles(dir, c)
	for _, p := range spans {
		name, at := "conversation", c.last
		if !p.whole {
			name, at = name+" "+p.label, p.last
		}
		files := l.render(c, p)
		dir.File(name+".html", files[0], at)
		dir.File(name+".txt", files[1], at)
	}
}

// addFiles shows what was sent along, as the backup's own files, and notes
// under which names.
func (l *layout) addFiles(dir view.Dir, c *conversation) {
	var into *view.Dir
	for _, id := range sortedKeys(c.files) {
		files := c.files[id]
		for i := range files {
			f := &files[i]
			if f.hidden || f.missing != "" {
				continue
			}
			if into == nil {
				d := dir.DirAt(attachmentsDir, c.last)
				into = &d
			}
			f.shown = into.Row(f.label(), f.entry, time.Time{})
		}
	}
}

// render makes a span's page and its text, from one reading of its messages.
func (l *layout) render(c *conversation, p span) []vtree.Content {
	src, t, b := l.src, l.tables, l.book
	return src.RenderAll(2, func(ctx context.Context) ([][]byte, error) {
		s, err := reopen(ctx, src, t)
		if err != nil {
			return nil, fmt.Errorf("render %s: %w", c.name, err)
		}
		defer s.db.Close()
		r := &reader{store: s, book: b, c: c}
		page, err := r.read(ctx, p)
		if err != nil {
			return nil, err
		}
		return page.transcript(src.Zone).Files()
	})
}

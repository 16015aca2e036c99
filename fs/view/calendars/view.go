// Package calendars is the view "Calendars": an iCalendar file of each calendar.
//
//	Calendars/<account>/<calendar>.ics
//
// It knows Calendar.sqlitedb of HomeDomain. Until iOS 12 that has the lists of
// reminders too, as calendars of things to do.
package calendars

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows the calendars.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Calendars" }

const (
	domain    = "HomeDomain"
	storePath = "Library/Calendar/Calendar.sqlitedb"
)

// Open finds the calendars.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	if _, err := src.Lookup(ctx, domain, storePath); err != nil {
		return nil, err
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	db, err := src.Database(ctx, domain, storePath)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	s, err := read(ctx, db)
	if err != nil {
		return nil, err
	}
	s.written, s.device = src.Backup.Info().Date, src.Backup.Info().UDID
	l := src.Layout(ctx)
	layOut(src, l.Root(), s)
	for _, err := range s.Lost {
		l.Lost("part of the calendars", err)
	}
	for _, i := range s.items {
		if i.start.IsZero() && !i.todo {
			l.Lost("event "+i.text[summary], errNoDate)
		}
	}
	return l.Tree()
}

// layOut makes a folder for each account, in the order of their ids, and a file
// for each calendar that has anything. Those of no account are in no folder.
func layOut(src *view.Source, root view.Dir, s *store) {
	byCalendar := map[int64][]*item{}
	for _, i := range s.items {
		id := i.calendar
		if _, ok := s.calendars[id]; !ok {
			id = noCalendar
		}
		if i.todo || !i.start.IsZero() {
			byCalendar[id] = append(byCalendar[id], i)
		}
	}
	s.calendars[noCalendar] = calendar{title: "Other"}
	byAccount := map[int64][]int64{}
	for _, id := range slices.Sorted(maps.Keys(byCalendar)) {
		c := s.calendars[id]
		if _, ok := s.accounts[c.account]; !ok {
			c.account = noAccount
		}
		byAccount[c.account] = append(byAccount[c.account], id)
	}
	file := func(dir view.Dir, id int64) {
		c, items := s.calendars[id], byCalendar[id]
		content := src.Render(func(context.Context) ([]byte, error) { return s.render(c, items) })
		dir.File(view.FileName(c.title, ".ics"), content, newest(items))
	}
	for _, id := range slices.Sorted(maps.Keys(byAccount)) {
		if a := s.accounts[id]; id != noAccount && !a.disabled {
			dir := root.Dir(a.name)
			for _, c := range byAccount[id] {
				file(dir, c)
			}
		}
	}
	for _, c := range byAccount[noAccount] {
		file(root, c)
	}
}

// What stands for a calendar and an account that are not there; no row has them.
const (
	noCalendar = 1<<63 - 1
	noAccount  = -1 << 63
)

// newest is when the last of the items was changed.
func newest(items []*item) (at time.Time) {
	for _, i := range items {
		if c := cmp.Or(i.changed, i.created); c.After(at) && c.Year() >= 1990 && c.Year() <= 2100 {
			at = c
		}
	}
	return at
}

// Package calls is the view "Calls": the call history as tables.
//
//	Calls/calls.csv            all calls, the oldest first
//	Calls/calls.html           the same, to be read, the newest first
//	Calls/People/<name>.csv    those with one person or number
//
// It knows CallHistory.storedata and CallHistoryTemp.storedata of HomeDomain
// (iOS 8 and later) and call_history.db of WirelessDomain (iOS 7 and earlier).
package calls

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows the call history.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Calls" }

// stores are where calls are kept. The second one has those of the time between
// a start of the phone and its first unlocking.
var stores = []struct {
	place view.Place
	read  func(context.Context, *view.Database, *history) error
}{
	{view.Place{Domain: "HomeDomain", Path: "Library/CallHistoryDB/CallHistory.storedata"}, readRecords},
	{view.Place{Domain: "HomeDomain", Path: "Library/CallHistoryDB/CallHistoryTemp.storedata"}, readRecords},
	{view.Place{Domain: "WirelessDomain", Path: "Library/CallHistory/call_history.db"}, readOldCalls},
}

// Open finds out whether there is any store.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	var places []view.Place
	for _, s := range stores {
		places = append(places, s.place)
	}
	if _, err := src.First(ctx, places...); err != nil {
		return nil, src.Withheld(err)
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	h, err := load(ctx, src)
	if err != nil {
		return nil, err
	}
	who, err := src.People(ctx)
	if err != nil {
		return nil, err
	}
	h.resolve(who)
	l := src.Layout(ctx)
	byPerson := l.Root().Dir("People")
	for _, p := range h.persons() {
		byPerson.File(view.FileName(p.name, ".csv"), sheet(src, p.calls), newest(p.calls))
	}
	l.Root().File("calls.csv", sheet(src, h.calls), newest(h.calls))
	l.Root().File("calls.html", src.Render(func(context.Context) ([]byte, error) {
		return page(h.calls, src.Zone), nil
	}), newest(h.calls))
	l.Keeps(int64(maxSize - h.Left + len(h.calls)*callSize)) // each is among all, and with a person
	for _, err := range h.Lost {
		l.Lost("some calls", err)
	}
	return l.Tree()
}

// load reads all stores that are there. Only when none of them can be read is
// that an error.
func load(ctx context.Context, src *view.Source) (*history, error) {
	h := &history{Reading: view.Reading{Left: maxSize}, seen: map[identity]int{}}
	var errs []error
	read := 0
	for i, s := range stores {
		h.store = i
		err := loadStore(ctx, src, s.place, h, s.read)
		switch {
		case view.Passing(err):
			return nil, err
		case err == nil:
			read++
		case !errors.Is(err, view.ErrAbsent):
			errs = append(errs, err)
		}
	}
	if read == 0 {
		return nil, errors.Join(errs...)
	}
	h.Lost, h.seen = append(h.Lost, errs...), nil
	slices.SortStableFunc(h.calls, func(a, b call) int { return a.at.Compare(b.at) })
	return h, ctx.Err()
}

func loadStore(ctx context.Context, src *view.Source, p view.Place, h *history, read func(context.Context, *view.Database, *history) error) error {
	db, err := src.Database(ctx, p.Domain, p.Path)
	if err != nil {
		return err
	}
	defer db.Close()
	return read(ctx, db, h)
}

// A person is somebody, or a number, with the calls to and from them.
type person struct {
	name  string
	calls []call
}

// persons are all whom there are calls with, in the order of their names.
func (h *history) persons() []*person {
	type key struct {
		id     int64 // of the address book
		handle string
	}
	byKey := map[key]*person{}
	var all []*person
	add := func(k key, name string, c call) {
		p := byKey[k]
		if p == nil {
			p = &person{name: name}
			byKey[k] = p
			all = append(all, p)
		}
		// One person may have taken part by two numbers.
		if n := len(p.calls); n == 0 || p.calls[n-1].id != c.id {
			p.calls = append(p.calls, c)
		}
	}
	for _, c := range h.calls {
		if len(c.handles) == 0 {
			add(key{}, cmp.Or(c.name, "No caller ID"), c)
		}
		for i, p := range c.people {
			k := key{id: p.ID}
			if p.Name == "" {
				k = key{handle: c.handles[i]}
			}
			add(k, c.nameOf(i), c)
		}
	}
	slices.SortStableFunc(all, func(a, b *person) int { return cmp.Compare(a.name, b.name) })
	return all
}

// newest is the time of the last of the calls.
func newest(calls []call) time.Time {
	if len(calls) == 0 {
		return time.Time{}
	}
	return calls[len(calls)-1].at
}

// Package reminders is the view "Reminders": an iCalendar file of the things to
// do in each list.
//
//	Reminders/<list>.ics
//
// It knows the stores of iOS 13 and later, one for each account. Before, the
// lists were calendars.
package reminders

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows the reminders.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Reminders" }

// folders are where the stores are: in the app's own group, or, in iOS 13 and
// 14, beside the other data of the phone.
var folders = []view.Place{
	{Domain: "AppDomainGroup-group.com.apple.reminders", Path: "Container_v1/Stores"},
	{Domain: "HomeDomain", Path: "Library/Reminders/Container_v1/Stores"},
}

// Open finds the stores.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	if _, err := src.First(ctx, folders...); err != nil {
		return nil, err
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	places, err := stores(ctx, src)
	if err != nil {
		return nil, err
	}
	var read []*store
	var lost []error
	for _, p := range places {
		s, err := open(ctx, src, p)
		switch {
		case view.Passing(err):
			return nil, err
		case err != nil:
			lost = append(lost, err)
		default:
			read = append(read, s)
			lost = append(lost, s.Lost...)
		}
	}
	if len(read) == 0 {
		return nil, errors.Join(lost...)
	}
	l := src.Layout(ctx)
	layOut(src, l.Root(), read)
	for _, err := range lost {
		l.Lost("part of the reminders", err)
	}
	return l.Tree()
}

// maxStores bounds how many are read: an account has one.
const maxStores = 100

// stores are the stores of the backup, in the order of their names.
func stores(ctx context.Context, src *view.Source) (places []view.Place, _ error) {
	for _, f := range folders {
		for c, err := range src.Children(ctx, f) {
			if err != nil {
				return nil, err
			}
			if len(places) < maxStores && strings.HasPrefix(c.Name, "Data-") && strings.HasSuffix(c.Name, ".sqlite") {
				places = append(places, view.Place{Domain: f.Domain, Path: f.Path + "/" + c.Name})
			}
		}
	}
	if len(places) == 0 {
		return nil, errors.New("there is no store, Data-*.sqlite")
	}
	return places, nil
}

func open(ctx context.Context, src *view.Source, p view.Place) (*store, error) {
	db, err := src.Database(ctx, p.Domain, p.Path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	info := src.Backup.Info()
	name := strings.TrimSuffix(path.Base(p.Path), ".sqlite") + "." + p.Domain + "." + info.UDID
	return read(ctx, db, name, info.Date)
}

// layOut makes a file for each list that has anything. Lists of one name have
// their accounts' names too.
func layOut(src *view.Source, root view.Dir, all []*store) {
	count := map[string]int{}
	for _, s := range all {
		for _, id := range s.used() {
			name, _ := s.list(id)
			count[name]++
		}
	}
	for _, s := range all {
		for _, id := range s.used() {
			list, account := s.list(id)
			name, items := list, s.byList[id]
			if count[list] > 1 && account != "" {
				name += " (" + account + ")"
			}
			content := src.Render(func(context.Context) ([]byte, error) { return s.render(list, items) })
			root.File(view.FileName(name, ".ics"), content, newest(items))
		}
	}
}

// newest is when the last of the reminders was changed.
func newest(items []*reminder) (at time.Time) {
	for _, r := range items {
		for _, t := range []time.Time{r.created, r.changed} {
			if t.After(at) {
				at = t
			}
		}
	}
	return at
}

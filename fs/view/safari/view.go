// Package safari is the view "Safari": bookmarks and the reading list as files
// that a browser imports, and the history as a table.
//
//	Safari/Bookmarks.html
//	Safari/Reading list.html
//	Safari/Open tabs.html
//	Safari/History.csv
//	Safari/Profiles/<name>/History.csv
//
// It knows the databases of Library/Safari, and that which of them there are, and
// in which domain, differs by version.
package safari

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows what Safari keeps.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Safari" }

// domains are where the folder may be; the first that has a database is meant.
var domains = []string{"HomeDomain", "AppDomain-com.apple.mobilesafari"}

const (
	folder        = "Library/Safari"
	bookmarksPath = folder + "/Bookmarks.db"
	historyPath   = folder + "/History.db"
	tabsPath      = folder + "/SafariTabs.db"   // iOS 15 and later
	oldTabsPath   = folder + "/BrowserState.db" // before
	profilesPath  = folder + "/Profiles"        // iOS 17 and later
)

// maxSize bounds what is read of one database, in bytes.
const maxSize = 128 << 20

// Open finds the databases.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	_, err := find(ctx, src, bookmarksPath, historyPath, tabsPath, oldTabsPath)
	switch {
	case errors.Is(err, view.ErrAbsent):
		return nil, fmt.Errorf("%w: nothing in %s", view.ErrAbsent, folder)
	case err != nil:
		return nil, err
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

// find is where the first of some paths lies that a domain has.
func find(ctx context.Context, src *view.Source, paths ...string) (view.Place, error) {
	var places []view.Place
	for _, p := range paths {
		for _, d := range domains {
			places = append(places, view.Place{Domain: d, Path: p})
		}
	}
	return src.First(ctx, places...)
}

// open opens the database of a path. The error wraps view.ErrAbsent when the
// backup has none.
func open(ctx context.Context, src *view.Source, path string) (*view.Database, error) {
	p, err := find(ctx, src, path)
	if err != nil {
		return nil, err
	}
	return src.Database(ctx, p.Domain, p.Path)
}

// A builder builds the folder from what can be read of it.
type builder struct {
	src   *view.Source
	l     *view.Layout
	lost  error // the last
	shown bool  // a database could be read
}

func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	b := &builder{src: src, l: src.Layout(ctx)}
	for _, part := range []struct {
		what string
		add  func(context.Context) error
	}{
		{"the history of a profile", b.profiles}, // folders go first
		{"the bookmarks", b.bookmarks},
		{"the open tabs", b.tabs},
		{"the history", func(ctx context.Context) error { return b.history(ctx, b.l.Root(), historyPath) }},
	} {
		switch err := part.add(ctx); {
		case view.Passing(err):
			return nil, err
		case errors.Is(err, view.ErrAbsent):
		case err != nil:
			b.lose(part.what, err)
		default:
			b.shown = true
		}
	}
	if !b.shown && b.lost != nil {
		return nil, b.lost
	}
	return b.l.Tree()
}

func (b *builder) lose(what string, err error) {
	b.lost = err
	b.l.Lost(what, err)
}

func (b *builder) bookmarks(ctx context.Context) error {
	t, err := b.tree(ctx, bookmarksPath, "the bookmarks")
	if err != nil {
		return err
	}
	b.page("Bookmarks", t, t.bookmarks())
	b.page("Reading list", t, t.readingList())
	return nil
}

// tree reads a tree of bookmarks. What is damaged is lost.
func (b *builder) tree(ctx context.Context, path, what string) (*tree, error) {
	db, err := open(ctx, b.src, path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	t, err := readTree(ctx, db)
	if err != nil {
		return nil, err
	}
	for _, err := range t.Lost {
		b.l.Lost(what, err)
	}
	return t, nil
}

// page adds a page of bookmarks, unless it has nothing.
func (b *builder) page(title string, t *tree, top []*mark) {
	if len(top) > 0 {
		b.l.Root().File(title+".html", b.src.Render(func(context.Context) ([]byte, error) { return page(title, top), nil }), t.newest)
	}
}

// tabs adds the tabs that are open. A phone that was updated may have a database
// of the older form too, which is not used any more.
func (b *builder) tabs(ctx context.Context) error {
	t, err := b.tree(ctx, tabsPath, "the open tabs")
	if err == nil {
		b.page("Open tabs", t, t.openTabs())
		return nil
	}
	if !errors.Is(err, view.ErrAbsent) {
		return err
	}
	db, err := open(ctx, b.src, oldTabsPath)
	if err != nil {
		return err
	}
	defer db.Close()
	t, top, err := readOldTabs(ctx, db)
	if err != nil {
		return err
	}
	for _, err := range t.Lost {
		b.l.Lost("the open tabs", err)
	}
	b.page("Open tabs", t, top)
	return nil
}

// history adds the table of a database.
func (b *builder) history(ctx context.Context, dir view.Dir, path string) error {
	db, err := open(ctx, b.src, path)
	if err != nil {
		return err
	}
	defer db.Close()
	h, err := readHistory(ctx, db)
	if err != nil {
		return err
	}
	for _, err := range h.Lost {
		b.l.Lost("the history", err)
	}
	if len(h.visits) > 0 {
		dir.File("History.csv", b.src.Render(func(context.Context) ([]byte, error) { return h.table(b.src.Zone), nil }), h.visits[0].at)
	}
	return nil
}

// maxProfiles bounds the profiles that are read; Safari lets a person have few.
const maxProfiles = 100

// profiles adds the history of each profile that a person has made.
func (b *builder) profiles(ctx context.Context) error {
	at, err := find(ctx, b.src, profilesPath)
	if err != nil {
		return err
	}
	var ids []string
	for c, err := range b.src.Children(ctx, at) {
		if err != nil {
			return err
		}
		_, err := b.src.Lookup(ctx, at.Domain, at.Path+"/"+c.Name+"/History.db")
		switch {
		case errors.Is(err, view.ErrAbsent):
		case err != nil:
			return err
		case len(ids) < maxProfiles:
			ids = append(ids, c.Name)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	names, err := b.profileNames(ctx)
	if err != nil {
		return err
	}
	all := b.l.Root().Dir("Profiles")
	for _, id := range ids {
		dir := all.Dir(cmp.Or(names[id], id))
		if err := b.history(ctx, dir, profilesPath+"/"+id+"/History.db"); view.Passing(err) {
			return err
		} else if err != nil {
			b.lose("the history of the profile "+cmp.Or(names[id], id), err)
		}
	}
	return nil
}

// profileNames are the names of profiles by their ids, which the database of the
// tabs has.
func (b *builder) profileNames(ctx context.Context) (map[string]string, error) {
	db, err := open(ctx, b.src, tabsPath)
	if view.Passing(err) {
		return nil, err
	} else if err != nil {
		return nil, nil // the ids have to do
	}
	defer db.Close()
	t, err := readTree(ctx, db)
	if view.Passing(err) {
		return nil, err
	} else if err != nil {
		return nil, nil
	}
	names := map[string]string{}
	for _, m := range t.marks {
		if m.folder {
			names[m.uuid] = m.title
		}
	}
	return names, nil
}

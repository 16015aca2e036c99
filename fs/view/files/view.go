// Package files is the view "Files": what the app of that name shows.
//
//	Files/On My iPhone/...         what lies on the phone itself
//	Files/iCloud Drive/...         copies of what lies in iCloud, where the backup has any
//	Files/iCloud Drive/<app>/...   the same of apps that keep their documents there
//	Files/Recently deleted/...
//
// All of it is the phone's own files, below the first folder under their own
// names.
package files

import (
	"context"
	"errors"
	iofs "io/fs"
	"strings"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows the files of the app Files.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Files" }

var (
	storage  = view.Place{Domain: "AppDomainGroup-group.com.apple.FileProvider.LocalStorage", Path: "File Provider Storage"}
	drive    = view.Place{Domain: "HomeDomain", Path: containers + "com~apple~CloudDocs"}
	allApps  = view.Place{Domain: "HomeDomain", Path: strings.TrimSuffix(containers, "/")}
	trash    = ".Trash"
	trashDir = "Recently deleted"
)

// containers are the folders of iCloud Drive, by app: "~" stands for ".".
const containers = "Library/Mobile Documents/"

// Open finds out whether the backup has either of the folders.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	if _, err := src.First(ctx, storage, drive); err != nil {
		return nil, err
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	x, err := src.Backup.Index(ctx)
	if err != nil {
		return nil, err
	}
	s := shelf{ctx: ctx, src: src, x: x, l: src.Layout(ctx)}
	device := "iPhone"
	if strings.HasPrefix(src.Backup.Info().ProductType, "iPad") {
		device = "iPad"
	}
	local, err := s.add("On My "+device, storage, nil)
	if err != nil {
		return nil, err
	}
	cloud, err := s.add("iCloud Drive", drive, s.addApps)
	if err != nil {
		return nil, err
	}
	if deleted := append(local, cloud...); len(deleted) > 0 {
		dir := s.l.Root().Dir(trashDir)
		for _, c := range deleted {
			s.put(dir, c)
		}
	}
	return s.l.Tree()
}

// A shelf lays out files.
type shelf struct {
	ctx context.Context // of the building
	src *view.Source
	x   *backupfmt.Index
	l   *view.Layout
}

// add shows what lies in a folder of the backup, if it is there, and returns
// what was deleted from it. more adds to it what lies elsewhere.
func (s *shelf) add(name string, p view.Place, more func(view.Dir) error) (deleted []backupfmt.Child, err error) {
	e, err := s.src.Lookup(s.ctx, p.Domain, p.Path)
	if errors.Is(err, view.ErrAbsent) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	dir := s.l.Root().Dir(name)
	for _, c := range s.children(e) {
		if c.Name == trash {
			deleted = s.children(c.Entry)
			continue
		}
		s.put(dir, c)
	}
	if more != nil {
		err = more(dir)
	}
	return deleted, err
}

// addApps shows the documents that apps keep in iCloud, each app's as a folder
// by the last part of its name.
func (s *shelf) addApps(dir view.Dir) error {
	all, err := s.src.Lookup(s.ctx, allApps.Domain, allApps.Path)
	if err != nil {
		return err
	}
	for _, app := range s.children(all) {
		documents, ok := s.x.Lookup(app.Entry, "Documents")
		if containers+app.Name == drive.Path || !ok || !s.x.HasFiles(documents) {
			continue
		}
		dir.Hang(app.Name[strings.LastIndexByte(app.Name, '~')+1:], documents)
	}
	return nil
}

// children are those of a folder, folders first, so that these keep their names.
func (s *shelf) children(e backupfmt.Entry) []backupfmt.Child {
	var folders, others []backupfmt.Child
	s.x.Children(e, 0, func(c backupfmt.Child) bool {
		if c.Type.IsDir() {
			folders = append(folders, c)
		} else {
			others = append(others, c)
		}
		return s.ctx.Err() == nil
	})
	return append(folders, others...)
}

// put shows one entry: a folder with all that lies in it. Links are left out, as
// a view has none of its own.
func (s *shelf) put(dir view.Dir, c backupfmt.Child) {
	switch {
	case c.Type.IsDir():
		dir.Hang(c.Name, c.Entry)
	case c.Type&iofs.ModeType == 0:
		dir.Row(c.Name, c.Entry, time.Time{})
	}
}

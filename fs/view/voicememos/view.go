// Package voicememos is the view "Voice memos": what was recorded with the app
// of that name.
//
//	Voice memos/2024-07-14 18.03 Title.m4a
//	Voice memos/<folder>/...
//	Voice memos/Recently Deleted/...
//	Voice memos/Missing.txt                  what is not in the backup
//
// The recordings are the phone's own files. It knows CloudRecordings.db (iOS 12
// and later) and Recordings.db.
package voicememos

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows voice memos.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Voice memos" }

// stores are the databases, beside which the recordings lie, the newest first.
var stores = []view.Place{
	{Domain: "AppDomainGroup-group.com.apple.VoiceMemos.shared", Path: "Recordings/CloudRecordings.db"},
	{Domain: "MediaDomain", Path: "Media/Recordings/CloudRecordings.db"},
	{Domain: "MediaDomain", Path: "Media/Recordings/Recordings.db"},
}

// Open finds out whether there is any store.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	if _, err := src.First(ctx, stores...); err != nil {
		return nil, err
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	lib, err := load(ctx, src)
	if err != nil {
		return nil, err
	}
	l := src.Layout(ctx)
	s := shelf{ctx: ctx, src: src, l: l, lib: lib}
	if err := s.addAll(); err != nil {
		return nil, err
	}
	for _, err := range lib.Lost {
		l.Lost("some recordings", err)
	}
	return l.Tree()
}

// load reads the store that has most recordings: when the app moved to another
// one, the old one stayed behind. Only when none can be read is that an error.
func load(ctx context.Context, src *view.Source) (*library, error) {
	var best *library
	var errs []error
	for _, s := range stores {
		lib, err := loadStore(ctx, src, s)
		switch {
		case view.Passing(err):
			return nil, err
		case err == nil && (best == nil || len(lib.memos) > len(best.memos)):
			best = lib
		case err != nil && !errors.Is(err, view.ErrAbsent):
			errs = append(errs, err)
		}
	}
	if best == nil {
		return nil, errors.Join(errs...)
	}
	best.Lost = append(best.Lost, errs...)
	return best, ctx.Err()
}

func loadStore(ctx context.Context, src *view.Source, s view.Place) (*library, error) {
	db, err := src.Database(ctx, s.Domain, s.Path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return readLibrary(ctx, db, s)
}

// A shelf lays out recordings.
type shelf struct {
	ctx     context.Context // of the building
	src     *view.Source
	l       *view.Layout
	lib     *library
	missing []string
}

const deletedName = "Recently Deleted"

func (s *shelf) addAll() error {
	dirs := map[string]view.Dir{"": s.l.Root()}
	for _, f := range s.lib.folders() {
		dirs[f] = s.l.Root().Dir(f)
	}
	for _, m := range s.lib.memos {
		if err := s.add(dirs[m.folder], m); err != nil {
			return err
		}
	}
	if len(s.missing) > 0 {
		text := "These recordings are not in the backup. They may be in iCloud alone.\n\n" + strings.Join(s.missing, "\n") + "\n"
		s.l.Root().File(view.MissingName, vtree.Bytes([]byte(text)), s.src.Backup.Info().Date)
	}
	return nil
}

func (s *shelf) add(dir view.Dir, m memo) error {
	title := m.title(s.src.Zone)
	// The file lies beside its database, whatever folder its row names.
	err := view.ErrAbsent
	if m.file != "" {
		entry, lookup := s.src.Lookup(s.ctx, s.lib.store.Domain, path.Join(path.Dir(s.lib.store.Path), m.file))
		if err = lookup; err == nil {
			dir.Row(view.FileName(title, path.Ext(m.file)), entry, m.at)
			return nil
		}
	}
	switch {
	case view.Passing(err):
		return err
	case errors.Is(err, view.ErrAbsent):
		s.missing = append(s.missing, fmt.Sprintf("%s, %v", title, m.length))
	default:
		s.l.Lost(title, err)
	}
	return nil
}

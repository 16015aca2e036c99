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
	s := shelf{src: src, l: l, lib: lib}
	s.addAll()
	for _, err := range lib.Lost {
		l.Lost("some recordings", err)
	}
	return l.Tree()
}

// A shelf lays out recordings.
type shelf struct {
	src     *view.Source
	l       *view.Layout
	lib     *library
	missing []string
}

const deletedName = "Recently Deleted"

func (s *shelf) addAll() {
	dirs := map[string]view.Dir{"": s.l.Root()}
	for _, f := range s.lib.folders() {
		dirs[f] = s.l.Root().Dir(f)
	}
	for _, m := range s.lib.memos {
		s.add(dirs[m.folder], m)
	}
	if len(s.missing) > 0 {
		text := "These recordings are not in the backup. They may be in iCloud alone.\n\n" + strings.Join(s.missing, "\n") + "\n"
		s.l.Root().File(view.MissingName, vtree.Bytes([]byte(text)), s.src.Backup.Info().Date)
	}
}

func (s *shelf) add(dir view.Dir, m memo) {
	title := m.title(s.src.Zone)
	if m.entry == 0 {
		s.missing = append(s.missing, fmt.Sprintf("%s, %v", title, m.length))
		return
	}
	dir.Row(view.FileName(title, path.Ext(m.file)), m.entry, m.at)
}

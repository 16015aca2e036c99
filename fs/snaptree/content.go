package snaptree

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// contentTree is the folder of a snapshot that can be read. The error is one of
// the moment: whatever else goes wrong with a view costs that view.
func (s *snapshot) contentTree(ctx context.Context, b *backupfmt.Backup) (vtree.Tree, error) {
	date := vtree.Meta{ModTime: b.Info().Date}
	root := vtree.NewStatic(s.root(), date)
	source := view.NewSource(b, view.Options{
		Zone: s.t.opt.Location, Log: s.t.log.With("backup", s.found.Path), Cache: s.t.opt.Cache, Budget: s.t.opt.Budget,
	})
	a := about{b: b, snapshot: s}
	hang := func(name string, t vtree.Tree, base vtree.ID) {
		t = vtree.Offset(t, base)
		if err := root.Hang(root.Root(), name, t, t.Root(), iofs.ModeDir, date); err != nil {
			s.t.log.Error("show in a snapshot", "name", name, "backup", s.found.Path, "err", err)
			a.broken = append(a.broken, absence{name, err})
		}
	}
	hang("Domains", view.NewManifest(b), s.number40())
	for i, v := range s.t.opt.Views {
		t, err := openView(ctx, v, source)
		switch {
		case err == nil:
			hang(v.Name(), t, s.base(i+1))
		case view.Passing(err):
			return nil, err
		case errors.Is(err, view.ErrAbsent):
			a.absent = append(a.absent, absence{v.Name(), err})
		default:
			s.t.log.Warn("open view", "view", v.Name(), "backup", s.found.Path, "err", err)
			hang(v.Name(), view.Failed(v.Name(), date.ModTime, err), s.base(i+1))
		}
	}
	// The names are those of fixed lists, and no view has them.
	_, _ = root.AddFile(root.Root(), aboutName, vtree.Render(a.text), date)
	meta, err := b.MetaFiles()
	if err != nil {
		return nil, err
	}
	for _, name := range meta {
		_, _ = root.AddFile(root.Root(), name, metaFile{b, name}, date)
	}
	s.source = source
	return root, nil
}

const aboutName = "About this backup.txt"

// openView opens a view; a panic of it is an error.
func openView(ctx context.Context, v view.View, s *view.Source) (t vtree.Tree, err error) {
	defer view.Guard(s.Log, "open view "+v.Name(), &err)
	if t, err = v.Open(ctx, s); err == nil && t.Root() != view.Base {
		return nil, fmt.Errorf("a mistake of ibfs: the number of the folder is %#x", t.Root())
	}
	return t, err
}

// metaFile is a file that describes the backup, as content of the tree.
type metaFile struct {
	b    *backupfmt.Backup
	name string
}

func (m metaFile) Size(context.Context) (int64, error) {
	f, err := m.b.OpenMeta(m.name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Size(), nil
}

func (m metaFile) Open(context.Context) (vtree.File, error) { return m.b.OpenMeta(m.name) }

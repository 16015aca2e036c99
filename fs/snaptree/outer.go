package snaptree

import (
	"context"
	iofs "io/fs"
	"iter"
	"time"

	"ibfs/fs/vtree"
)

// outer is the tree of devices and snapshots as it stands now. All of it can
// change while it is served.
type outer struct{ t *Tree }

func (t *Tree) outer() vtree.Tree { return outer{t} }

// signs are empty files in the root that tell search indexers to stay out of
// the mount: Spotlight, and the one of GNOME. Everything in it would be read.
var signs = []string{".metadata_never_index", ".trackerignore"}

// sign is the number of the i-th of signs: those of tree 1 of snapshot 0.
func sign(i int) vtree.ID { return 1<<treeShift | vtree.ID(i) }

func isSign(id vtree.ID) bool { return id >= sign(0) && id < sign(len(signs)) }

// An item is one entry of the outer tree.
type item struct {
	name string
	id   vtree.ID
	typ  iofs.FileMode
}

// items lists a folder of the outer tree.
func (o outer) items(dir vtree.ID) ([]item, error) {
	o.t.mu.RLock()
	defer o.t.mu.RUnlock()
	var all []item
	if dir == rootID {
		for i, name := range signs {
			all = append(all, item{name, sign(i), 0})
		}
		for _, d := range o.t.sortedDevices() {
			all = append(all, item{d.name, d.folder(), iofs.ModeDir})
		}
		return all, nil
	}
	d := o.t.deviceAt(dir)
	switch {
	case isSign(dir):
		return nil, vtree.ErrNotDir
	case d == nil:
		return nil, notThere(dir)
	case dir == d.link():
		return nil, vtree.ErrNotDir
	}
	if d.latest() != nil {
		all = append(all, item{latestName, d.link(), iofs.ModeSymlink})
	}
	for _, s := range d.snapshots {
		all = append(all, item{s.name, s.root(), iofs.ModeDir})
	}
	return all, nil
}

func (o outer) Root() vtree.ID { return rootID }

func (o outer) Parent(_ context.Context, id vtree.ID) (vtree.ID, error) {
	if id == rootID || isSign(id) {
		return rootID, nil
	}
	o.t.mu.RLock()
	defer o.t.mu.RUnlock()
	d := o.t.deviceAt(id)
	switch {
	case d == nil:
		return 0, notThere(id)
	case id == d.link():
		return d.folder(), nil
	}
	return rootID, nil
}

func (o outer) Lookup(_ context.Context, dir vtree.ID, name string) (vtree.ID, error) {
	all, err := o.items(dir)
	if err != nil {
		return 0, err
	}
	for _, i := range all {
		if i.name == name {
			return i.id, nil
		}
	}
	return 0, iofs.ErrNotExist
}

func (o outer) ReadDir(_ context.Context, dir vtree.ID, from int, yield func(string, vtree.ID, iofs.FileMode) bool) error {
	all, err := o.items(dir)
	if err != nil {
		return err
	}
	for _, i := range all[min(max(from, 0), len(all)):] {
		if !yield(i.name, i.id, i.typ) {
			break
		}
	}
	return nil
}

func (o outer) Attr(_ context.Context, id vtree.ID) (vtree.Attr, error) {
	o.t.mu.RLock()
	defer o.t.mu.RUnlock()
	if isSign(id) {
		return vtree.Attr{Mode: 0o444, ModTime: time.Unix(0, 0)}, nil
	}
	folder := vtree.Attr{Mode: iofs.ModeDir | 0o555, Volatile: true}
	if id == rootID {
		for _, d := range o.t.devices {
			folder.ModTime = later(folder.ModTime, d.newest())
		}
		return folder, nil
	}
	d := o.t.deviceAt(id)
	if d == nil {
		return vtree.Attr{}, notThere(id)
	}
	folder.ModTime = d.newest()
	if id == d.link() {
		s := d.latest()
		if s == nil {
			return vtree.Attr{}, notThere(id)
		}
		return vtree.Attr{Mode: iofs.ModeSymlink | 0o777, Size: int64(len(s.name)), ModTime: folder.ModTime, Volatile: true}, nil
	}
	return folder, nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (o outer) Open(ctx context.Context, id vtree.ID) (vtree.File, error) {
	if isSign(id) {
		return vtree.Bytes(nil).Open(ctx)
	}
	return nil, vtree.ErrIsDir
}

func (o outer) ReadLink(_ context.Context, id vtree.ID) (string, error) {
	o.t.mu.RLock()
	defer o.t.mu.RUnlock()
	d := o.t.deviceAt(id)
	if d == nil || id != d.link() || d.latest() == nil {
		return "", vtree.ErrNoLink
	}
	return d.latest().name, nil
}

func (o outer) Xattrs(context.Context, vtree.ID) (iter.Seq2[string, []byte], error) {
	return func(func(string, []byte) bool) {}, nil
}

package photos

import (
	"cmp"
	"context"
	iofs "io/fs"
	"iter"
	"slices"
	"sync"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// A tree is the layout with its photos. A folder's names are made when somebody
// looks into it: those of 100,000 photos at three places each would take a
// second, and half a kilobyte a photo.
type tree struct {
	vtree.Tree // folders and texts
	rows       *view.Manifest
	f          *finder
	photos     []photo
	files      []shownFile // in the order of their entries
	folders    map[vtree.ID]*folder

	mu       sync.Mutex
	listings map[vtree.ID]*listing // guarded by mu; of folders that were looked into
	names    int                   // guarded by mu; in all listings
}

// A shownFile is a row that is part of a photo.
type shownFile struct {
	entry backupfmt.Entry
	photo int32
}

func newTree(skeleton vtree.Tree, f *finder, lib *library, folders map[vtree.ID]*folder) *tree {
	t := &tree{
		Tree: skeleton, rows: view.NewManifest(f.src.Backup), f: f, photos: lib.photos, folders: folders, listings: map[vtree.ID]*listing{},
	}
	for i := range t.photos {
		if p := &t.photos[i]; p.place != nowhere {
			for _, e := range []backupfmt.Entry{p.file, p.movie, p.second, p.edit, p.moved, p.preview} {
				if e != entry0 {
					t.files = append(t.files, shownFile{e, int32(i)})
				}
			}
		}
	}
	slices.SortFunc(t.files, func(a, b shownFile) int {
		return cmp.Or(cmp.Compare(a.entry, b.entry), cmp.Compare(a.photo, b.photo))
	})
	t.files = slices.Clip(t.files)
	f.owner, f.folders = nil, nil
	return t
}

// Bytes is about how much memory the tree holds, without listings.
func (t *tree) Bytes() int64 {
	const photoSize, fileSize, placeSize = 104 + 24, 8, 4
	n := int64(len(t.photos)*photoSize + len(t.files)*fileSize)
	for _, f := range t.folders {
		n += int64(len(f.photos) * placeSize)
	}
	if sized, ok := t.Tree.(interface{ Bytes() int64 }); ok {
		n += sized.Bytes()
	}
	return n
}

// A listing is the names of a folder.
type listing struct {
	names []string
	ids   []vtree.ID
	find  map[string]int32 // the place of a name
}

// maxListed bounds the names that are kept beside those of the last folder:
// about 100 bytes each.
const maxListed = 100_000

// listing names the photos of a folder; nil where it has none.
func (t *tree) listing(dir vtree.ID) *listing {
	f := t.folders[dir]
	if f == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.listings[dir]; l != nil {
		return l
	}
	l := t.list(f)
	if t.names+len(l.names) > maxListed {
		clear(t.listings)
		t.names = 0
	}
	t.listings[dir] = l
	t.names += len(l.names)
	return l
}

func (t *tree) list(f *folder) *listing {
	l := &listing{find: make(map[string]int32, 2*len(f.photos))}
	var u view.Unique
	for _, i := range f.photos {
		p := &t.photos[i]
		parts := t.f.parts(p)
		for n, name := range nameParts(&u, t.f.title(p, f.style), parts) {
			l.find[name] = int32(len(l.names))
			l.names = append(l.names, name)
			l.ids = append(l.ids, vtree.ID(parts[n].entry))
		}
	}
	return l
}

// photo is the one that a row is part of, or nil.
func (t *tree) photo(id vtree.ID) *photo {
	i, ok := slices.BinarySearchFunc(t.files, id, func(f shownFile, id vtree.ID) int { return cmp.Compare(vtree.ID(f.entry), id) })
	if !ok {
		return nil
	}
	return &t.photos[t.files[i].photo]
}

func (t *tree) Parent(ctx context.Context, id vtree.ID) (vtree.ID, error) {
	if id >= view.Base {
		return t.Tree.Parent(ctx, id)
	}
	p := t.photo(id)
	if p == nil {
		return 0, iofs.ErrNotExist
	}
	return view.Base + vtree.ID(p.home), nil
}

func (t *tree) Lookup(ctx context.Context, dir vtree.ID, name string) (vtree.ID, error) {
	l := t.listing(dir)
	if l == nil {
		if dir < view.Base && t.photo(dir) != nil {
			return 0, vtree.ErrNotDir
		}
		return t.Tree.Lookup(ctx, dir, name)
	}
	i, ok := l.find[name]
	if !ok {
		return 0, iofs.ErrNotExist
	}
	return l.ids[i], nil
}

// ReadDir yields photos in the folder's order.
func (t *tree) ReadDir(ctx context.Context, dir vtree.ID, from int, yield func(string, vtree.ID, iofs.FileMode) bool) error {
	l := t.listing(dir)
	if l == nil {
		if dir < view.Base && t.photo(dir) != nil {
			return vtree.ErrNotDir
		}
		return t.Tree.ReadDir(ctx, dir, from, yield)
	}
	for i := max(from, 0); i < len(l.names); i++ {
		if !yield(l.names[i], l.ids[i], 0) {
			break
		}
	}
	return nil
}

// Attr gives each file the time when the photo was taken; one whose time is not
// known keeps its row's.
func (t *tree) Attr(ctx context.Context, id vtree.ID) (vtree.Attr, error) {
	p := t.photo(id)
	if p == nil {
		return t.Tree.Attr(ctx, id)
	}
	a, err := t.rows.Attr(ctx, id)
	if p.at != 0 {
		a.ModTime = p.taken()
	}
	return a, err
}

func (t *tree) Open(ctx context.Context, id vtree.ID) (vtree.File, error) {
	return t.of(id).Open(ctx, id)
}

func (t *tree) ReadLink(ctx context.Context, id vtree.ID) (string, error) {
	return t.of(id).ReadLink(ctx, id)
}

func (t *tree) Xattrs(ctx context.Context, id vtree.ID) (iter.Seq2[string, []byte], error) {
	return t.of(id).Xattrs(ctx, id)
}

// of is the tree that an entry is of.
func (t *tree) of(id vtree.ID) vtree.Tree {
	if t.photo(id) != nil {
		return t.rows
	}
	return t.Tree
}

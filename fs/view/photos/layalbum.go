package photos

import (
	"cmp"
	"slices"

	"ibfs/fs/view"
)

// maxNesting bounds how deep the folders of albums may lie in each other.
const maxNesting = 16

// albums makes the folders of albums and, in each, its photos in its own order.
func (s *shelves) albums() {
	t := albumTree{shelves: s, dirs: map[int64]view.Dir{}}
	for i := range s.library.albums { // folders first: of one name, a folder has it
		if a := &s.library.albums[i]; a.folder() {
			t.folder(a, 0)
		}
	}
	for i := range s.library.albums {
		if a := &s.library.albums[i]; !a.folder() {
			t.fill(a, int32(i))
		}
	}
}

type albumTree struct {
	*shelves
	own, others *view.Dir          // of the person's albums, and of shared ones; nil until there is one
	dirs        map[int64]view.Dir // of folders, by their ids
}

// top is the folder of a kind of album.
func (t *albumTree) top(a *album) view.Dir {
	at, name := &t.own, "Albums"
	if a.kind == kindShared {
		at, name = &t.others, "Shared albums"
	}
	if *at == nil {
		d := t.root.Dir(name)
		*at = &d
	}
	return **at
}

// folder makes a folder, and those that it lies in. One that lies in itself, too
// deep, or in one that is not shown, lies at the top.
func (t *albumTree) folder(a *album, depth int) view.Dir {
	if d, made := t.dirs[a.id]; made {
		return d
	}
	t.dirs[a.id] = t.top(a) // for those who come back here in a circle
	d := t.parent(a, depth).DirAt(a.title, a.made)
	t.dirs[a.id] = d
	return d
}

func (t *albumTree) parent(a *album, depth int) view.Dir {
	if i, ok := t.album(a.parent); ok && depth < maxNesting && a.kind != kindShared {
		if p := &t.library.albums[i]; p.folder() {
			return t.folder(p, depth+1)
		}
	}
	return t.top(a)
}

func (t *albumTree) fill(a *album, place int32) {
	dir := t.parent(a, 0).DirAt(a.title, a.made)
	for _, m := range t.of(place) {
		if t.photos[m.photo].albumed(a.kind) {
			t.put(dir, plain, m.photo)
		}
	}
}

// of are the members of an album, in its order.
func (lib *library) of(album int32) []member {
	find := func(n int32) int {
		i, _ := slices.BinarySearchFunc(lib.members, n, func(m member, n int32) int { return cmp.Compare(m.album, n) })
		return i
	}
	return lib.members[find(album):find(album+1)]
}

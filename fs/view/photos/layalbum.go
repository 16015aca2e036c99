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
	t := albumTree{shelves: s, made: map[int64]nested{}}
	for i := range s.library.albums { // folders first: of one name, a folder has it
		if a := &s.library.albums[i]; a.folder() {
			t.folder(a)
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
	own, others *view.Dir        // of the person's albums, and of shared ones; nil until there is one
	made        map[int64]nested // folders, by their ids
}

// A nested is a folder, and how many it lies in.
type nested struct {
	view.Dir
	depth int
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
func (t *albumTree) folder(a *album) nested {
	if d, made := t.made[a.id]; made {
		return d
	}
	t.made[a.id] = nested{t.top(a), 0} // for those who come back here in a circle
	in := t.parent(a)
	d := nested{in.DirAt(a.title, a.made), in.depth + 1}
	t.made[a.id] = d
	return d
}

func (t *albumTree) parent(a *album) nested {
	if i, ok := t.album(a.parent); ok && a.kind != kindShared && t.library.albums[i].folder() {
		if d := t.folder(&t.library.albums[i]); d.depth < maxNesting {
			return d
		}
	}
	return nested{t.top(a), 0}
}

func (t *albumTree) fill(a *album, place int32) {
	dir := t.parent(a).DirAt(a.title, a.made)
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

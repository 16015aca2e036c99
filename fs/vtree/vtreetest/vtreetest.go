// Package vtreetest checks that a tree keeps what the seam promises. It walks
// every entry and reads every byte, so it is for small trees.
package vtreetest

import (
	"bytes"
	"errors"
	"io"
	iofs "io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"ibfs/fs/vtree"
)

// Check fails the test where listing, lookup, attributes, parents and content
// of a tree disagree, where a number stands for two entries, or where
// fstest.TestFS finds fault with the tree as an io/fs file system. Broken names
// the paths that are meant not to open.
func Check(t *testing.T, tree vtree.Tree, broken ...string) {
	t.Helper()
	c := checker{T: t, tree: tree, seen: map[vtree.ID]string{tree.Root(): "."}, in: map[vtree.ID][]vtree.ID{}, broken: broken}
	if p, err := tree.Parent(t.Context(), tree.Root()); err != nil || p != tree.Root() {
		t.Errorf("parent of the root: %#x, %v", p, err)
	}
	c.folder(".", tree.Root())
	c.parents()
	c.unknown()
	if len(broken) > 0 || c.backslash {
		return // TestFS opens everything, and takes no name with a backslash
	}
	if err := fstest.TestFS(vtree.FS(t.Context(), tree), c.files...); err != nil {
		t.Error(err)
	}
}

type checker struct {
	*testing.T
	tree   vtree.Tree
	seen   map[vtree.ID]string     // the path that a number was first seen at
	in     map[vtree.ID][]vtree.ID // the folders that a number is listed in
	files  []string
	broken []string

	backslash bool // a name has one
}

type entry struct {
	name string
	id   vtree.ID
	typ  iofs.FileMode
}

func (c *checker) list(path string, dir vtree.ID, from, n int) []entry {
	var list []entry
	err := c.tree.ReadDir(c.Context(), dir, from, func(name string, id vtree.ID, m iofs.FileMode) bool {
		list = append(list, entry{name, id, m})
		return len(list) != n
	})
	if err != nil {
		c.Errorf("list %s from %d: %v", path, from, err)
	}
	return list
}

func (c *checker) folder(path string, dir vtree.ID) {
	all := c.list(path, dir, 0, -1)
	for _, from := range []int{1, len(all) / 2, len(all), len(all) + 3} {
		if got, want := c.list(path, dir, from, -1), all[min(from, len(all)):]; !slices.Equal(got, want) {
			c.Errorf("list %s from %d: %d entries that differ from the last %d of all", path, from, len(got), len(want))
		}
	}
	if got, want := c.list(path, dir, 0, 1), all[:min(1, len(all))]; !slices.Equal(got, want) {
		c.Errorf("list %s stopped after one: %v", path, got)
	}
	if _, err := c.tree.Lookup(c.Context(), dir, "no such name"); !errors.Is(err, iofs.ErrNotExist) {
		c.Errorf("look up in %s a name that is not there: %v", path, err)
	}
	for _, e := range all {
		child := e.name
		if path != "." {
			child = path + "/" + e.name
		}
		c.entry(child, dir, e)
	}
}

func (c *checker) entry(path string, dir vtree.ID, e entry) {
	if !vtree.ValidName(e.name) {
		c.Errorf("%q in a listing: %v", path, vtree.ErrName)
		return
	}
	c.backslash = c.backslash || strings.Contains(e.name, `\`)
	c.in[e.id] = append(c.in[e.id], dir)
	before, again := c.seen[e.id]
	if again && e.typ.IsDir() {
		c.Errorf("folder %s has the number %#x of %s", path, e.id, before)
		return
	}
	c.seen[e.id] = path
	if id, err := c.tree.Lookup(c.Context(), dir, e.name); err != nil || id != e.id {
		c.Errorf("look up %s: %#x, %v; the listing says %#x", path, id, err, e.id)
	}
	a, err := c.tree.Attr(c.Context(), e.id)
	if err != nil {
		c.Errorf("attributes of %s: %v", path, err)
		return
	}
	if a.Mode.Type() != e.typ {
		c.Errorf("%s: type %v in the listing, %v in the attributes", path, e.typ, a.Mode.Type())
	}
	if _, err := c.tree.Xattrs(c.Context(), e.id); err != nil {
		c.Errorf("extended attributes of %s: %v", path, err)
	}
	c.content(path, e, a)
}

func (c *checker) content(path string, e entry, a vtree.Attr) {
	target, linkErr := c.tree.ReadLink(c.Context(), e.id)
	switch e.typ {
	case iofs.ModeSymlink:
		if linkErr != nil || int64(len(target)) != a.Size {
			c.Errorf("read link %s: %q, %v; its size is %d", path, target, linkErr, a.Size)
		}
		return
	case iofs.ModeDir:
		if _, err := c.tree.Open(c.Context(), e.id); !errors.Is(err, vtree.ErrIsDir) {
			c.Errorf("open folder %s: %v", path, err)
		}
		c.folder(path, e.id)
	case 0:
		c.files = append(c.files, path)
		c.file(path, e.id)
	default:
		c.Errorf("%s: type %v", path, e.typ)
	}
	if !errors.Is(linkErr, vtree.ErrNoLink) {
		c.Errorf("read link %s, which is none: %v", path, linkErr)
	}
}

func (c *checker) file(path string, id vtree.ID) {
	if _, err := c.tree.Lookup(c.Context(), id, "x"); !errors.Is(err, vtree.ErrNotDir) {
		c.Errorf("look up in file %s: %v", path, err)
	}
	f, err := c.tree.Open(c.Context(), id)
	if slices.Contains(c.broken, path) {
		if err == nil {
			_, err = io.Copy(io.Discard, io.NewSectionReader(f, 0, f.Size()))
			f.Close()
		}
		if err == nil {
			c.Errorf("%s opens and reads, though it is broken", path)
		}
		return
	}
	if err != nil {
		c.Errorf("open %s: %v", path, err)
		return
	}
	defer f.Close()
	if a, err := c.tree.Attr(c.Context(), id); err != nil || a.Size != f.Size() {
		c.Errorf("%s: size %d when open, %d, %v in the attributes after it", path, f.Size(), a.Size, err)
	}
	whole, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()+1))
	if err != nil || int64(len(whole)) != f.Size() {
		c.Errorf("read %s: %d bytes, %v; its size is %d", path, len(whole), err, f.Size())
		return
	}
	for _, off := range []int{1, len(whole) / 3, len(whole) - 1} {
		if off < 0 || off >= len(whole) {
			continue
		}
		part := make([]byte, len(whole)-off)
		if n, err := f.ReadAt(part, int64(off)); n != len(part) || err != nil && err != io.EOF || !bytes.Equal(part, whole[off:]) {
			c.Errorf("read %s at %d: %d bytes, %v, other than the whole has there", path, off, n, err)
		}
	}
}

func (c *checker) parents() {
	for id, dirs := range c.in {
		if p, err := c.tree.Parent(c.Context(), id); err != nil || !slices.Contains(dirs, p) {
			c.Errorf("parent of %s: %#x, %v; listed in %#x", c.seen[id], p, err, dirs)
		}
	}
}

// unknown asks for a number that the tree never gave out.
func (c *checker) unknown() {
	id := vtree.ID(1<<63 - 1)
	for c.seen[id] != "" {
		id--
	}
	if _, err := c.tree.Attr(c.Context(), id); !errors.Is(err, iofs.ErrNotExist) {
		c.Errorf("attributes of a number never given out: %v", err)
	}
	if _, err := c.tree.Open(c.Context(), id); !errors.Is(err, iofs.ErrNotExist) {
		c.Errorf("open a number never given out: %v", err)
	}
	if _, err := c.tree.Lookup(c.Context(), id, "x"); !errors.Is(err, iofs.ErrNotExist) {
		c.Errorf("look up in a number never given out: %v", err)
	}
}

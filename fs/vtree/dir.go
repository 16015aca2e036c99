package vtree

import (
	"fmt"
	iofs "io/fs"
	"iter"
	"math"
	"time"
)

// Static is a Tree in memory: generated folders, files and links, and entries
// of other trees that hang in it under names of its own.
//
// Its own numbers run upward from a base in order of adding, the root first.
// What hangs in it keeps the numbers of its own tree, so a view whose base is
// 3<<30 can show rows of the manifest, numbers below 2^31, under other names.
// Trees whose numbers are the same below bit 32 hang side by side through
// Offset.
//
// Adding is for one goroutine and ends before the tree is served. After an
// error the tree is as it was.
type Static struct {
	base  ID
	nodes []node       // by number - base
	names map[place]ID // what has which name in which of our folders
	trees map[ID]Tree  // what hangs here, by its numbers' bits from 32 up
	hung  map[ID]node  // what the entries that hang here have of us: parent, meta
}

// Meta is what an entry has beside its name and content.
type Meta struct {
	ModTime  time.Time                 // zero: unknown; for what hangs, that of its own tree
	Volatile bool                      // see Attr
	Xattrs   iter.Seq2[string, []byte] // nil: none; for what hangs, they come before those of its own tree
}

type node struct {
	parent  ID
	mode    iofs.FileMode
	meta    Meta
	kids    []kid   // of a folder
	content Content // of a file
	target  string  // of a link
}

type kid struct {
	name string
	id   ID
	typ  iofs.FileMode
}

type place struct {
	dir  ID
	name string
}

// NewStatic makes a tree that has a root alone, with the number base.
func NewStatic(base ID, root Meta) *Static {
	return &Static{
		base:  base,
		nodes: []node{{parent: base, mode: iofs.ModeDir | 0o555, meta: root}},
		names: map[place]ID{},
		trees: map[ID]Tree{},
		hung:  map[ID]node{},
	}
}

// AddDir adds an empty folder to one of the tree's own folders.
//
// Each Add fails with ErrName for a name that none may have, iofs.ErrExist for
// one that the folder has already, and ErrNotDir for a dir that is none of the
// tree's own folders.
func (s *Static) AddDir(dir ID, name string, m Meta) (ID, error) {
	return s.add(dir, name, node{mode: iofs.ModeDir | 0o555, meta: m})
}

// AddFile adds a file.
func (s *Static) AddFile(dir ID, name string, c Content, m Meta) (ID, error) {
	return s.add(dir, name, node{mode: 0o444, meta: m, content: c})
}

// AddLink adds a symbolic link with the text target.
func (s *Static) AddLink(dir ID, name, target string, m Meta) (ID, error) {
	return s.add(dir, name, node{mode: iofs.ModeSymlink | 0o777, meta: m, target: target})
}

// Hang shows the entry id of another tree, whose type is typ, with all below
// it. A file may hang at several places, with the Meta and the Parent of the
// first; a folder hangs at one.
func (s *Static) Hang(dir ID, name string, t Tree, id ID, typ iofs.FileMode, m Meta) error {
	if err := s.free(dir, name); err != nil {
		return err
	}
	if _, ours := s.own(id); ours {
		return fmt.Errorf("hang %q: number %#x is the tree's own: %w", name, id, iofs.ErrInvalid)
	}
	if u, ok := s.trees[id>>32]; ok && u != t {
		return fmt.Errorf("hang %q: another tree has numbers from %#x: %w", name, id>>32<<32, iofs.ErrInvalid)
	}
	_, before := s.hung[id]
	if before && typ.IsDir() {
		return fmt.Errorf("hang %q: that folder hangs here already: %w", name, iofs.ErrExist)
	}
	if !before {
		s.hung[id] = node{parent: dir, meta: m}
	}
	s.trees[id>>32] = t
	s.link(dir, name, id, typ.Type())
	return nil
}

func (s *Static) add(dir ID, name string, n node) (ID, error) {
	if err := s.free(dir, name); err != nil {
		return 0, err
	}
	id := s.base + ID(len(s.nodes))
	if id&math.MaxUint32 == 0 {
		return 0, fmt.Errorf("add %q: no number left above %#x: %w", name, s.base, iofs.ErrInvalid)
	}
	if _, taken := s.hung[id]; taken {
		return 0, fmt.Errorf("add %q: another tree has number %#x: %w", name, id, iofs.ErrInvalid)
	}
	n.parent = dir
	s.nodes = append(s.nodes, n)
	s.link(dir, name, id, n.mode.Type())
	return id, nil
}

// free says why no entry of that name can be added to a folder, if so.
func (s *Static) free(dir ID, name string) error {
	if n, ours := s.own(dir); !ours || !n.mode.IsDir() {
		return fmt.Errorf("add %q to %#x: %w", name, dir, ErrNotDir)
	}
	if !ValidName(name) {
		return fmt.Errorf("add %q: %w", name, ErrName)
	}
	if _, taken := s.names[place{dir, name}]; taken {
		return fmt.Errorf("add %q: %w", name, iofs.ErrExist)
	}
	return nil
}

func (s *Static) link(dir ID, name string, id ID, typ iofs.FileMode) {
	n, _ := s.own(dir)
	n.kids = append(n.kids, kid{name, id, typ})
	s.names[place{dir, name}] = id
}

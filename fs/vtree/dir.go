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
// error the tree is as it was. A file that hangs takes about 150 bytes at its
// first place and 80 at each other, with a name of 20.
type Static struct {
	base  ID
	nodes []node       // by number - base
	links []link       // every entry's place, in order of adding
	text  []byte       // the names of all links
	find  index        // of links, by folder and name
	trees map[ID]Tree  // what hangs here, by its numbers' bits from 32 up
	hung  []hung       // what the entries that hang here have of us
	where map[ID]int32 // the place in hung of an entry
}

// Meta is what an entry has beside its name and content.
type Meta struct {
	ModTime  time.Time                 // zero: unknown; for what hangs, that of its own tree
	Volatile bool                      // see Attr
	Xattrs   iter.Seq2[string, []byte] // nil: none; for what hangs, they come before those of its own tree
}

// node is one of our own entries.
type node struct {
	parent  uint32 // its number - base
	mode    iofs.FileMode
	meta    meta
	kids    []uint32 // of a folder: places in links
	content Content  // of a file; nil for others
	target  string   // of a link
}

// hung is what an entry of another tree has of us.
type hung struct {
	parent uint32 // the number - base of the folder that it was first added to
	meta   meta
}

// link is an entry at one place: in a folder of ours, under a name.
type link struct {
	id   ID
	name uint32 // where it begins in text
	dir  uint32 // the folder's number - base
	len  uint8
	typ  typeBits
}

// meta is a Meta that takes half the room.
type meta struct {
	xattrs   iter.Seq2[string, []byte]
	seconds  int64 // Unix
	nanos    int32 // -1: no time
	volatile bool
}

func pack(m Meta) meta {
	p := meta{xattrs: m.Xattrs, nanos: -1, volatile: m.Volatile}
	if !m.ModTime.IsZero() {
		p.seconds, p.nanos = m.ModTime.Unix(), int32(m.ModTime.Nanosecond())
	}
	return p
}

func (m meta) time() time.Time {
	if m.nanos < 0 {
		return time.Time{}
	}
	return time.Unix(m.seconds, int64(m.nanos))
}

// typeBits are the type bits of a mode, in the upper byte of their own.
type typeBits uint16

func bitsOf(m iofs.FileMode) typeBits  { return typeBits(m >> 16) }
func (b typeBits) mode() iofs.FileMode { return iofs.FileMode(b) << 16 }

// NewStatic makes a tree that has a root alone, with the number base.
func NewStatic(base ID, root Meta) *Static {
	return &Static{
		base:  base,
		nodes: []node{{mode: iofs.ModeDir | 0o555, meta: pack(root)}},
		trees: map[ID]Tree{},
		where: map[ID]int32{},
	}
}

// AddDir adds an empty folder to one of the tree's own folders.
//
// Each Add fails with ErrName for a name that none may have, iofs.ErrExist for
// one that the folder has already, and ErrNotDir for a dir that is none of the
// tree's own folders.
func (s *Static) AddDir(dir ID, name string, m Meta) (ID, error) {
	return s.add(dir, name, node{mode: iofs.ModeDir | 0o555, meta: pack(m)})
}

// AddFile adds a file.
func (s *Static) AddFile(dir ID, name string, c Content, m Meta) (ID, error) {
	return s.add(dir, name, node{mode: 0o444, meta: pack(m), content: c})
}

// AddLink adds a symbolic link with the text target.
func (s *Static) AddLink(dir ID, name, target string, m Meta) (ID, error) {
	return s.add(dir, name, node{mode: iofs.ModeSymlink | 0o777, meta: pack(m), target: target})
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
	_, before := s.where[id]
	if before && typ.IsDir() {
		return fmt.Errorf("hang %q: that folder hangs here already: %w", name, iofs.ErrExist)
	}
	if !before {
		s.where[id] = int32(len(s.hung))
		s.hung = append(s.hung, hung{parent: uint32(dir - s.base), meta: pack(m)})
	}
	s.trees[id>>32] = t
	s.link(dir, name, id, typ)
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
	if _, taken := s.where[id]; taken {
		return 0, fmt.Errorf("add %q: another tree has number %#x: %w", name, id, iofs.ErrInvalid)
	}
	n.parent = uint32(dir - s.base)
	s.nodes = append(s.nodes, n)
	s.link(dir, name, id, n.mode)
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
	if _, taken := s.lookup(dir, name); taken {
		return fmt.Errorf("add %q: %w", name, iofs.ErrExist)
	}
	if len(s.text)+len(name) > math.MaxUint32 {
		return fmt.Errorf("add %q: the names of the tree take too much room: %w", name, iofs.ErrInvalid)
	}
	return nil
}

func (s *Static) link(dir ID, name string, id ID, typ iofs.FileMode) {
	n, _ := s.own(dir)
	n.kids = append(n.kids, uint32(len(s.links)))
	s.links = append(s.links, link{
		id: id, name: uint32(len(s.text)), dir: uint32(dir - s.base), len: uint8(len(name)), typ: bitsOf(typ.Type()),
	})
	s.text = append(s.text, name...)
	s.find.add(s, uint32(len(s.links)-1))
}

// name is what a link is called.
func (s *Static) name(l *link) []byte { return s.text[l.name:][:l.len] }

// Bytes is about how much memory the tree holds, without the contents of its
// files and what hangs in it.
func (s *Static) Bytes() int64 {
	const (
		nodeSize = 112 // of a node, and of the content that it refers to
		linkSize = 24 + 2*4
		hungSize = 40 + 24
	)
	return int64(len(s.nodes)*nodeSize + len(s.links)*linkSize + len(s.text) + len(s.find.slots)*4 + len(s.hung)*hungSize)
}

package backupfmt

import (
	"bytes"
	iofs "io/fs"
	"sort"
	"sync/atomic"
)

// An Entry is the number of a manifest row: its rowid, or in an mbdb its
// ordinal from 1. Folders without a row of their own come after the highest
// row, in path order. Entry 0 is the folder that holds all domains.
type Entry uint32

// RootEntry is the folder that holds all domains.
const RootEntry Entry = 0

// maxRow bounds the rowids that are taken for rows.
const maxRow = 1<<31 - 1

// An Index is the tree of all rows of a backup, in compact arrays without a
// pointer in them: about 130 bytes a row. It does not change once it is built,
// but for the sizes that become known.
//
// A node is found by its entry through a binary search, as nodes lie in the
// order of their entries; a name through one in its folder's children, which
// lie in the order of their names.
type Index struct {
	chunks [][]node // in the order of the entries, full ones of chunkLen
	names  arena
	kids   []ref // the children of each folder, side by side
	damage damageLog

	files int   // that are shown
	bytes int64 // their recorded sizes together
}

// A ref is where a node lies: its chunk, and its place there.
type ref uint32

const (
	chunkBits = 12
	chunkLen  = 1 << chunkBits
	noRef     = ^ref(0)
)

// node is what the index holds of one row.
type node struct {
	entry  Entry
	parent ref // while the rows are read: the number of the parent's path
	name   place
	mode   uint16 // POSIX type and permission bits
	class  uint8
	flags  nodeFlags
	sized  atomic.Uint32 // once size is exact: 1, or 2 for content that is damaged
	size   int64         // of a folder: its span of kids; of a file: as recorded, exact once known
	mtime  int64         // Unix seconds, 0 unknown
	fileID [20]byte
	key    [40]byte // wrapped file key; its class is class
}

type nodeFlags uint8

const (
	hasKey    nodeFlags = 1 << iota // the content is encrypted, by key
	badKey                          // the content is encrypted, but its key cannot be read
	hasXattrs                       // the phone kept extended attributes
	dropped                         // a second row of the same path
	noRow                           // a folder that has no row
	database                        // by its name: its recorded size is often wrong
)

const (
	modeType = 0xF000
	modeDir  = 0x4000
	modeFile = 0x8000
	modeLink = 0xA000
)

func (n *node) isDir() bool { return n.mode&modeType == modeDir }

// span is where a folder's children lie in kids.
func (n *node) span() (first, count int) {
	return int(uint64(n.size) >> 32), int(uint32(n.size))
}

func (n *node) setSpan(first, count int) { n.size = int64(first)<<32 | int64(count) }

func (x *Index) at(r ref) *node { return &x.chunks[r>>chunkBits][r&(chunkLen-1)] }

// find is the node of an entry, or nil.
func (x *Index) find(e Entry) *node {
	c := sort.Search(len(x.chunks), func(i int) bool { return x.chunks[i][0].entry > e }) - 1
	if c < 0 {
		return nil
	}
	chunk := x.chunks[c]
	i := int(e - chunk[0].entry) // right at once where no row was ever deleted
	if i >= len(chunk) || chunk[i].entry != e {
		i = sort.Search(len(chunk), func(i int) bool { return chunk[i].entry >= e })
		if i == len(chunk) || chunk[i].entry != e {
			return nil
		}
	}
	if chunk[i].flags&dropped != 0 {
		return nil
	}
	return &chunk[i]
}

// Parent is the folder of an entry; the root is its own.
func (x *Index) Parent(e Entry) (Entry, bool) {
	n := x.find(e)
	if n == nil {
		return 0, false
	}
	return x.at(n.parent).entry, true
}

// Name is the name of an entry in its folder.
func (x *Index) Name(e Entry) string {
	if n := x.find(e); n != nil {
		return string(x.names.get(n.name))
	}
	return ""
}

// Path is the domain of an entry and its path there, as they are shown.
func (x *Index) Path(e Entry) (domain, path string) {
	n := x.find(e)
	if n == nil || n.entry == RootEntry {
		return "", ""
	}
	var parts [][]byte
	for ; n.entry != RootEntry; n = x.at(n.parent) {
		parts = append(parts, x.names.get(n.name))
	}
	domain = string(parts[len(parts)-1])
	var b bytes.Buffer
	for i := len(parts) - 2; i >= 0; i-- {
		b.Write(parts[i])
		if i > 0 {
			b.WriteByte('/')
		}
	}
	return domain, b.String()
}

// isOwnName reports that the fileID of a row is that of the path it is shown at.
func (x *Index) isOwnName(r ref) bool {
	n := x.at(r)
	return n.fileID == fileID(x.Path(n.entry))
}

// Lookup finds a child by its exact name.
func (x *Index) Lookup(dir Entry, name string) (Entry, bool) {
	d := x.find(dir)
	if d == nil || !d.isDir() {
		return 0, false
	}
	first, count := d.span()
	kids := x.kids[first : first+count]
	i := sort.Search(count, func(i int) bool { return string(x.names.get(x.at(kids[i]).name)) >= name })
	if i == count || string(x.names.get(x.at(kids[i]).name)) != name {
		return 0, false
	}
	return x.at(kids[i]).entry, true
}

// A Child is one entry of a folder.
type Child struct {
	Name  string
	Entry Entry
	Type  iofs.FileMode // type bits alone
}

// Children yields the children of a folder in the order of their names, from
// position from on. It reports whether dir is a folder of the index.
func (x *Index) Children(dir Entry, from int, yield func(Child) bool) bool {
	d := x.find(dir)
	if d == nil || !d.isDir() {
		return false
	}
	first, count := d.span()
	for i := max(from, 0); i < count; i++ {
		n := x.at(x.kids[first+i])
		if !yield(Child{string(x.names.get(n.name)), n.entry, fileMode(n.mode).Type()}) {
			break
		}
	}
	return true
}

// HasFiles reports that an entry is a file, or a folder with one below it.
func (x *Index) HasFiles(e Entry) bool {
	n := x.find(e)
	return n != nil && x.hasFiles(n)
}

func (x *Index) hasFiles(n *node) bool {
	if !n.isDir() {
		return n.mode&modeType == modeFile
	}
	first, count := n.span()
	for _, k := range x.kids[first : first+count] {
		if x.hasFiles(x.at(k)) {
			return true
		}
	}
	return false
}

// Len is the number of rows and folders.
func (x *Index) Len() int {
	n := 0
	for _, c := range x.chunks {
		n += len(c)
	}
	return n
}

// Bytes is about how much memory the index holds.
func (x *Index) Bytes() int64 {
	if x == nil {
		return 0
	}
	const nodeSize = 104
	return int64(len(x.chunks))*chunkLen*nodeSize + x.names.bytes() + int64(len(x.kids))*4
}

// All yields every entry in ascending order.
func (x *Index) All(yield func(Entry) bool) {
	for _, c := range x.chunks {
		for i := range c {
			if c[i].flags&dropped == 0 && !yield(c[i].entry) {
				return
			}
		}
	}
}

// Totals are the number of files and their recorded sizes together, in bytes.
func (x *Index) Totals() (files int, bytes int64) { return x.files, x.bytes }

// Damage is the number of rows that cannot be shown, and the first of them.
func (x *Index) Damage() (int, []Damage) { return x.damage.count, x.damage.first }

// recorded is the size that the manifest tells, or what replaced it; -1 when
// it tells none.
func (n *node) recorded() int64 { return atomic.LoadInt64(&n.size) }

// exact is the true size of a file, once it is known.
func (n *node) exact() (int64, bool) {
	if n.sized.Load() == 0 {
		return 0, false
	}
	return atomic.LoadInt64(&n.size), true
}

func (n *node) setExact(size int64, damaged bool) {
	atomic.StoreInt64(&n.size, size)
	if damaged {
		n.sized.Store(2)
	} else {
		n.sized.CompareAndSwap(0, 1)
	}
}

// isDamaged reports that the content is known not to be whole. Its recorded
// size is no longer there to tell.
func (n *node) isDamaged() bool { return n.sized.Load() == 2 }

// fileMode is a POSIX mode as Go has it, with the bits of a read-only tree.
func fileMode(mode uint16) iofs.FileMode {
	switch mode & modeType {
	case modeDir:
		return iofs.ModeDir | 0o555
	case modeLink:
		return iofs.ModeSymlink | 0o777
	}
	return 0o444
}

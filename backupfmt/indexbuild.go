package backupfmt

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
)

// A segment takes the rows of a part of a manifest, in ascending order, and
// keeps them as nodes. Several can be filled side by side.
type segment struct {
	chunks [][]node
	names  arena
	paths  pathTable
	full   bool // no room for more
	gaps   []gap
	damage damageLog

	rows       int      // that were read, shown or not
	last       Entry    // the highest number in order
	own        int32    // the path of the row that was kept last, where it is a folder
	disordered int      // how many rows were out of order
	misplaced  *segment // those of them that are shown, nil for none

	buf []byte // scratch
}

// maxSegmentBlocks leaves room for all segments in one arena.
const maxSegmentBlocks = maxBlocks / 4

func newSegment() *segment { return &segment{paths: newPathTable(0)} }

// add keeps one row. Rows that cannot be shown are counted, and told.
func (s *segment) add(r *row) {
	if err := checkRow(r); err != nil {
		s.damage.add(Damage{Entry: r.entry, Domain: string(r.domain), Path: string(r.path), Err: err})
		return
	}
	s.buf = append(s.buf[:0], r.domain...)
	if len(r.path) > 0 {
		s.buf = append(append(s.buf, '/'), r.path...)
	}
	slash := bytes.LastIndexByte(s.buf, '/')
	s.paths.room += foldersPerRow
	parent, ok := s.paths.number(s.buf[:max(slash, 0)])
	own := parent
	if isDir := r.mode&modeType == modeDir; ok && isDir {
		own, ok = s.paths.number(s.buf)
	}
	if !ok {
		s.damage.add(Damage{Entry: r.entry, Domain: string(r.domain), Path: string(r.path), Err: errFolders})
		return
	}
	p, ok := s.names.add(shownName(s.buf[slash+1:]))
	if !ok || len(s.names.blocks) > maxSegmentBlocks {
		s.damage.add(Damage{Entry: r.entry, Whole: true, Err: errIndexFull})
		s.full = true
		return
	}
	n := s.node()
	*n = node{
		entry: r.entry, name: p, mode: r.mode, class: r.class, flags: r.flags | databaseFlag(r.path),
		size: r.size, mtime: r.mtime, fileID: r.fileID, key: r.key,
	}
	n.parent, s.own = ref(parent), own
	if n.isDir() {
		if s.paths.list[own].node == noRef {
			s.paths.list[own].node = s.lastRef()
		} else {
			n.flags |= dropped
			s.damage.add(Damage{Entry: r.entry, Domain: string(r.domain), Path: string(r.path), Err: errTwice})
		}
	}
}

func (s *segment) node() *node {
	last := len(s.chunks) - 1
	if last < 0 || len(s.chunks[last]) == chunkLen {
		s.chunks = append(s.chunks, make([]node, 0, chunkLen))
		last++
	}
	s.chunks[last] = s.chunks[last][:len(s.chunks[last])+1]
	return &s.chunks[last][len(s.chunks[last])-1]
}

func (s *segment) lastRef() ref {
	last := len(s.chunks) - 1
	return ref(last<<chunkBits | (len(s.chunks[last]) - 1))
}

// buildIndex joins segments, which must be in the order of their entries. The
// error is the context's.
func buildIndex(ctx context.Context, segments []*segment, log *damageLog) (*Index, error) {
	folders := 0
	for _, s := range segments {
		folders += len(s.paths.list)
	}
	root := &segment{paths: newPathTable(folders)}
	*root.node() = node{entry: RootEntry, mode: modeDir | 0o755, flags: noRow}
	root.paths.list[0].node = 0
	p, _ := root.names.add(nil)
	root.at(0).name = p

	b := indexBuilder{paths: root.paths}
	b.x = &Index{chunks: root.chunks, names: root.names}
	for _, s := range segments {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b.join(s)
		log.join(&s.damage)
	}
	b.addFolders(log)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.link()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return b.x, b.sort(log)
}

func (s *segment) at(r ref) *node { return &s.chunks[r>>chunkBits][r&(chunkLen-1)] }

type indexBuilder struct {
	x     *Index
	paths pathTable
}

// join appends the nodes of a segment: its refs, places and path numbers
// become those of the whole.
func (b *indexBuilder) join(s *segment) {
	moved := ref(len(b.x.chunks) << chunkBits)
	numbers := make([]int32, len(s.paths.list))
	for i, f := range s.paths.list[1:] {
		number := b.paths.child(numbers[f.parent], []byte(f.name))
		numbers[i+1] = number
		if f.node == noRef {
			continue
		}
		if b.paths.list[number].node == noRef {
			b.paths.list[number].node = f.node + moved
		} else {
			n := s.at(f.node)
			n.flags |= dropped
			s.damage.add(Damage{Entry: n.entry, Err: errTwice})
		}
	}
	names := b.x.names.join(s.names)
	for _, c := range s.chunks {
		for i := range c {
			c[i].name += names
			c[i].parent = ref(numbers[c[i].parent])
		}
	}
	b.x.chunks = append(b.x.chunks, s.chunks...)
}

// addFolders makes a node for each folder that has no row, after the highest
// row and in path order.
func (b *indexBuilder) addFolders(log *damageLog) {
	missing := b.paths.withoutNode()
	if len(missing) == 0 {
		return
	}
	last := b.x.chunks[len(b.x.chunks)-1]
	s := &segment{}
	moved := ref(len(b.x.chunks) << chunkBits)
	for i, number := range missing {
		f := &b.paths.list[number]
		p, ok := b.x.names.add(shownName([]byte(f.name)))
		if !ok {
			log.add(Damage{Whole: true, Err: errIndexFull})
			p = b.x.at(0).name
		}
		n := s.node()
		*n = node{
			entry: last[len(last)-1].entry + 1 + Entry(i), parent: ref(f.parent), name: p,
			mode: modeDir | 0o755, flags: noRow,
		}
		f.node = s.lastRef() + moved
	}
	b.x.chunks = append(b.x.chunks, s.chunks...)
}

// link turns path numbers into refs and lays each folder's children side by
// side, in the order of their entries.
func (b *indexBuilder) link() {
	counts := make([]uint32, len(b.paths.list))
	total := 0
	for _, c := range b.x.chunks {
		for i := range c {
			if n := &c[i]; n.flags&dropped == 0 && n.entry != RootEntry {
				counts[n.parent]++
				total++
			}
		}
	}
	first := 0
	for i, f := range b.paths.list {
		b.x.at(f.node).setSpan(first, 0)
		first += int(counts[i])
	}
	b.x.kids = make([]ref, total)
	for ci, c := range b.x.chunks {
		for i := range c {
			n := &c[i]
			folder := b.paths.list[n.parent].node
			n.parent = folder
			if n.flags&dropped != 0 || n.entry == RootEntry {
				continue
			}
			if n.mode&modeType == modeFile {
				b.x.files++
				b.x.bytes += max(n.size, 0)
			}
			f := b.x.at(folder)
			first, count := f.span()
			b.x.kids[first+count] = ref(ci<<chunkBits | i)
			f.setSpan(first, count+1)
		}
	}
}

// sort orders the children of each folder by name and drops, of two with one
// name, the one that its fileID knows by another, or else the later row, and what
// lies below it.
func (b *indexBuilder) sort(log *damageLog) error {
	half := len(b.paths.list) / 2
	parts := [][]folder{b.paths.list[:half], b.paths.list[half:]}
	lost := make([][]ref, len(parts))
	err := sideBySide(len(parts), func(i int) error {
		for _, f := range parts[i] {
			lost[i] = append(lost[i], b.sortFolder(f.node)...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range slices.Sorted(slices.Values(slices.Concat(lost[0], lost[1]))) {
		b.drop(r, errTwice, log)
	}
	return nil
}

// drop takes a node out of the index, with all below it, and tells of each that
// has a row.
func (b *indexBuilder) drop(r ref, why error, log *damageLog) {
	n := b.x.at(r)
	if n.flags&dropped != 0 {
		return
	}
	if n.flags&noRow == 0 {
		domain, path := b.x.Path(n.entry)
		log.add(Damage{Entry: n.entry, Domain: domain, Path: path, Err: why})
	}
	n.flags |= dropped
	switch n.mode & modeType {
	case modeFile:
		b.x.files--
		b.x.bytes -= max(n.size, 0)
	case modeDir:
		first, count := n.span()
		for _, kid := range b.x.kids[first : first+count] {
			b.drop(kid, errBelow, log)
		}
	}
}

func (b *indexBuilder) sortFolder(folder ref) (lost []ref) {
	f := b.x.at(folder)
	first, count := f.span()
	kids := b.x.kids[first : first+count]
	name := func(r ref) []byte { return b.x.names.get(b.x.at(r).name) }
	slices.SortFunc(kids, func(p, q ref) int {
		return cmp.Or(bytes.Compare(name(p), name(q)), cmp.Compare(p, q))
	})
	kept := 0
	for i, k := range kids {
		if i > 0 && bytes.Equal(name(k), name(kids[kept-1])) {
			if b.x.isOwnName(k) && !b.x.isOwnName(kids[kept-1]) {
				k, kids[kept-1] = kids[kept-1], k
			}
			lost = append(lost, k)
			continue
		}
		kids[kept] = k
		kept++
	}
	f.setSpan(first, kept)
	return lost
}

var (
	errIndexFull = fmt.Errorf("%w: more names than an index holds", ErrDamaged)
	errBelow     = fmt.Errorf("%w: it lies below what is no folder", ErrDamaged)
	errFolders   = fmt.Errorf("%w: more folders than an index holds for so few rows", ErrDamaged)
	errTwice     = fmt.Errorf("%w: another row has this path already", ErrDamaged)
)

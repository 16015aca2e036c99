package backupfmt

import (
	"bytes"
	"cmp"
	"slices"
)

// A pathTable numbers the folders that rows name, each by its parent and its
// own name, so that its size follows the names and not the paths. Number 0 is
// the folder of all domains; a parent has a lower number than its children.
type pathTable struct {
	numbers map[folderKey]int32
	list    []folder

	// The path asked for last, and the number at the end of each of its
	// parts: rows mostly lie in the folder of the row before.
	last  []byte
	ends  []int
	along []int32
}

type folderKey struct {
	parent int32
	name   string
}

type folder struct {
	folderKey
	node ref // the folder's own node, noRef when it has no row
}

func newPathTable() pathTable {
	return pathTable{
		numbers: map[folderKey]int32{},
		list:    []folder{{node: noRef}},
	}
}

// number is the number of "domain/dir/dir", of which every part is a name.
// The empty path is the folder of all domains.
func (t *pathTable) number(path []byte) int32 {
	shared := t.sharedParts(path)
	t.ends, t.along = t.ends[:shared], t.along[:shared]
	n, start := int32(0), 0
	if shared > 0 {
		n, start = t.along[shared-1], t.ends[shared-1]+1
	}
	for start < len(path) {
		end := len(path)
		if i := bytes.IndexByte(path[start:], '/'); i >= 0 {
			end = start + i
		}
		n = t.child(n, path[start:end])
		t.ends, t.along = append(t.ends, end), append(t.along, n)
		start = end + 1
	}
	t.last = append(t.last[:0], path...)
	return n
}

// sharedParts counts the leading parts that path has in common with the last.
func (t *pathTable) sharedParts(path []byte) int {
	n := 0
	for n < len(path) && n < len(t.last) && path[n] == t.last[n] {
		n++
	}
	parts := len(t.ends)
	for parts > 0 {
		end := t.ends[parts-1]
		if end < n || end == n && (n == len(path) || path[n] == '/') {
			break
		}
		parts--
	}
	return parts
}

func (t *pathTable) child(parent int32, name []byte) int32 {
	if n, ok := t.numbers[folderKey{parent, string(name)}]; ok {
		return n
	}
	n := int32(len(t.list))
	key := folderKey{parent, string(name)}
	t.list = append(t.list, folder{key, noRef})
	t.numbers[key] = n
	return n
}

// withoutNode lists the folders that have no node, in path order.
func (t *pathTable) withoutNode() []int32 {
	var missing []int32
	for i := range t.list {
		if t.list[i].node == noRef {
			missing = append(missing, int32(i))
		}
	}
	slices.SortFunc(missing, t.comparePaths)
	return missing
}

func (t *pathTable) comparePaths(a, b int32) int {
	p, q := t.parts(a), t.parts(b)
	return slices.CompareFunc(p, q, func(x, y int32) int {
		return cmp.Compare(t.list[x].name, t.list[y].name)
	})
}

// parts are the folders from the outermost to n.
func (t *pathTable) parts(n int32) []int32 {
	var p []int32
	for ; n != 0; n = t.list[n].parent {
		p = append(p, n)
	}
	slices.Reverse(p)
	return p
}

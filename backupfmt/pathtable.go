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
	room    int // how many it may hold; see firstFolders

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

// A path of 4 KiB can name 2,048 folders, each of which is a hundred bytes here
// and another hundred as a node of the index, and a phone writes a row for each.
// So a table has room for a number of folders that grows with the rows.
const (
	firstFolders  = 1 << 14
	foldersPerRow = 8
)

// newPathTable makes a table that will hold about so many folders.
func newPathTable(folders int) pathTable {
	return pathTable{
		numbers: make(map[folderKey]int32, folders),
		list:    append(make([]folder, 0, folders+1), folder{node: noRef}),
		room:    firstFolders,
	}
}

// number is the number of "domain/dir/dir", of which every part is a name.
// The empty path is the folder of all domains. It is false where there is no
// room for a folder.
func (t *pathTable) number(path []byte) (int32, bool) {
	shared := t.sharedParts(path)
	t.ends, t.along = t.ends[:shared], t.along[:shared]
	t.last = append(t.last[:0], path...)
	n, start := int32(0), 0
	if shared > 0 {
		n, start = t.along[shared-1], t.ends[shared-1]+1
	}
	for start < len(path) {
		end := len(path)
		if i := bytes.IndexByte(path[start:], '/'); i >= 0 {
			end = start + i
		}
		if len(t.list) >= t.room && !t.has(n, path[start:end]) {
			return 0, false
		}
		n = t.child(n, path[start:end])
		t.ends, t.along = append(t.ends, end), append(t.along, n)
		start = end + 1
	}
	return n, true
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

func (t *pathTable) has(parent int32, name []byte) bool {
	_, ok := t.numbers[folderKey{parent, string(name)}]
	return ok
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

// withoutNode lists the folders that have no node, in path order: each before
// what lies in it, and those of one folder by name. It goes through the part of
// the table that leads to one, once.
func (t *pathTable) withoutNode() (missing []int32) {
	leads := make([]bool, len(t.list))
	for i := len(t.list) - 1; i > 0; i-- {
		f := &t.list[i]
		leads[i] = leads[i] || f.node == noRef
		leads[f.parent] = leads[f.parent] || leads[i]
	}
	below := map[int32][]int32{}
	for i, f := range t.list {
		if i > 0 && leads[i] {
			below[f.parent] = append(below[f.parent], int32(i))
		}
	}
	var walk func(folder int32)
	walk = func(folder int32) {
		kids := below[folder]
		slices.SortFunc(kids, func(a, b int32) int { return cmp.Compare(t.list[a].name, t.list[b].name) })
		for _, k := range kids {
			if t.list[k].node == noRef {
				missing = append(missing, k)
			}
			walk(k)
		}
	}
	walk(0)
	return missing
}

package safari

import (
	"cmp"
	"context"
	"slices"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

// A mark is a row of bookmarks: a bookmark, a folder, something to read, or an
// open tab.
type mark struct {
	id, parent int64
	special    int64 // which of Safari's own folders
	folder     bool
	hidden     bool // or deleted
	toRead     bool // of the reading list
	read       bool
	title, url string
	preview    string // of the reading list: how the page begins
	uuid       string
	order      int64
	at         time.Time // when it was changed, or added to the reading list

	children []*mark
	placed   bool
}

// The values of special_id.
const (
	favourites      = 1
	menu            = 2
	readingList     = 3
	frequentlyFound = 5
)

// A tree is what a database of bookmarks holds.
type tree struct {
	marks  []*mark // in the order of their ids
	byID   map[int64]*mark
	newest time.Time
	view.Reading
}

func readTree(ctx context.Context, db *view.Database) (*tree, error) {
	t := &tree{Reading: view.Reading{Left: maxSize}, byID: map[int64]*mark{}}
	columns := []string{
		"rowid", "parent", "special_id",
		"type", // 1 folder, 0 anything else
		"title", "url", "order_index",
		"last_modified", // Unix seconds
		"hidden", "deleted",
		"read", // 0 or 1 in the reading list, else NULL
		"external_uuid",
		"extra_attributes", // a property list
	}
	err := t.Table(ctx, db, "bookmarks", []string{"parent", "title", "url"}, columns, func(r view.Row) {
		m := &mark{
			id: r.Int(0), parent: r.Int(1), special: r.Int(2), folder: r.Int(3) == 1 || r.Null(3) && r.Text(5) == "",
			title: view.OneLine(r.Text(4)), url: view.OneLine(r.Text(5)), order: r.Int(6), at: r.Unix(7), hidden: r.Bool(8) || r.Bool(9),
			toRead: !r.Null(10), read: r.Bool(10), uuid: view.OneLine(r.Text(11)),
		}
		if m.toRead {
			m.attributes(r.Data(12))
		}
		t.add(m)
	})
	return t, err
}

func (t *tree) add(m *mark) {
	if m.at.After(t.newest) {
		t.newest = m.at
	}
	t.marks = append(t.marks, m)
	t.byID[m.id] = m
}

const maxAttributes = 1 << 20 // bytes; real ones have some hundred

// attributes reads what the reading list says of a page.
func (m *mark) attributes(plist []byte) {
	var all map[string]any
	if len(plist) > maxAttributes || backupfmt.DecodePlist(plist, &all) != nil {
		return
	}
	of, _ := all["com.apple.ReadingList"].(map[string]any)
	if added, ok := of["DateAdded"].(time.Time); ok && added.Year() >= 1990 && added.Year() <= 2100 {
		m.at = added
	}
	preview, _ := of["PreviewText"].(string)
	m.preview = view.OneLine(preview)
}

// grow puts each mark below its folder and returns what has none. What is in a
// circle of folders begins with the one that has the lowest id.
func (t *tree) grow() (top []*mark) {
	for _, m := range t.marks {
		m.children, m.placed = nil, false
	}
	for _, m := range t.marks {
		if p := t.byID[m.parent]; p != nil && p != m && p.folder && m.id != 0 {
			p.children = append(p.children, m)
		} else {
			top = append(top, m)
		}
	}
	place(top)
	for _, m := range t.marks {
		if !m.placed {
			p := t.byID[m.parent]
			p.children = slices.DeleteFunc(p.children, func(c *mark) bool { return c == m })
			top = append(top, m)
			place([]*mark{m})
		}
	}
	for _, m := range t.marks {
		sortMarks(m.children)
	}
	sortMarks(top)
	return top
}

// place notes all that some marks lead to.
func place(queue []*mark) {
	for ; len(queue) > 0; queue = queue[1:] {
		queue[0].placed = true
		queue = append(queue, queue[0].children...)
	}
}

func sortMarks(marks []*mark) {
	slices.SortFunc(marks, func(a, b *mark) int { return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.id, b.id)) })
}

// withoutRoot replaces the folder of all by what is in it.
func withoutRoot(top []*mark) (all []*mark) {
	for _, m := range top {
		if m.id == 0 && m.folder {
			all = append(all, m.children...)
		} else {
			all = append(all, m)
		}
	}
	return all
}

// bookmarks are the bookmarks, in their folders.
func (t *tree) bookmarks() []*mark {
	keep := func(m *mark) bool {
		return !m.hidden && !m.toRead && m.special != readingList && m.special != frequentlyFound
	}
	return prune(withoutRoot(t.grow()), keep, func(m *mark) bool { return m.special == 0 }, maxDepth)
}

// openTabs are all that is open, in its groups. Those that have nothing are left
// out.
func (t *tree) openTabs() []*mark {
	return prune(withoutRoot(t.grow()), func(m *mark) bool { return !m.hidden }, func(*mark) bool { return false }, maxDepth)
}

// maxDepth bounds the folders in each other; what lies deeper is shown in the
// last of them.
const maxDepth = 20

// prune are copies of marks, and of what is below them, without some and what is
// below those. Folders with nothing in them are kept only where they may be empty.
func prune(marks []*mark, keep, mayBeEmpty func(*mark) bool, depth int) (kept []*mark) {
	for queue := slices.Clone(marks); len(queue) > 0; queue = queue[1:] {
		m := queue[0]
		switch {
		case !keep(m):
		case !m.folder:
			kept = append(kept, m)
		case depth == 0:
			queue = append(queue, m.children...)
		default:
			f := *m
			f.children = prune(m.children, keep, mayBeEmpty, depth-1)
			if len(f.children) > 0 || mayBeEmpty(m) {
				kept = append(kept, &f)
			}
		}
	}
	return kept
}

// readingList is what there is to read, what is not read first; in each the
// latest first.
func (t *tree) readingList() (top []*mark) {
	folders := []*mark{{folder: true, title: "Unread"}, {folder: true, title: "Read"}}
	for _, m := range t.marks {
		p := t.byID[m.parent]
		if m.hidden || m.folder || !m.toRead && (p == nil || p.special != readingList) {
			continue
		}
		f := folders[0]
		if m.read {
			f = folders[1]
		}
		f.children = append(f.children, m)
	}
	for _, f := range folders {
		slices.SortFunc(f.children, func(a, b *mark) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.id, a.id)) })
		if len(f.children) > 0 {
			top = append(top, f)
		}
	}
	return top
}

// readOldTabs reads the tabs of iOS 14 and earlier.
func readOldTabs(ctx context.Context, db *view.Database) (t *tree, top []*mark, err error) {
	t = &tree{Reading: view.Reading{Left: maxSize}, byID: map[int64]*mark{}}
	private := &mark{folder: true, title: "Private"}
	columns := []string{"rowid", "title", "url", "order_index",
		"last_viewed_time", // Cocoa seconds
		"private_browsing", // 0 or 1
	}
	err = t.Table(ctx, db, "tabs", []string{"url"}, columns, func(r view.Row) {
		m := &mark{id: r.Int(0), title: view.OneLine(r.Text(1)), url: view.OneLine(r.Text(2)), order: r.Int(3), at: r.Cocoa(4)}
		switch {
		case m.title == "" && m.url == "": // an empty one
		case r.Bool(5):
			private.children = append(private.children, m)
			t.add(m)
		default:
			top = append(top, m)
			t.add(m)
		}
	})
	sortMarks(top)
	sortMarks(private.children)
	if len(private.children) > 0 {
		top = append(top, private)
	}
	return t, top, err
}

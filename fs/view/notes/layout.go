package notes

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// A layout lays out the folders.
type layout struct {
	*view.Layout
	*library
	src  *view.Source
	tops []*shelf // one an account
}

// A shelf is a folder of notes, and of folders.
type shelf struct {
	title  string
	row    int64
	inside []*shelf
	items  []item
}

// An item is a note, laid out.
type item struct {
	title    string
	at       time.Time // by which items of one title are told apart
	changed  time.Time
	locked   func(*time.Location) []byte // of one that is locked
	files    []*attachment
	filesIn  func(folder string) // is told the name of the folder that has the files
	html, md func(context.Context) ([]byte, error)
}

const (
	trash     = "Recently deleted"
	noAccount = "Other"

	maxDepth = 16 // of folders
)

// shelve puts each note of the library onto its shelf.
func (l *layout) shelve() {
	accounts := map[int64]*shelf{}
	account := func(row int64) *shelf {
		a := l.accounts[row]
		if a == nil {
			row, a = 0, &account{name: noAccount}
		}
		if accounts[row] == nil {
			accounts[row] = &shelf{title: cmp.Or(a.name, a.identifier, noAccount), row: row}
			l.tops = append(l.tops, accounts[row])
		}
		return accounts[row]
	}
	folders := map[int64]*shelf{}
	var of func(f *folder) *shelf
	of = func(f *folder) *shelf {
		if s := folders[f.row]; s != nil {
			return s
		}
		var in *shelf
		if parent := l.folders[f.parent]; parent != nil && !l.circles(f) {
			in = of(parent)
		} else {
			in = account(f.account)
		}
		s := &shelf{title: f.title, row: f.row}
		if f.trash {
			s.title = trash
		}
		folders[f.row] = s
		in.inside = append(in.inside, s)
		return s
	}
	slices.SortFunc(l.notes, func(a, b *note) int { return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.row, b.row)) })
	for _, n := range l.notes {
		f := l.folders[n.folder]
		if f == nil {
			l.put(account(n.account), n)
			continue
		}
		l.put(of(f), n)
	}
}

// circles says that the folders above one lead in a circle, or too deep.
func (l *layout) circles(f *folder) bool {
	for range maxDepth {
		if f = l.folders[f.parent]; f == nil {
			return false
		}
	}
	return true
}

func (l *layout) put(s *shelf, n *note) {
	i := item{title: n.name(), at: n.created, changed: n.changed}
	if n.locked {
		i.title = cmp.Or(view.OneLine(n.title), "Note")
		i.locked = n.lockedText
	} else {
		i.files = n.attached
		i.filesIn = func(folder string) { n.attachedIn = folder }
		i.html, i.md = l.render(n, renderHTML), l.render(n, renderMarkdown)
	}
	s.items = append(s.items, i)
}

// lockedText is what is shown of a note that has a password.
func (n *note) lockedText(zone *time.Location) []byte {
	lines := append([]string{n.name()}, n.dates(zone)...)
	lines = append(lines, "", "This note is locked. Its text and what is attached to it are encrypted with a password of",
		"its own, or the phone's passcode, and are not shown. Unlock it on the phone to read it.", "")
	return []byte(strings.Join(lines, "\n"))
}

// place makes the folders and files.
func (l *layout) place() {
	sortShelves(l.tops)
	for _, s := range l.tops {
		l.placeShelf(l.Root(), s)
	}
}

func sortShelves(all []*shelf) {
	slices.SortFunc(all, func(a, b *shelf) int { return cmp.Or(cmp.Compare(a.title, b.title), cmp.Compare(a.row, b.row)) })
}

func (l *layout) placeShelf(in view.Dir, s *shelf) {
	dir := in.Dir(s.title)
	sortShelves(s.inside)
	var names view.Unique // that the files get; a note's have one stem
	for _, sub := range s.inside {
		names.Folder(view.SafeName(sub.title))
		l.placeShelf(dir, sub)
	}
	for i := range s.items {
		l.placeItem(dir, &names, &s.items[i])
	}
}

const (
	attachmentsExt = ".attachments"
	lockedExt      = " (locked).txt"
)

func (l *layout) placeItem(dir view.Dir, names *view.Unique, i *item) {
	if i.locked != nil {
		name := view.FileName(i.title, lockedExt)
		dir.File(names.Name(name), vtree.Bytes(i.locked(l.src.Zone)), i.changed)
		return
	}
	stem := names.Stem(view.SafeName(i.title), ".html", ".md", attachmentsExt)
	var files *view.Dir
	for _, a := range i.files {
		if a.file == nil {
			continue
		}
		if files == nil {
			d := dir.DirAt(stem+attachmentsExt, i.changed)
			files = &d
			i.filesIn(stem + attachmentsExt)
		}
		a.file.shown = files.Row(a.file.name, a.file.entry, time.Time{})
	}
	dir.File(stem+".html", l.src.Render(i.html), i.changed)
	dir.File(stem+".md", l.src.Render(i.md), i.changed)
}

// firstLine gives a note without a title its first line for one.
func (s *store) firstLine(ctx context.Context, n *note) error {
	left := budget(maxUnpacked)
	b, err := s.body(ctx, n, &left)
	if view.Passing(err) {
		return err
	}
	n.title = titleOf(b.text) // as far as there is one
	return nil
}

// titleOf is the first line of a text that says something.
func titleOf(text string) string {
	for line := range strings.Lines(text) {
		if line = view.OneLine(strings.ReplaceAll(line, anchor, "")); line != "" {
			return strings.ToValidUTF8(line[:min(len(line), maxField)], "")
		}
	}
	return ""
}

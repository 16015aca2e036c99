package notes

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

// A file is a row of the backup that an attachment is.
type file struct {
	name  string // as its maker named it
	entry backupfmt.Entry
	shown string // its name in the note's folder of attachments
}

// A finder finds the files of attachments.
type finder struct {
	x *backupfmt.Index
	*library
}

// attach gives each note what is attached to it, with the files that this backup
// has.
func (l *library) attach(ctx context.Context, src *view.Source, lost func(string, error)) {
	notes := map[int64]*note{}
	for _, n := range l.notes {
		notes[n.row] = n
	}
	for _, m := range sorted(l.media) {
		if a := l.attachments[m.attachment]; a != nil && a.media == 0 {
			a.media = m.row
		}
	}
	all := sorted(l.attachments)
	for _, a := range all {
		parent := l.attachments[a.parent]
		if parent != nil && parent != a && parent.parent == 0 {
			parent.children = append(parent.children, a)
			a.note = cmp.Or(a.note, parent.note)
		}
		if n := notes[a.note]; n != nil {
			n.attached = append(n.attached, a)
		}
	}
	x, err := src.Backup.Index(ctx)
	if err != nil {
		lost("attachments", err)
		return
	}
	f := finder{x, l}
	for _, a := range all {
		if n := notes[a.note]; n != nil && !n.locked { // theirs are encrypted
			a.file = f.find(a, l.accounts[n.account])
		}
	}
}

func sorted[T any](byRow map[int64]T) []T {
	rows := make([]int64, 0, len(byRow))
	for row := range byRow {
		rows = append(rows, row)
	}
	slices.Sort(rows)
	all := make([]T, len(rows))
	for i, row := range rows {
		all[i] = byRow[row]
	}
	return all
}

// find finds an attachment's own file, or else what the phone shows for it: the
// PDF of a scan, the picture of a drawing. Each is sought in the account's
// folder and, as iOS 9 has them, without; in a folder for the generation and,
// as iOS 16 and earlier have them, without (FC-18).
func (f *finder) find(a *attachment, in *account) *file {
	var tops []string
	if in != nil && single(in.identifier) {
		tops = append(tops, "Accounts/"+in.identifier+"/")
	}
	tops = append(tops, "")
	if m := f.media[a.media]; m != nil && single(m.identifier) {
		for _, top := range tops {
			if e, name, ok := f.below(top+"Media/"+m.identifier, m.generation, m.filename); ok {
				return &file{name: name, entry: e}
			}
		}
	}
	if !single(a.identifier) {
		return nil
	}
	for _, kind := range []struct{ folder, name, stem string }{
		{"FallbackPDFs/", "FallbackPDF", "Scan"}, {"FallbackImages/", "FallbackImage", "Drawing"},
	} {
		for _, top := range tops {
			at := top + kind.folder + a.identifier
			for _, ext := range []string{".pdf", ".png", ".jpg", ".jpeg"} {
				if e, ok := f.row(at + ext); ok {
					return &file{name: cmp.Or(a.title, kind.stem) + ext, entry: e}
				}
			}
			if e, name, ok := f.below(at, a.generation, kind.name); ok {
				return &file{name: cmp.Or(a.title, kind.stem) + path.Ext(name), entry: e}
			}
		}
	}
	return nil
}

// single says that a text is one component of a path.
func single(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, "/\x00")
}

func (f *finder) row(p string) (e backupfmt.Entry, ok bool) {
	e, ok = f.x.Lookup(backupfmt.RootEntry, domain)
	for part := range strings.SplitSeq(p, "/") {
		if ok {
			e, ok = f.x.Lookup(e, part)
		}
	}
	return e, ok
}

const maxListed = 64 // rows of a folder that are looked at

// below is a file in a folder, or in a folder of that for its generation: of the
// name that the database has, or else the first one.
func (f *finder) below(dir, generation, name string) (backupfmt.Entry, string, bool) {
	dirs := []string{dir}
	if single(generation) {
		dirs = []string{dir + "/" + generation, dir}
	}
	for _, d := range dirs {
		if e, ok := f.row(d + "/" + name); ok && single(name) {
			return e, name, true
		}
	}
	for _, d := range dirs {
		if e, name, ok := f.first(d); ok {
			return e, name, true
		}
	}
	return 0, "", false
}

// first is the first file in a folder, or else in the last of its folders.
func (f *finder) first(dir string) (found backupfmt.Entry, name string, ok bool) {
	e, there := f.row(dir)
	if !there {
		return 0, "", false
	}
	var last backupfmt.Entry
	listed := 0
	f.x.Children(e, 0, func(c backupfmt.Child) bool {
		switch {
		case c.Type.IsRegular():
			found, name, ok = c.Entry, c.Name, true
		case c.Type.IsDir():
			last = c.Entry
		}
		listed++
		return !ok && listed < maxListed
	})
	if ok || last == 0 {
		return found, name, ok
	}
	listed = 0
	f.x.Children(last, 0, func(c backupfmt.Child) bool {
		if c.Type.IsRegular() {
			found, name, ok = c.Entry, c.Name, true
		}
		listed++
		return !ok && listed < maxListed
	})
	return found, name, ok
}

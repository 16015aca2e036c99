package export

import (
	"path"
	"slices"
	"strings"

	"ibfs/fs/vtree"
)

// leftovers are the files in a folder of the export that the tree has no entry of
// that name for. Among them are those whose name has a time, after an export in
// another time zone: they are found again by their content, and by their name but
// for its digits.
type leftovers struct {
	dir    string
	named  map[string]bool     // by the tree
	byForm map[string][]string // names, by their form; nil until somebody asks
}

// form is a name without what tells one time from another.
func form(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}, name)
}

// of are the leftovers whose name has the form of another.
func (l *leftovers) of(e *exporter, name string) []string {
	if l.byForm == nil {
		l.byForm = map[string][]string{}
		if f, err := e.root.Open(l.dir); err == nil {
			names, _ := f.Readdirnames(-1) // what cannot be read is copied again
			f.Close()
			slices.Sort(names)
			for _, n := range names {
				if !l.named[n] {
					l.byForm[form(n)] = append(l.byForm[form(n)], n)
				}
			}
		}
	}
	return l.byForm[form(name)]
}

// rename gives a leftover that is an entry of the tree the name that it has now,
// which is free, and says whether there was one. It is compared whole: what is
// renamed for another would be lost.
func (l *leftovers) rename(e *exporter, dst string, c child, attr vtree.Attr) bool {
	for _, name := range l.of(e, c.name) {
		old := path.Join(l.dir, name)
		there, err := e.root.Lstat(old)
		if err != nil || !there.Mode().IsRegular() || there.Size() != attr.Size || !timeFits(there.ModTime(), attr.ModTime) ||
			!e.same(old, c.id, attr, attr.Size) {
			continue
		}
		return e.root.Rename(old, dst) == nil
	}
	return false
}

package view

import (
	"path"
	"strconv"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"ibfs/fs/vtree"
)

// Unique hands out the names of one folder, each once without regard to case
// and Unicode form. The zero value is ready. Those who ask in the same order get
// the same names.
type Unique struct {
	taken map[string]bool
	next  map[string]int // the number that a name which is taken gets next
}

// Name is a safe name itself, or, when the folder has it already, the name with
// " (2)", " (3)" and so on before its extension.
func (u *Unique) Name(name string) string {
	ext := extension(name)
	return u.Stem(strings.TrimSuffix(name, ext), ext) + ext
}

// Folder is Name for a folder, which has no extension.
func (u *Unique) Folder(name string) string { return u.Stem(name, "") }

// Stem is for files that belong together, such as a photo and its movie: the
// stem itself, or with " (2)" and so on, so that it is free with each of the
// extensions, which it takes.
func (u *Unique) Stem(stem string, exts ...string) string {
	if u.taken == nil {
		u.taken, u.next = map[string]bool{}, map[string]int{}
	}
	longest := 0
	for _, ext := range exts {
		longest = max(longest, len(ext))
	}
	free := shorten(stem, stem, vtree.MaxName-longest)
	if u.anyTaken(free, exts) {
		key := fold(stem + "/" + strings.Join(exts, "/"))
		n := max(u.next[key], 2)
		for ; u.anyTaken(free, exts); n++ {
			number := " (" + strconv.Itoa(n) + ")"
			free = shorten(stem, stem, vtree.MaxName-len(number)-longest) + number
		}
		u.next[key] = n
	}
	for _, ext := range exts {
		u.taken[fold(free+ext)] = true
	}
	return free
}

func (u *Unique) anyTaken(stem string, exts []string) bool {
	for _, ext := range exts {
		if u.taken[fold(stem+ext)] {
			return true
		}
	}
	return false
}

// extension is what a name has behind its last dot, with it; "" where that is
// too long for one, or all that there is.
func extension(name string) string {
	ext := path.Ext(name)
	if len(ext) > maxExt || len(ext) == len(name) {
		return ""
	}
	return ext
}

// fold is the same for names that some system takes for one.
func fold(name string) string {
	lower := true
	for i := range len(name) {
		c := name[i]
		if c >= 0x80 {
			return norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))
		}
		lower = lower && (c < 'A' || c > 'Z')
	}
	if lower {
		return name
	}
	return strings.ToLower(name)
}

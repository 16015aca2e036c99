package view

import (
	"path"
	"strconv"
	"strings"

	"golang.org/x/text/cases"

	"ibfs/fs/vtree"
)

// Unique hands out the names of one folder, each once without regard to case.
// The zero value is ready. Those who ask in the same order get the same names.
type Unique struct{ taken map[string]bool }

// Name is a safe name itself, or, when the folder has it already, the name with
// " (2)", " (3)" and so on before its extension.
func (u *Unique) Name(name string) string {
	if u.taken == nil {
		u.taken = map[string]bool{}
	}
	ext := path.Ext(name)
	if len(ext) > maxExt {
		ext = ""
	}
	stem := strings.TrimSuffix(name, ext)
	free := name
	for n := 2; u.taken[fold(free)]; n++ {
		number := " (" + strconv.Itoa(n) + ")"
		free = shorten(stem, name, vtree.MaxName-len(number)-len(ext)) + number + ext
	}
	u.taken[fold(free)] = true
	return free
}

func fold(name string) string { return cases.Fold().String(name) }

package photos_test

import (
	iofs "io/fs"
	"slices"
	"strings"
	"testing"

	"ibfs/fs/vtree"
)

// want compares what is shown, but for the texts at the top, with lines of a
// path, "<-" and the blob.
func want(tb testing.TB, all map[string]string, lines ...string) {
	tb.Helper()
	var got []string
	for path, blob := range all {
		if strings.Contains(path, "/") {
			got = append(got, path+" <- "+blob)
		}
	}
	slices.Sort(got)
	slices.Sort(lines)
	if !slices.Equal(got, lines) {
		tb.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(lines, "\n\t"))
	}
}

// names are the names of a folder, in its order.
func names(tb testing.TB, tree vtree.Tree, dir string) (all []string) {
	tb.Helper()
	id, err := vtree.Find(tb.Context(), tree, dir, false)
	if err != nil {
		tb.Fatalf("%s: %v", dir, err)
	}
	err = tree.ReadDir(tb.Context(), id, 0, func(name string, _ vtree.ID, _ iofs.FileMode) bool {
		all = append(all, name)
		return true
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

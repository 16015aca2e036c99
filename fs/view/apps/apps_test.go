package apps_test

import (
	iofs "io/fs"
	"strings"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/apps"
	"ibfs/fs/vtree"
	"ibfs/fs/vtree/vtreetest"
)

func open(t *testing.T, b backuptest.Backup) vtree.Tree {
	t.Helper()
	dir := t.TempDir()
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	backup, err := backupfmt.OpenDir(t.Context(), dir, backupfmt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backup.Close() })
	tree, err := apps.View{}.Open(t.Context(), view.NewSource(backup, view.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestSample(t *testing.T) {
	tree := open(t, backuptest.Sample())
	vtreetest.Check(t, tree)
	var paths []string
	iofs.WalkDir(vtree.FS(t.Context(), tree), ".", func(p string, d iofs.DirEntry, err error) error {
		paths = append(paths, p)
		return err
	})
	t.Log(strings.Join(paths, "\n"))
}

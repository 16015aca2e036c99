package viewtest

import (
	"cmp"
	iofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// Database is a database that statements make.
func Database(t testing.TB, statements string) []byte {
	t.Helper()
	db, err := backuptest.Database(statements)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// Databases is a backup of databases, each made by statements.
func Databases(t testing.TB, all map[view.Place]string) backuptest.Backup {
	t.Helper()
	var b backuptest.Backup
	for p, statements := range all {
		b.Files = append(b.Files, backuptest.File{Domain: p.Domain, Path: p.Path, Content: Database(t, statements)})
	}
	slices.SortFunc(b.Files, func(a, b backuptest.File) int {
		return cmp.Or(cmp.Compare(a.Domain, b.Domain), cmp.Compare(a.Path, b.Path))
	})
	return b
}

// Write writes a backup and returns its folder. The test fails where a file of it
// is left open.
func Write(t testing.TB, b backuptest.Backup) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "backup")
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { leftOpen(t, dir) })
	return dir
}

// Source is what a view reads: a backup that is written and unlocked. A zone of
// nil is UTC. The test fails where a view panics or leaves a file open.
func Source(t testing.TB, b backuptest.Backup, zone *time.Location) *view.Source {
	t.Helper()
	return sourceIn(t, Write(t, b), b.Password, view.Options{Zone: zone})
}

// Open is the tree of a view of a backup, as Source has it.
func Open(t testing.TB, v view.View, b backuptest.Backup, zone *time.Location) vtree.Tree {
	t.Helper()
	return treeOf(t, v, Source(t, b, zone))
}

// OpenDir is the tree of a view of an unencrypted backup in a folder.
func OpenDir(t testing.TB, v view.View, dir string) vtree.Tree {
	t.Helper()
	return treeOf(t, v, sourceIn(t, dir, "", view.Options{}))
}

func treeOf(t testing.TB, v view.View, s *view.Source) vtree.Tree {
	t.Helper()
	tree, err := v.Open(t.Context(), s)
	if err != nil {
		t.Fatalf("open view: %v", err)
	}
	return tree
}

// Files are all files of a tree, or those of some extensions, by path.
func Files(t testing.TB, tree vtree.Tree, extensions ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	fsys := vtree.FS(t.Context(), tree)
	err := iofs.WalkDir(fsys, ".", func(name string, d iofs.DirEntry, err error) error {
		if err != nil || d.IsDir() || len(extensions) > 0 && !slices.Contains(extensions, path.Ext(name)) {
			return err
		}
		b, err := iofs.ReadFile(fsys, name)
		all[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Judges skips a test that asks other programs, where none is to be asked.
func Judges(t testing.TB) {
	t.Helper()
	if os.Getenv("IBFS_TEST_JUDGES") == "0" {
		t.Skip("IBFS_TEST_JUDGES=0: no other program is asked")
	}
}

// RealPath is the path of a file or folder of the real data, which lies in
// IBFS_TESTDATA or beside the checkout. A test of what is not there is skipped.
func RealPath(t testing.TB, name string) string {
	t.Helper()
	dir := cmp.Or(os.Getenv("IBFS_TESTDATA"), "../../../../shared/testdata") // of a package in fs/view
	name = filepath.Join(dir, name)
	if _, err := os.Stat(name); err != nil {
		t.Skipf("the real data is not here: %v", err)
	}
	return name
}

// Real is a file of the real data.
func Real(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(RealPath(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

package mobilebackup2

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"ibfs/capture/devicelink"
)

// begin leaves a file half written.
func begin(t *testing.T, tree *Tree, path string) devicelink.Writer {
	t.Helper()
	w, err := tree.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestKilled opens a tree whose process was killed while a file was on its way: what
// arrived stays, and of the half file nothing is left.
func TestKilled(t *testing.T) {
	for name, tt := range map[string]struct {
		path  string
		modes bool // of the file system
	}{
		"new":                          {"/Snapshot/ab/new", true},
		"in the place of another":      {"/" + shard("old"), true},
		"new, no modes":                {"/Snapshot/ab/new", false},
		"in another's place, no modes": {"/" + shard("old"), false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			want := finishedBackup(t, dir)
			killed := openTree(t, dir, TreeOptions{})
			if _, err := killed.stage(); err != nil {
				t.Fatal(err)
			}
			if !killed.marks {
				t.Skip("the file system has no modes")
			}
			killed.marks = tt.modes
			if err := createFile(killed, udid+"/Snapshot/ab/whole"); err != nil {
				t.Fatal(err)
			}
			begin(t, killed, udid+tt.path)

			next := openTree(t, dir, TreeOptions{})
			maps.Copy(want, map[string]string{udid + "/Snapshot/": "", udid + "/Snapshot/ab/": "", udid + "/Snapshot/ab/whole": "evil"})
			mustEqual(t, "the tree", files(t, dir), want)
			if err := createFile(next, udid+tt.path); err != nil {
				t.Error(err)
			}
			if got := files(t, dir)[udid+tt.path]; got != "evil" {
				t.Errorf("the file is %q then", got)
			}
		})
	}
}

// TestHalfFileShowsItself has no leave to be read until it is whole.
func TestHalfFileShowsItself(t *testing.T) {
	dir, tree := workingTree(t)
	path := filepath.Join(dir, udid, "Snapshot/ab/new")
	w := begin(t, tree, udid+"/Snapshot/ab/new")
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != partMode {
		t.Errorf("half: %v, %v", fi, err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != wholeMode || fi.Size() != 4 {
		t.Errorf("whole: %v, %v", fi, err)
	}
}

// TestDiscard leaves nothing of a file, and what was in its place as it was.
func TestDiscard(t *testing.T) {
	dir := t.TempDir()
	want := finishedBackup(t, dir)
	tree := openTree(t, dir, TreeOptions{})
	begin(t, tree, udid+"/new").Discard(t.Context())
	begin(t, tree, udid+"/"+shard("old")).Discard(t.Context())
	if err := tree.Close(); err != nil {
		t.Error(err)
	}
	mustEqual(t, "the tree", files(t, dir), want)
}

// TestModesAreTriedOnce, and not again each time that the open folders were closed.
func TestModesAreTriedOnce(t *testing.T) {
	dir, tree := workingTree(t)
	if err := createFile(tree, udid+"/a"); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, tree.staging, "mode"), "another try would fail at this")
	tree.dirs.forget()
	if err := createFile(tree, udid+"/b"); err != nil {
		t.Error(err)
	}
}

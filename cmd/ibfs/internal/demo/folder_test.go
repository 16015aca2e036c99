package demo

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestFolderIsMadeOnce(t *testing.T) {
	base := filepath.Join(t.TempDir(), "cache", "ibfs-demo")
	old := filepath.Join(base, "0", "file")
	broken, running := filepath.Join(base, partPrefix+"broken"), filepath.Join(base, partPrefix+"running")
	for _, dir := range []string{filepath.Dir(old), broken, running} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(old, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(broken, long, long); err != nil {
		t.Fatal(err)
	}
	var folders [2]string
	var errs [2]error
	var wait sync.WaitGroup
	for i := range folders {
		wait.Go(func() { folders[i], errs[i] = folderIn(base) })
	}
	wait.Wait()
	want := filepath.Join(base, version)
	for i := range folders {
		if folders[i] != want || errs[i] != nil {
			t.Errorf("got %s, %v; want %s", folders[i], errs[i], want)
		}
	}
	if !slices.Equal(sums(t, want), sums(t, written(t))) {
		t.Error("it is not what Write wrote before: a demo is the same each time")
	}
	for name, there := range map[string]bool{old: false, broken: false, running: true} {
		if _, err := os.Stat(name); (err == nil) != there {
			t.Errorf("%s: %v, want it there: %v", name, err, there)
		}
	}

	mark := filepath.Join(want, "mark")
	if err := os.WriteFile(mark, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if folder, err := folderIn(base); folder != want || err != nil {
		t.Errorf("got %s, %v", folder, err)
	}
	if _, err := os.Stat(mark); err != nil {
		t.Errorf("it was made anew: %v", err)
	}
}

func TestFolderThatCannotBeMade(t *testing.T) {
	base := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(base, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if folder, err := folderIn(base); err == nil {
		t.Errorf("made %s in a file", folder)
	}
}

package mobilebackup2

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ibfs/capture/devicelink"
)

// seen is all that a phone can see of a tree: path to content; folders end in "/".
func seen(t *testing.T, tree *Tree, path string) map[string]string {
	t.Helper()
	found := map[string]string{}
	var folders []string
	err := tree.List(path, func(e devicelink.Entry) error {
		inner := path + "/" + e.Name
		if path == "" {
			inner = e.Name
		}
		if e.Kind == devicelink.Directory {
			found[inner+"/"] = ""
			folders = append(folders, inner)
			return nil
		}
		found[inner] = fmt.Sprint(e.Kind, e.Size)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range found {
		if path[len(path)-1] == '/' {
			continue
		}
		r, err := tree.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		found[path] += string(b)
	}
	for _, folder := range folders {
		for path, content := range seen(t, tree, folder) {
			found[path] = content
		}
	}
	return found
}

// TestBelow works on a backup that shows through an empty tree, and in the same way
// on a copy of it: a phone sees the same, and the backup stays as it is.
func TestBelow(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		backup, copied, empty := t.TempDir(), t.TempDir(), t.TempDir()
		for _, dir := range []string{backup, filepath.Join(copied, udid)} {
			for _, name := range []string{"f1", "f2", "d1/f1", "d1/d2/f1", "d1/d2/f2", "d2/f3"} {
				write(t, filepath.Join(dir, name), name)
			}
		}
		before := files(t, backup)
		below, err := os.OpenRoot(backup)
		if err != nil {
			t.Fatal(err)
		}
		plain, over := openTree(t, copied, TreeOptions{}), openTree(t, empty, TreeOptions{Below: below})
		var log []string
		for range 12 {
			op := randomOp(random)
			log = append(log, op.name)
			errPlain, errOver := op.do(plain), op.do(over)
			if devicelink.Code(errPlain) != devicelink.Code(errOver) {
				t.Errorf("seed %d: after %q: %v on a copy, but %v", seed, log, errPlain, errOver)
			}
		}
		got, want := seen(t, over, ""), seen(t, plain, "")
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("seed %d: after %q a phone sees\n%q, not\n%q", seed, log, got, want)
		}
		mustEqual(t, "the backup below", files(t, backup), before)
		if err := errors.Join(plain.Close(), over.Close(), below.Close()); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			return
		}
	}
}

type op struct {
	name string
	do   func(*Tree) error
}

// randomOp is something that a phone does, with files and folders that keep to
// their own names.
func randomOp(random *rand.Rand) op {
	pick := func(kind string) string {
		path := udid
		for random.IntN(2) == 0 && len(path) < len(udid)+6 {
			path += fmt.Sprint("/d", 1+random.IntN(2))
		}
		return fmt.Sprint(path, "/", kind, 1+random.IntN(3))
	}
	kind := []string{"f", "d"}[random.IntN(2)]
	a, b := pick(kind), pick(kind)
	content := fmt.Sprint(random.IntN(1000))
	return []op{
		{"create " + a, func(t *Tree) error {
			if kind == "d" {
				return t.MakeDir(a)
			}
			f, err := t.Create(a)
			if err != nil {
				return err
			}
			if _, err := io.WriteString(f, content); err != nil {
				return err
			}
			return f.Commit()
		}},
		{"remove " + a, func(t *Tree) error { return t.Remove(a) }},
		{"move " + a + " " + b, func(t *Tree) error { return t.Move(a, b) }},
		{"copy " + a + " " + b, func(t *Tree) error { return t.Copy(a, b) }},
	}[random.IntN(4)]
}

// TestRestoreFromBelow serves a finished backup that stays untouched.
func TestRestoreFromBelow(t *testing.T) {
	dir := t.TempDir()
	finishedBackup(t, dir)
	below, err := os.OpenRoot(filepath.Join(dir, udid))
	if err != nil {
		t.Fatal(err)
	}
	defer below.Close()
	work := t.TempDir()
	tree := openTree(t, work, TreeOptions{Below: below})
	if err := tree.Finished(); err != nil {
		t.Error(err)
	}
	if _, err := tree.Open(udid + "/../secret"); !errors.Is(err, devicelink.ErrRefused) {
		t.Errorf("error %v", err)
	}
	if err := tree.Remove(udid); err != nil {
		t.Error(err)
	}
	if err := tree.List(udid, func(devicelink.Entry) error { return nil }); !errors.Is(err, iofs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if err := tree.Close(); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(work)
	if err != nil || slices.ContainsFunc(left, func(e os.DirEntry) bool { return e.Name() != udid }) {
		t.Errorf("%v is left (%v)", left, err)
	}
}

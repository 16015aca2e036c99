package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/fs/vtree"
)

var day = time.Date(2024, 7, 14, 18, 3, 55, 0, time.UTC)

// A photo is a file of the phone that a library shows.
type photo struct {
	text string
	at   time.Time
	as   []string // its paths; a folder is the library's own
}

// library is a tree of photos, which are originals, and of one text that is
// not.
func library(t *testing.T, text string, photos ...photo) (vtree.Tree, Options) {
	t.Helper()
	const base = 1000
	rows := vtree.NewStatic(1, vtree.Meta{})
	tree := vtree.NewStatic(base, vtree.Meta{ModTime: day})
	dirs := map[string]vtree.ID{".": base}
	for i, p := range photos {
		id, err := rows.AddFile(1, fmt.Sprint(i), vtree.Bytes([]byte(p.text)), vtree.Meta{ModTime: p.at})
		if err != nil {
			t.Fatal(err)
		}
		for _, as := range p.as {
			dir, name := filepath.Split(as)
			dir = filepath.Clean(dir)
			if dirs[dir] == 0 {
				if dirs[dir], err = tree.AddDir(base, dir, vtree.Meta{ModTime: day}); err != nil {
					t.Fatal(err)
				}
			}
			if err := tree.Hang(dirs[dir], name, rows, id, 0, vtree.Meta{ModTime: p.at}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := tree.AddFile(base, "About.txt", vtree.Bytes([]byte(text)), vtree.Meta{ModTime: day}); err != nil {
		t.Fatal(err)
	}
	return tree, Options{Original: func(id vtree.ID) bool { return id < base }, Keep: true}
}

func run(t *testing.T, tree vtree.Tree, opt Options, to string) Report {
	t.Helper()
	r, err := Run(t.Context(), tree, tree.Root(), to, opt)
	if err != nil || len(r.Failed)+len(r.Renamed)+len(r.Damaged) > 0 {
		t.Fatalf("%v, %+v", err, r)
	}
	return r
}

func holds(t *testing.T, to string, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(to, func(path string, e iofs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		got[strings.TrimPrefix(path, to+"/")] = string(content)
		return err
	})
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v\n got %q\nwant %q", err, got, want)
	}
}

// TestOneCopyOfAPhoto links what lies at several places, also when the first of
// them was there before.
func TestOneCopyOfAPhoto(t *testing.T) {
	to := t.TempDir()
	tree, opt := library(t, "a", photo{"beach", day, []string{"2024/IMG_1.HEIC", "Summer/IMG_1.HEIC"}}, photo{"hut", day, []string{"2024/IMG_2.HEIC"}})
	if r := run(t, tree, opt, to); r.Copied != 3 || r.Linked != 1 || r.Bytes != int64(len("beach"+"hut"+"a")) {
		t.Errorf("%+v", r)
	}
	if err := os.Remove(to + "/Summer/IMG_1.HEIC"); err != nil {
		t.Fatal(err)
	}
	if r := run(t, tree, opt, to); r.Copied != 0 || r.Linked != 1 || r.Present != 3 {
		t.Errorf("%+v", r)
	}
	a, errA := os.Stat(to + "/2024/IMG_1.HEIC")
	b, errB := os.Stat(to + "/Summer/IMG_1.HEIC")
	if errA != nil || errB != nil || !os.SameFile(a, b) || !b.ModTime().Equal(day) {
		t.Errorf("%v %v, %v %v", a, errA, b, errB)
	}
}

// TestNoPhotoTakesAnothersPlace exports a library after the phone gave a name
// to another photo, and after a person changed a copy.
func TestNoPhotoTakesAnothersPlace(t *testing.T) {
	to := t.TempDir()
	later, latest := day.Add(time.Hour), day.Add(2*time.Hour)
	tree, opt := library(t, "old", photo{"one", day, []string{"Q/IMG.JPG"}}, photo{"two", later, []string{"Q/IMG (2).JPG"}})
	run(t, tree, opt, to)
	// The first is gone from the phone; the second has its name now, a third the second's.
	tree, opt = library(t, "newer", photo{"two", later, []string{"Q/IMG.JPG"}}, photo{"three", latest, []string{"Q/IMG (2).JPG"}})
	want := map[string]string{"About.txt": "newer", "Q/IMG.JPG": "one", "Q/IMG (2).JPG": "two", "Q/IMG (2) (2).JPG": "three"}
	for i := range 2 {
		r := run(t, tree, opt, to)
		holds(t, to, want)
		numbered := []Renamed{{"Q/IMG.JPG", "IMG (2).JPG"}, {"Q/IMG (2).JPG", "IMG (2) (2).JPG"}}
		if r.Copied != 2*(1-i) || !slices.Equal(r.Numbered, numbered) {
			t.Errorf("%+v", r)
		}
	}
	// Changed by a person: stays, and the phone's comes beside it, once.
	if err := os.WriteFile(to+"/Q/IMG (2) (2).JPG", []byte("turned"), 0o666); err != nil {
		t.Fatal(err)
	}
	want["Q/IMG (2) (2).JPG"], want["Q/IMG (2) (3).JPG"] = "turned", "three"
	for range 2 {
		run(t, tree, opt, to)
		holds(t, to, want)
	}
	// Without Keep the folder becomes what the tree is.
	opt.Keep = false
	run(t, tree, opt, to)
	want["Q/IMG.JPG"], want["Q/IMG (2).JPG"] = "two", "three"
	holds(t, to, want)
}

// TestPhotosOfOneSecond exports a photo after another of its name, size and time.
func TestPhotosOfOneSecond(t *testing.T) {
	long := strings.Repeat("x", 3*endSize)
	for name, c := range map[string]struct{ first, second string }{
		"small":     {"aaaa", "bbbb"},
		"beginning": {"a" + long, "b" + long},
		"end":       {long + "a", long + "b"},
	} {
		t.Run(name, func(t *testing.T) {
			to := t.TempDir()
			tree, opt := library(t, "a", photo{c.first, day, []string{"Q/Y.JPG"}})
			run(t, tree, opt, to)
			tree, opt = library(t, "a", photo{c.second, day, []string{"Q/Y.JPG"}})
			for i := range 2 {
				if r := run(t, tree, opt, to); r.Copied != 1-i || len(r.Numbered) != 1 {
					t.Errorf("%+v", r)
				}
				holds(t, to, map[string]string{"About.txt": "a", "Q/Y.JPG": c.first, "Q/Y (2).JPG": c.second})
			}
		})
	}
}

// TestNumberedFolders numbers a folder behind its name: what it has behind a dot
// is no extension.
func TestNumberedFolders(t *testing.T) {
	names := namer{foldsCase: true}
	for _, c := range []struct {
		name   string
		folder bool
		want   string
	}{
		{"v1.0", true, "v1.0"}, {"V1.0", true, "V1.0 (2)"}, {"v1.0", false, "v1 (2).0"}, {"a.jpg", false, "a.jpg"}, {"A.JPG", false, "A (2).JPG"},
	} {
		if got := names.free(c.name, c.folder); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestOtherTimeZone exports recordings whose names have local times, after an
// export in another time zone. What a person gave a name of their own keeps it.
func TestOtherTimeZone(t *testing.T) {
	to := t.TempDir()
	later := day.Add(time.Hour)
	tree, opt := library(t, "a", photo{"one", day, []string{"Q/2024-07-14 18.03 memo.m4a"}}, photo{"two", later, []string{"Q/2024-07-14 19.03 memo.m4a"}},
		photo{"six", later, []string{"Q/2024-07-14 19.03 cat.jpg"}}, photo{"mine", day, []string{"Q/2024-07-14 18.03.55 photo.jpg"}})
	run(t, tree, opt, to)
	if err := os.Rename(to+"/Q/2024-07-14 18.03.55 photo.jpg", to+"/Q/beach 2024.jpg"); err != nil {
		t.Fatal(err)
	}
	// Nine hours on. The picture was replaced by another of its length and time.
	tree, opt = library(t, "a", photo{"one", day, []string{"Q/2024-07-15 03.03 memo.m4a"}}, photo{"two", later, []string{"Q/2024-07-15 04.03 memo.m4a"}},
		photo{"ten", later, []string{"Q/2024-07-15 04.03 cat.jpg"}}, photo{"mine", day, []string{"Q/2024-07-15 03.03.55 photo.jpg"}})
	want := map[string]string{
		"About.txt": "a", "Q/2024-07-15 03.03 memo.m4a": "one", "Q/2024-07-15 04.03 memo.m4a": "two", "Q/2024-07-14 19.03 cat.jpg": "six", "Q/2024-07-15 04.03 cat.jpg": "ten",
		"Q/beach 2024.jpg": "mine", "Q/2024-07-15 03.03.55 photo.jpg": "mine",
	}
	for i := range 2 {
		if r := run(t, tree, opt, to); r.Copied != 2*(1-i) {
			t.Errorf("%+v", r)
		}
		holds(t, to, want)
	}
}

// TestTimesNotKept copies nothing anew where the file system has other times,
// and tells a file of the same length from it.
func TestTimesNotKept(t *testing.T) {
	to := t.TempDir()
	big := strings.Repeat("0123456789abcdef", 1<<17) // two pieces
	tree, opt := library(t, "a", photo{big, day, []string{"Q/IMG_1.MOV"}}, photo{"cat", day, []string{"Q/IMG_2.JPG"}})
	run(t, tree, opt, to)
	now := time.Now()
	for _, name := range []string{"About.txt", "Q/IMG_1.MOV", "Q/IMG_2.JPG"} {
		if err := os.Chtimes(filepath.Join(to, name), now, now); err != nil {
			t.Fatal(err)
		}
	}
	if r := run(t, tree, opt, to); r.Copied != 0 || r.Present != 3 {
		t.Errorf("%+v", r)
	}
	if info, err := os.Stat(to + "/Q/IMG_1.MOV"); err != nil || !info.ModTime().Equal(day) {
		t.Errorf("%v, %v: want the time that was lost", info, err)
	}
	if err := os.WriteFile(to+"/Q/IMG_2.JPG", []byte("dog"), 0o666); err != nil {
		t.Fatal(err)
	}
	run(t, tree, opt, to)
	holds(t, to, map[string]string{"About.txt": "a", "Q/IMG_1.MOV": big, "Q/IMG_2.JPG": "dog", "Q/IMG_2 (2).JPG": "cat"})
}

// A stopping tree ends its context after some reads.
type stopping struct {
	vtree.Tree
	left int
	stop context.CancelFunc
}

type stoppingFile struct {
	vtree.File
	s *stopping
}

func (s *stopping) Open(ctx context.Context, id vtree.ID) (vtree.File, error) {
	f, err := s.Tree.Open(ctx, id)
	return stoppingFile{f, s}, err
}

func (f stoppingFile) ReadAt(p []byte, at int64) (int, error) {
	if f.s.left--; f.s.left < 0 {
		f.s.stop()
	}
	return f.File.ReadAt(p, at)
}

// TestInterrupted ends an export at every piece: what has its name is whole,
// nothing else is left, and the next export goes on.
func TestInterrupted(t *testing.T) {
	big := bytes.Repeat([]byte("ibfs"), 1<<20) // four pieces
	want := map[string]string{"About.txt": "a", "Q/IMG_1.MOV": string(big), "Q/IMG_2.JPG": "cat", "R/IMG_1.MOV": string(big)}
	tree, opt := library(t, "a", photo{want["Q/IMG_1.MOV"], day, []string{"Q/IMG_1.MOV", "R/IMG_1.MOV"}}, photo{"cat", day, []string{"Q/IMG_2.JPG"}})
	for pieces := range 8 {
		to := t.TempDir()
		ctx, stop := context.WithCancel(t.Context())
		r, err := Run(ctx, &stopping{tree, pieces, stop}, tree.Root(), to, opt)
		if !errors.Is(err, context.Canceled) && (err != nil || pieces < 4) {
			t.Errorf("%d pieces: %v", pieces, err)
		}
		err = filepath.WalkDir(to, func(path string, e iofs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if name := strings.TrimPrefix(path, to+"/"); string(content) != want[name] {
				t.Errorf("%d pieces: %s has %d bytes", pieces, name, len(content))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		next := run(t, tree, opt, to)
		if next.Present != r.Copied+r.Linked || next.Present+next.Copied+next.Linked != 4 {
			t.Errorf("%d pieces: first %+v, then %+v", pieces, r, next)
		}
		holds(t, to, want)
		stop()
	}
}

// TestRemovesParts clears up after an export that was killed, but not while it
// runs.
func TestRemovesParts(t *testing.T) {
	to := t.TempDir()
	if err := os.Mkdir(to+"/Q", 0o777); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(to)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	dead, running := partName(), partName()
	if dead == running {
		t.Error("two exports have one name")
	}
	for _, name := range []string{dead, "my.part"} {
		if err := os.WriteFile(to+"/Q/"+name, []byte("half"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	p, err := createPart(root, "Q/"+running)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil { // written, and not yet renamed
		t.Fatal(err)
	}
	tree, opt := library(t, "a", photo{"cat", day, []string{"Q/IMG_2.JPG"}})
	run(t, tree, opt, to)
	want := map[string]string{"About.txt": "a", "Q/" + running: "", "Q/my.part": "half", "Q/IMG_2.JPG": "cat"}
	holds(t, to, want)
	p.release()
	run(t, tree, opt, to)
	delete(want, "Q/"+running)
	holds(t, to, want)
}

// TestLeadsNowhereElse meets a link in the folder that leads out of it.
func TestLeadsNowhereElse(t *testing.T) {
	to, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, to+"/Q"); err != nil {
		t.Fatal(err)
	}
	tree, opt := library(t, "a", photo{"cat", day, []string{"Q/IMG_2.JPG"}})
	r, err := Run(t.Context(), tree, tree.Root(), to, opt)
	if err != nil || len(r.Failed) != 1 || r.Failed[0].Path != "Q" || r.Copied != 1 {
		t.Errorf("%v, %+v", err, r)
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
		t.Errorf("%v, %v is outside", err, left)
	}
}

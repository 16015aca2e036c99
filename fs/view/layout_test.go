package view_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// TestLinks hangs folders at places of several depths: what a link in them leads
// to is in the mount, at its own place where that hangs too.
func TestLinks(t *testing.T) {
	link := func(path, target string) backuptest.File {
		return backuptest.File{Domain: "HomeDomain", Path: path, Target: target}
	}
	s, _ := source(t, backuptest.Backup{Files: []backuptest.File{
		{Domain: "HomeDomain", Path: "Library/Files/a", Content: []byte("a")},
		{Domain: "HomeDomain", Path: "Library/SMS/b", Content: []byte("b")},
		link("Library/Files/beside", "/var/mobile/Library/Files/a"),
		link("Library/Files/in/deep", "../a"),
		link("Library/Files/in/out", "/var/mobile/Library/SMS/b"),
		link("Library/Files/in/away", "/etc/passwd"),
		link("Library/Files/up", "../../../../../../../etc/passwd"),
	}}, view.Options{})
	l := s.Layout(t.Context())
	files, err := s.Lookup(t.Context(), "HomeDomain", "Library/Files")
	if err != nil {
		t.Fatal(err)
	}
	l.Root().Dir("On My iPhone").Hang("Files", files)
	tree, err := l.Tree()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"beside":  "a",
		"in/deep": "../a",
		"in/out":  "../../../../Domains/HomeDomain/Library/SMS/b",
		"in/away": "../../../../Domains/.device/etc/passwd",
		"up":      "../../../Domains/.device/etc/passwd",
	} {
		id, err := vtree.Find(t.Context(), tree, "On My iPhone/Files/"+path, false)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tree.ReadLink(t.Context(), id)
		if err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", path, got, err, want)
		}
		if a, err := tree.Attr(t.Context(), id); err != nil || a.Size != int64(len(want)) {
			t.Errorf("%s: size %d, %v", path, a.Size, err)
		}
	}
}

// TestLayoutNumbersFolders numbers a folder behind its name, and a bundle of the
// backup, as any file, before its extension.
func TestLayoutNumbersFolders(t *testing.T) {
	s, _ := source(t, backuptest.Backup{Files: []backuptest.File{{Domain: "MediaDomain", Path: "Sent/Plan.pages/index", Content: []byte("a")}}}, view.Options{})
	bundle, err := s.Lookup(t.Context(), "MediaDomain", "Sent/Plan.pages")
	if err != nil {
		t.Fatal(err)
	}
	l := s.Layout(t.Context())
	for _, name := range []string{"St. Mo", "st. mo", "v1.0", "v1.0", "v1.0 (2)"} {
		l.Root().Dir(name)
	}
	l.Root().File("v1.0", vtree.Bytes(nil), time.Time{})
	for range 2 {
		name := l.Root().Row("Plan.pages", bundle, time.Time{})
		l.Root().File("of "+name, vtree.Bytes(nil), time.Time{})
	}
	tree, err := l.Tree()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	err = tree.ReadDir(t.Context(), tree.Root(), 0, func(name string, _ vtree.ID, _ iofs.FileMode) bool {
		got = append(got, name)
		return true
	})
	want := []string{
		"Plan (2).pages", "Plan.pages", "St. Mo", "of Plan (2).pages", "of Plan.pages", "st. mo (2)", "v1 (2).0", "v1.0", "v1.0 (2)", "v1.0 (2) (2)",
	}
	if slices.Sort(got); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\n got %q\nwant %q", err, got, want)
	}
}

// TestLayoutBoundsFolders shows one folder of the backup again and again, as
// rows of a damaged database can: of so many files only the first are there.
func TestLayoutBoundsFolders(t *testing.T) {
	const files, times, bound = 2000, 60, 100_000
	b := backuptest.Backup{}
	for i := range files {
		b.Files = append(b.Files, backuptest.File{Domain: "MediaDomain", Path: fmt.Sprintf("a/b/%d", i), Blob: backuptest.Absent})
	}
	s, _ := source(t, b, view.Options{})
	folder, err := s.Lookup(t.Context(), "MediaDomain", "a")
	if err != nil {
		t.Fatal(err)
	}
	l := s.Layout(t.Context())
	shown := 0
	for range times {
		if l.Root().Row("a", folder, time.Time{}) != "" {
			shown++
		}
	}
	tree, err := l.Tree()
	if err != nil {
		t.Fatal(err)
	}
	fsys := vtree.FS(t.Context(), tree)
	n := 0
	for i := range shown {
		name := "a"
		if i > 0 {
			name = fmt.Sprintf("a (%d)", i+1)
		}
		entries, err := iofs.ReadDir(fsys, name+"/b")
		if err != nil {
			t.Fatal(err)
		}
		n += len(entries)
	}
	text, err := iofs.ReadFile(fsys, view.LostName)
	if n+shown != bound || err != nil || !strings.Contains(string(text), view.ErrTooLong.Error()) {
		t.Errorf("%d files in %d folders; %s, %v", n, shown, text, err)
	}
}

func TestLayoutTellsWhatIsLost(t *testing.T) {
	s, _ := source(t, backuptest.Backup{Files: []backuptest.File{
		{Domain: "HomeDomain", Path: "a", Content: []byte("a")},
		{Domain: "HomeDomain", Path: "link", Target: "a"},
	}}, view.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	l := s.Layout(ctx)
	link, err := s.Lookup(ctx, "HomeDomain", "link")
	if err != nil {
		t.Fatal(err)
	}
	l.Root().Row("a link", link, time.Time{})
	l.Root().Row("no row", 999, time.Time{})
	for range 2000 {
		l.Lost("a row\nof two lines", errors.New("damaged"))
	}
	tree, err := l.Tree()
	if err != nil {
		t.Fatal(err)
	}
	b, err := iofs.ReadFile(vtree.FS(ctx, tree), view.LostName)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"  a link: it is a symbolic link\n", "  no row: ", "  a row of two lines: damaged\n", "  and 1002 more\n"} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("the text has no %q", want)
		}
	}
	cancel()
	if _, err := l.Tree(); !errors.Is(err, context.Canceled) {
		t.Errorf("a layout whose building was given up: %v", err)
	}
}

package snaptree_test

import (
	"context"
	"errors"
	iofs "io/fs"
	"strings"
	"testing"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// odd is a view that does one thing wrong, or none.
type odd struct {
	name string
	open func(context.Context, *view.Source) (vtree.Tree, error)
}

func (o odd) Name() string { return o.name }

func (o odd) Open(ctx context.Context, s *view.Source) (vtree.Tree, error) { return o.open(ctx, s) }

func sound(ctx context.Context, s *view.Source) (vtree.Tree, error) { return s.Layout(ctx).Tree() }

// TestBrokenViews: whatever is wrong with one view, the snapshot and the other
// views are there, and a text says what is wrong.
func TestBrokenViews(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, small(udidA, "Anna", day, ""))
	views := []view.View{
		odd{"a/b", sound},
		odd{"Domains", sound},
		odd{"Twice", sound},
		odd{"Twice", sound},
		odd{"Panics", func(context.Context, *view.Source) (vtree.Tree, error) { panic("at once") }},
		odd{"Fails", func(context.Context, *view.Source) (vtree.Tree, error) { return nil, view.ErrSchema }},
		odd{"Rootless", func(context.Context, *view.Source) (vtree.Tree, error) { return vtree.NewStatic(1, vtree.Meta{}), nil }},
		odd{"Absent", func(context.Context, *view.Source) (vtree.Tree, error) { return nil, view.ErrAbsent }},
		odd{"Late", func(_ context.Context, s *view.Source) (vtree.Tree, error) {
			return s.Lazy("Late", func(context.Context) (vtree.Tree, error) { panic("late") }), nil
		}},
		odd{"Last", sound},
	}
	tree := openViews(t, dir, views...)
	fsys, err := iofs.Sub(vtree.FS(t.Context(), tree), "Anna/latest")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"Panics/" + view.FailedName:           "at once",
		"Fails/" + view.FailedName:            view.ErrSchema.Error(),
		"Rootless/" + view.FailedName:         "a mistake of ibfs",
		"Late/" + view.FailedName:             "late",
		"About this backup.txt":               "Not shown: a/b:",
		"Domains/HomeDomain/Library/note.txt": "hello Anna",
	} {
		if b, err := iofs.ReadFile(fsys, path); err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%s: %q, %v, want %q", path, b, err, want)
		}
	}
	for _, path := range []string{"Last", "Twice"} {
		if _, err := iofs.Stat(fsys, path); err != nil {
			t.Error(err)
		}
	}
	if _, err := iofs.Stat(fsys, "Absent"); !errors.Is(err, iofs.ErrNotExist) {
		t.Error(err)
	}
	about, err := iofs.ReadFile(fsys, "About this backup.txt")
	if err != nil || strings.Count(string(about), "Not shown: ") != 3 || !strings.Contains(string(about), "  Absent\n") {
		t.Errorf("%s, %v", about, err)
	}
	// What phones leave out of a backup without a password may be here all the same.
	if !strings.Contains(string(about), "phones leave Health data") || strings.Contains(string(about), "holds no Health") {
		t.Errorf("%s", about)
	}
	failed, err := iofs.ReadFile(fsys, "Fails/"+view.FailedName)
	if err != nil || !strings.Contains(string(failed), "What the backup has of its files is there") {
		t.Errorf("%s, %v", failed, err)
	}
}

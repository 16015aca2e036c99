package mobilebackup2

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/capture/devicelink"
)

// ending is a context that ends after some looks at it.
type ending struct {
	context.Context
	looks int
}

func (e *ending) Err() error {
	if e.looks--; e.looks < 0 {
		return context.Canceled
	}
	return nil
}

// TestInterrupted ends what takes long after some of it; it can be done again then.
func TestInterrupted(t *testing.T) {
	for name, do := range map[string]func(context.Context, devicelink.Store) error{
		"remove":      func(ctx context.Context, s devicelink.Store) error { return s.Remove(ctx, udid+"/many") },
		"copy":        func(ctx context.Context, s devicelink.Store) error { return s.Copy(ctx, udid+"/many", udid+"/other") },
		"move over":   func(ctx context.Context, s devicelink.Store) error { return s.Move(ctx, udid+"/large", udid+"/many") },
		"copy a file": func(ctx context.Context, s devicelink.Store) error { return s.Copy(ctx, udid+"/large", udid+"/copy") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for i := range 30 {
				write(t, filepath.Join(dir, udid, fmt.Sprintf("many/%d/%d", i%3, i)), "x")
				write(t, filepath.Join(dir, udid, fmt.Sprintf("other/%d/%d", i%3, i)), "y")
			}
			write(t, filepath.Join(dir, udid, "large"), strings.Repeat("x", 8<<20))
			before := files(t, dir)
			tree := openTree(t, dir, TreeOptions{Reserve: 1})
			if err := do(&ending{t.Context(), 0}, tree); !errors.Is(err, context.Canceled) {
				t.Fatalf("error %v", err)
			}
			if err := do(&ending{t.Context(), 20}, tree); !errors.Is(err, context.Canceled) {
				t.Fatalf("error %v", err)
			}
			if err := tree.Close(); err != nil {
				t.Error(err)
			}
			if maps.Equal(files(t, dir), before) {
				t.Error("nothing was done before the end")
			}

			next := openTree(t, dir, TreeOptions{Reserve: 1})
			if err := do(t.Context(), next); err != nil {
				t.Fatal(err)
			}
			if err := next.Close(); err != nil {
				t.Error(err)
			}
			want := maps.Clone(before)
			for path, content := range before {
				rest, many := strings.CutPrefix(path, udid+"/many/")
				switch {
				case name == "copy" && many:
					want[udid+"/other/"+rest] = content
				case many && name != "copy a file":
					delete(want, path)
				}
			}
			switch name {
			case "move over":
				delete(want, udid+"/large")
				want[udid+"/many"] = before[udid+"/large"]
			case "copy a file":
				want[udid+"/copy"] = before[udid+"/large"]
			}
			if got := files(t, dir); !maps.Equal(got, want) {
				t.Errorf("%d files and folders, not %d, or others", len(got), len(want))
			}
		})
	}
}

// TestInterruptedOverlay ends a copy that may be of many folders.
func TestInterruptedOverlay(t *testing.T) {
	dir := t.TempDir()
	finishedBackup(t, dir)
	o := openOverlay(t, filepath.Join(dir, udid))
	for i := range 100 {
		if err := errors.Join(o.MakeDir(fmt.Sprintf("%s/many/%d", udid, i)), o.MakeDir(fmt.Sprintf("%s/other/%d", udid, i))); err != nil {
			t.Fatal(err)
		}
	}
	for _, to := range []string{"/other", "/new"} {
		if err := o.Copy(&ending{t.Context(), 12}, udid+"/many", udid+to); !errors.Is(err, context.Canceled) {
			t.Errorf("a copy to %s: %v", to, err)
		}
		if err := o.Copy(t.Context(), udid+"/many", udid+to); err != nil {
			t.Error(err)
		}
	}
}

// TestDiscardLater leaves half of a file to the next run when this one is to end.
func TestDiscardLater(t *testing.T) {
	for name, path := range map[string]string{"new": "/new", "in the place of another": "/" + shard("old")} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			want := finishedBackup(t, dir)
			tree := openTree(t, dir, TreeOptions{})
			begin(t, tree, udid+path).Discard(&ending{Context: t.Context()})
			if err := tree.Close(); err != nil {
				t.Error(err)
			}
			if maps.Equal(files(t, dir), want) {
				t.Error("half a file was removed, which can take long")
			}
			if err := openTree(t, dir, TreeOptions{}).Close(); err != nil {
				t.Error(err)
			}
			mustEqual(t, "the tree then", files(t, dir), want)
		})
	}
}

package view_test

import (
	"context"
	"errors"
	iofs "io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

func TestLazy(t *testing.T) {
	budget := backupfmt.NewBudget(1 << 10)
	s, _ := source(t, backuptest.Backup{}, view.Options{Budget: budget})
	built := 0
	tree := s.Lazy("Test", func(ctx context.Context) (vtree.Tree, error) {
		built++
		l := s.Layout(ctx)
		l.Root().File("a", vtree.Bytes(nil), time.Time{})
		return l.Tree()
	})
	look := func(want int) {
		t.Helper()
		if _, err := tree.Lookup(t.Context(), view.Base, "a"); err != nil || built != want {
			t.Errorf("%v; built %d times, want %d", err, built, want)
		}
	}
	look(1)
	look(1)
	budget.Share(func() {}).Hold(1 << 20)
	look(2) // it had to go, and was built again
	s.Close()
	budget.Share(func() {}).Hold(1 << 20)
	look(2) // it is no longer in the books
}

func TestLazyFailures(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		panic any
		text  string // "" when the error passes
	}{
		"a schema":         {err: view.ErrSchema, text: view.ErrSchema.Error()},
		"a panic":          {panic: "row 7", text: "a mistake of ibfs: row 7"},
		"a context":        {err: context.Canceled},
		"the disk is away": {err: backupfmt.ErrFolderGone},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := source(t, backuptest.Backup{}, view.Options{})
			tree := s.Lazy("Test", func(context.Context) (vtree.Tree, error) {
				if c.panic != nil {
					panic(c.panic)
				}
				return nil, c.err
			})
			b, err := iofs.ReadFile(vtree.FS(t.Context(), tree), view.FailedName)
			switch {
			case c.text == "" && !errors.Is(err, c.err):
				t.Errorf("%v, want %v", err, c.err)
			case c.text != "" && (err != nil || !strings.Contains(string(b), c.text)):
				t.Errorf("%q, %v", b, err)
			}
		})
	}
}

// TestLazyWaits: who waits for another's building goes when its context ends,
// and builds when the other gave up.
func TestLazyWaits(t *testing.T) {
	s, _ := source(t, backuptest.Backup{}, view.Options{})
	synctest.Test(t, func(t *testing.T) {
		first, giveUp := context.WithCancel(t.Context())
		slow := true
		tree := s.Lazy("Test", func(ctx context.Context) (vtree.Tree, error) {
			if slow {
				slow = false
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return s.Layout(ctx).Tree()
		})
		look := func(ctx context.Context) error {
			return tree.ReadDir(ctx, view.Base, 0, func(string, vtree.ID, iofs.FileMode) bool { return true })
		}
		results := make(chan error, 3)
		go func() { results <- look(first) }()
		synctest.Wait()
		second, leave := context.WithCancel(t.Context())
		go func() { results <- look(second) }()
		synctest.Wait()
		leave()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("the one who waits: %v", err)
		}
		go func() { results <- look(t.Context()) }()
		synctest.Wait()
		giveUp()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("the one who builds: %v", err)
		}
		if err := <-results; err != nil {
			t.Errorf("the next: %v", err)
		}
	})
}

// TestParentWaits: who asks for a folder that has to be built goes when its
// context ends.
func TestParentWaits(t *testing.T) {
	s, _ := source(t, backuptest.Backup{Files: []backuptest.File{{Domain: "HomeDomain", Path: "a"}}}, view.Options{})
	row, err := s.Lookup(t.Context(), "HomeDomain", "a")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		tree vtree.Tree
		id   vtree.ID
	}{
		"a row": {view.NewManifest(s.Backup), vtree.ID(row)},
		"a view": {s.Lazy("Test", func(ctx context.Context) (vtree.Tree, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}), view.Base + 1},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := c.tree.Parent(ctx, c.id); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

package snaptree_test

import (
	"context"
	"errors"
	iofs "io/fs"
	"slices"
	"syscall"
	"testing"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/snaptree"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// locked is the one lock of a tree, and the secret that opens it.
func locked(t *testing.T, tree *snaptree.Tree) (snaptree.Lock, backupfmt.Secret) {
	t.Helper()
	locks, err := tree.Locks(t.Context())
	if err != nil || len(locks) != 1 {
		t.Fatalf("%d locks, %v", len(locks), err)
	}
	secret, err := locks[0].Backup.Derive(t.Context(), []byte("pw"))
	if err != nil {
		t.Fatal(err)
	}
	return locks[0], secret
}

// TestUnlockGivenUp: who gives up while a keybag is being unlocked is told so,
// however far it came, and what was opened until then stays open.
func TestUnlockGivenUp(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		write(t, dir, small(udidA, "A", day.Add(time.Duration(i)*time.Hour), "pw"))
	}
	for n, over := 0, false; !over; n++ {
		tree := open(t, dir)
		lock, secret := locked(t, tree)
		ctx := backuptest.EndsAfter(t.Context(), n)
		opened, err := tree.Unlock(ctx, lock.KeybagID, secret)
		over = ctx.Err() == nil
		if err == nil && len(opened) != 3 || err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("given up after %d looks: %d opened, %v", n, len(opened), err)
		}
		rest, err := tree.Unlock(t.Context(), lock.KeybagID, secret)
		if err != nil || len(opened)+len(rest) != 3 {
			t.Errorf("after %d looks %d were opened, then %d: %v", n, len(opened), len(rest), err)
		}
	}
}

// TestUnlockPasses: a snapshot whose views cannot be opened at the moment is
// unlocked all the same. The kernel is told that LOCKED.txt is gone, and whoever
// looks next sees the content.
func TestUnlockPasses(t *testing.T) {
	for name, passes := range map[string]error{"given up": context.Canceled, "too many files": syscall.EMFILE, "a disk that ails": syscall.EIO} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, small(udidA, "A", day, "pw"))
			now := passes
			view := odd{"View", func(ctx context.Context, s *view.Source) (vtree.Tree, error) {
				if now != nil {
					return nil, now
				}
				return sound(ctx, s)
			}}
			tree := openViews(t, dir, view)
			fsys := vtree.FS(t.Context(), tree)
			look := func() (names []string) {
				entries, err := iofs.ReadDir(fsys, "A/latest")
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range entries {
					names = append(names, e.Name())
				}
				return names
			}
			if names := look(); !slices.Equal(names, []string{"LOCKED.txt"}) {
				t.Fatalf("%q", names)
			}
			var changes []vtree.Change
			tree.OnChange(func(c vtree.Change) { changes = append(changes, c) })
			lock, secret := locked(t, tree)
			if opened, err := tree.Unlock(t.Context(), lock.KeybagID, secret); err != nil || len(opened) != 1 {
				t.Errorf("%d opened, %v", len(opened), err)
			}
			if gone := (vtree.Change{Dir: lock.Snapshots[0].Root, Name: "LOCKED.txt"}); !slices.Contains(changes, gone) {
				t.Errorf("told of %v, not of %v", changes, gone)
			}
			now = nil
			if names := look(); !slices.Contains(names, "View") {
				t.Errorf("%q", names)
			}
			write(t, dir, small(udidA, "A", day.Add(time.Hour), "pw"))
			if err := tree.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if locks, err := tree.Locks(t.Context()); err != nil || len(locks) > 0 {
				t.Errorf("a later snapshot of the keybag: %d locks, %v", len(locks), err)
			}
		})
	}
}

// TestOpenDoesNotWait: a backup that is open is told at once, also while its
// tree is being made.
func TestOpenDoesNotWait(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, small(udidA, "A", day, ""))
	begun := make(chan bool)
	tree := openViews(t, dir, odd{"Slow", func(ctx context.Context, _ *view.Source) (vtree.Tree, error) {
		close(begun)
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	look, leave := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := iofs.ReadDir(vtree.FS(look, tree), "A/latest")
		done <- err
	}()
	<-begun
	soon, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if b, err := tree.Snapshots()[0].Open(soon); err != nil || b.Locked() {
		t.Error(b, err)
	}
	leave()
	<-done
}

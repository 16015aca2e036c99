package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ibfs/fs/control"
	"ibfs/fs/snaptree"
)

// running are the mounts that run; the error tells of those that do not answer.
func (a *app) running(ctx context.Context) ([]control.Status, error) {
	folders, err := control.Folders(a.getenv)
	if err != nil {
		return nil, nil //nolint:nilerr // without a folder for their sockets there are none
	}
	mounts, err := control.List(ctx, folders)
	if err != nil {
		err = fmt.Errorf("%w: %w", errSilent, err)
	}
	return mounts, err
}

// errSilent is a mount of which the process is there, and does not answer.
var errSilent = errors.New("a mount does not answer")

// findLocks finds the locks of the device of a backup, or all, each once: of
// what each mount shows, where the backup is called what it is there, or of what
// lies at the places, where no mount shows it. They can be used until done.
func (a *app) findLocks(ctx context.Context, name string, mounts []control.Status) (locks []snaptree.Lock, done func(), err error) {
	locks, done, err = a.locksIn(ctx, name, mounts)
	if errors.Is(err, snaptree.ErrNoSuchBackup) && len(mounts) > 0 {
		if locks, done, err := a.locksIn(ctx, name, nil); err == nil {
			return locks, done, nil
		}
	}
	return locks, done, err
}

// locksIn is findLocks of the mounts alone, or without one of the places.
func (a *app) locksIn(ctx context.Context, name string, mounts []control.Status) (locks []snaptree.Lock, done func(), err error) {
	trees, name, err := a.treesOf(ctx, name, mounts)
	done = func() {
		for _, tree := range trees {
			tree.Close()
		}
	}
	var unknown error
	known := false
	for _, tree := range trees {
		of, failed := a.locksOf(ctx, tree, name)
		if errors.Is(failed, snaptree.ErrNoSuchBackup) {
			unknown = failed
			continue
		}
		known = true
		err = errors.Join(err, failed)
		for _, l := range of {
			if !slices.ContainsFunc(locks, func(o snaptree.Lock) bool { return o.KeybagID == l.KeybagID }) {
				locks = append(locks, l)
			}
		}
	}
	if !known {
		err = errors.Join(err, unknown)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return locks, done, nil
}

// treesOf are the trees of what each mount shows, or that of the places; and
// name as they take it.
func (a *app) treesOf(ctx context.Context, name string, mounts []control.Status) (trees []*snaptree.Tree, as string, err error) {
	if len(a.backups) > 0 || len(mounts) == 0 {
		tree, as, err := a.openTree(ctx, name)
		if err != nil {
			return nil, "", err
		}
		return []*snaptree.Tree{tree}, as, nil
	}
	for _, m := range mounts {
		tree, err := a.newTree(ctx, m.Sources, a.logger(), nil)
		if err != nil {
			return trees, name, err
		}
		trees = append(trees, tree)
	}
	return trees, name, nil
}

// locksOf are the locks of the device of a backup, or all.
func (a *app) locksOf(ctx context.Context, tree *snaptree.Tree, name string) ([]snaptree.Lock, error) {
	locks, err := tree.Locks(ctx)
	if err != nil || name == "" {
		return locks, err
	}
	chosen, err := tree.Select(name)
	if err != nil {
		return nil, err
	}
	var of []snaptree.Lock
	for _, l := range locks {
		if l.Device() == chosen.Device {
			of = append(of, l)
		}
	}
	return of, nil
}

// waitsFor reports that a mount has a locked backup of a keybag.
func waitsFor(keybagID string) func(control.Status) bool {
	return func(m control.Status) bool {
		return slices.ContainsFunc(m.Backups, func(b control.Backup) bool { return b.Locked && b.Keybag == keybagID })
	}
}

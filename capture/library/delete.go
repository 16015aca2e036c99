package library

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"path"
	"slices"
)

// Delete removes a snapshot. It is gone at once; the space comes back as its
// files are removed, which the next writer goes on with when ctx ends that. The
// last good snapshot goes by force only. [Device.Usage] tells before what
// would be freed.
//
// The error wraps [ErrNoSnapshot] or [ErrLastGood].
func (w *Writer) Delete(ctx context.Context, name string, force bool) error {
	all, err := w.d.Snapshots()
	if err != nil {
		return fmt.Errorf("delete snapshot %s: %w", name, err)
	}
	if !slices.ContainsFunc(all, func(s Snapshot) bool { return s.Name == name }) {
		return fmt.Errorf("delete snapshot %q: %w", name, ErrNoSnapshot)
	}
	if LastGood(all, name) && !force {
		return fmt.Errorf("delete snapshot %s: %w", name, ErrLastGood)
	}
	if err := w.discard(path.Join(snapshotsDir, name)); err != nil {
		return fmt.Errorf("delete snapshot %s: %w", name, err)
	}
	if err := w.disk.remove(w.root, path.Join(snapshotsDir, name+recordSuffix)); err != nil {
		return fmt.Errorf("delete snapshot %s: %w", name, err)
	}
	if w.open == nil {
		if err := w.dropStale(ctx); err != nil {
			return fmt.Errorf("delete snapshot %s: %w", name, err)
		}
	}
	if err := w.emptyTrash(ctx); err != nil {
		return fmt.Errorf("free the space of snapshot %s: %w", name, err)
	}
	return nil
}

// LastGood says whether a snapshot, of all that a device has, goes by force only: it
// is the last that is known to be good, or the last at all.
func LastGood(all []Snapshot, name string) bool {
	good, others, othersGood := false, false, false
	for _, s := range all {
		if s.Name == name {
			good = s.Good()
			continue
		}
		others, othersGood = true, othersGood || s.Good()
	}
	return !others || good && !othersGood
}

// discard takes a folder out of sight, durably; emptyTrash removes it.
func (w *Writer) discard(name string) error {
	for n := 1; ; n++ {
		to := fmt.Sprintf("%s/%s.%d", trashDir, path.Base(name), n)
		if _, err := w.root.Lstat(to); err == nil {
			continue
		} else if !errors.Is(err, iofs.ErrNotExist) {
			return err
		}
		if err := w.disk.rename(w.root, name, to); err != nil {
			return err
		}
		return errors.Join(w.disk.sync(w.root, path.Dir(name)), w.disk.sync(w.root, trashDir))
	}
}

// emptyTrash removes shard by shard, so that it ends soon after ctx does.
func (w *Writer) emptyTrash(ctx context.Context) error {
	trees, err := iofs.ReadDir(w.root.FS(), trashDir)
	if err != nil {
		return err
	}
	for _, tree := range trees {
		name := path.Join(trashDir, tree.Name())
		var parts []string
		if tree.IsDir() {
			entries, err := iofs.ReadDir(w.root.FS(), name)
			if err != nil {
				return err
			}
			for _, e := range entries {
				parts = append(parts, path.Join(name, e.Name()))
			}
		}
		if err := parallel(ctx, parts, w.removeAll); err != nil {
			return err
		}
		if err := w.removeAll(name); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) removeAll(name string) error {
	return w.disk.do("remove", name, func() error { return w.root.RemoveAll(name) })
}

package library

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path"
	"strings"
)

// Devices are those that have a folder in the library.
func (l *Library) Devices() ([]*Device, error) {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	var all []*Device
	for _, e := range entries {
		if udid := canonicalUDID(e.Name()); e.IsDir() && udid != "" && udid == e.Name() {
			all = append(all, &Device{l, udid})
		}
	}
	return all, nil
}

// Deleting names the snapshots that a [Writer.Delete] took away and whose files
// it did not remove to the end, which the next [Device.Lock] does.
func (d *Device) Deleting() (names []string, err error) {
	entries, err := os.ReadDir(path.Join(d.Dir(), trashDir))
	if err != nil && !errors.Is(err, iofs.ErrNotExist) {
		return nil, fmt.Errorf("look what is being removed: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		if i := strings.LastIndexByte(name, '.'); i > 0 {
			name = name[:i]
		}
		names = append(names, name)
	}
	return names, nil
}

// Unfinished is what the tree takes that a run left which did not end well, of
// which there may be none. There is one also with an error when it is there.
func (d *Device) Unfinished(ctx context.Context) (u Usage, there bool, err error) {
	root, err := os.OpenRoot(d.Dir())
	if err != nil {
		return Usage{}, false, fmt.Errorf("look at what the last run left: %w", err)
	}
	defer root.Close()
	c := counting{seen: map[inode]links{}}
	var last state
	_ = readJSON(root, stateName, &last) // how it was cloned is not known then
	c.u.Exact = last.Way != Reflink
	for _, name := range d.trees() {
		here, failed := exists(root, name)
		there = there || here
		if here {
			failed = c.tree(ctx, root, name, true)
		}
		err = errors.Join(err, failed)
	}
	if err != nil {
		return Usage{}, there, fmt.Errorf("what the last run left: %w", err)
	}
	return c.sum(), there, nil
}

// trees are where a run writes: the clone that is being made, and what the
// device writes into.
func (d *Device) trees() []string { return []string{cloningDir, path.Join(incomingDir, d.udid)} }

// DropUnfinished removes what a run left that did not end well, so that the next
// begins from the newest snapshot.
func (w *Writer) DropUnfinished(ctx context.Context) error {
	if w.open != nil {
		return ErrBusy
	}
	if err := w.dropTrees(ctx); err != nil {
		return fmt.Errorf("remove what the last run left: %w", err)
	}
	return nil
}

func (w *Writer) dropTrees(ctx context.Context) error {
	for _, name := range w.d.trees() {
		there, err := exists(w.root, name)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		if err := w.discard(name); err != nil {
			return err
		}
	}
	if err := w.disk.remove(w.root, stateName); err != nil {
		return err
	}
	return w.emptyTrash(ctx)
}

package mobilebackup2

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"ibfs/capture/devicelink"
)

// below is a backup that shows through where a tree has nothing. What is moved
// from it is copied into the tree; what is removed from it no longer shows.
type below struct {
	openDirs // of the backup's own folder, not of one around it
	udid     string
	gone     map[string]struct{}
}

func newBelow(root *os.Root, udid string) (*below, error) {
	dirs, err := newDirs(root)
	if err != nil {
		return nil, err
	}
	return &below{openDirs: dirs, udid: udid, gone: map[string]struct{}{}}, nil
}

// inside is a path as seen from the backup's own folder.
func (b *below) inside(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, b.udid), "/")
}

// hidden says that a path is removed, or lies in something that is.
func (b *below) hidden(path string) bool {
	for ; path != ""; path, _ = split(path) {
		if _, ok := b.gone[path]; ok {
			return true
		}
	}
	return false
}

func (b *below) open(path string) (reader, error) {
	switch {
	case b.hidden(path):
		return 0, iofs.ErrNotExist
	case path == b.udid:
		return 0, unix.EISDIR
	}
	return b.openDirs.open(b.inside(path))
}

// shows says that something is there at a path.
func (b *below) shows(path string) (bool, error) {
	if b.hidden(path) {
		return false, nil
	}
	if path == b.udid {
		return true, nil
	}
	dir, name := split(b.inside(path))
	at, err := b.at(dir, false)
	if err == nil {
		_, err = stat(at, name)
	}
	if errors.Is(err, iofs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// hide removes what shows at a path. What it remembers for that is at most what
// there is.
func (b *below) hide(path string) error {
	shows, err := b.shows(path)
	if err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	if shows {
		b.gone[path] = struct{}{}
	}
	return nil
}

// list is Tree.List of both. It keeps the names that the tree has in the folder.
func (b *below) list(t *Tree, path string, yield func(devicelink.Entry) error) error {
	above := map[string]struct{}{}
	err := t.list(path, func(e devicelink.Entry) error {
		above[e.Name] = struct{}{}
		return yield(e)
	})
	absent := errors.Is(err, iofs.ErrNotExist)
	if err != nil && !absent || b.hidden(path) {
		return err
	}
	rest := func(e devicelink.Entry) error {
		if _, ok := above[e.Name]; ok || b.hidden(strings.TrimPrefix(path+"/"+e.Name, "/")) {
			return nil
		}
		return yield(e)
	}
	if path == "" {
		return rest(devicelink.Entry{Name: b.udid, Kind: devicelink.Directory})
	}
	at, err := b.at(b.inside(path), false)
	if errors.Is(err, iofs.ErrNotExist) && !absent {
		return nil
	}
	if err != nil {
		return err
	}
	return list(at, rest)
}

// move is Tree.Move of both: what shows through is copied, and shows no longer.
func (b *below) move(t *Tree, from, to string) error {
	shows, err := b.shows(from)
	if err != nil {
		return fmt.Errorf("move: %w", err)
	}
	if !shows {
		if _, err := t.isFolder(from); err != nil {
			return fmt.Errorf("move: %w", err)
		}
	}
	if from == to {
		return nil
	}
	if err := t.Remove(to); err != nil {
		return err
	}
	if !shows {
		return t.moveOver(from, to)
	}
	if err := t.Copy(from, to); err != nil {
		return err
	}
	return t.Remove(from)
}

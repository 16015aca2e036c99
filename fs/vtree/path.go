package vtree

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"slices"
	"strings"
)

// maxLinks is how many symbolic links one path may lead through, as on Linux.
const maxLinks = 40

// ErrLoop is a path that leads through too many symbolic links.
var ErrLoop = errors.New("too many symbolic links")

// Find is the entry at a slash-separated path from the tree's root, which is
// "." itself. Links on the way are followed, the last one only when follow is
// set. A link that leads out of the tree is iofs.ErrNotExist.
func Find(ctx context.Context, t Tree, path string, follow bool) (ID, error) {
	return FindFrom(ctx, t, t.Root(), path, follow)
}

// FindFrom is Find from a folder within the tree.
func FindFrom(ctx context.Context, t Tree, dir ID, path string, follow bool) (ID, error) {
	way, err := wayTo(ctx, t, dir) // the folders from the root down to where we are
	if err != nil {
		return 0, err
	}
	rest := strings.Split(path, "/")
	for links := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			if len(way) == 1 {
				return 0, iofs.ErrNotExist
			}
			way = way[:len(way)-1]
			continue
		}
		id, err := t.Lookup(ctx, way[len(way)-1], name)
		if err != nil {
			return 0, err
		}
		if len(rest) > 0 || follow {
			target, err := t.ReadLink(ctx, id)
			if err == nil {
				if links++; links > maxLinks {
					return 0, ErrLoop
				}
				if strings.HasPrefix(target, "/") {
					return 0, iofs.ErrNotExist
				}
				rest = slices.Concat(strings.Split(target, "/"), rest)
				continue
			}
			if !errors.Is(err, ErrNoLink) {
				return 0, err
			}
		}
		way = append(way, id)
	}
	return way[len(way)-1], nil
}

// wayTo lists the folders from the root down to dir.
func wayTo(ctx context.Context, t Tree, dir ID) ([]ID, error) {
	way := []ID{dir}
	for dir != t.Root() {
		if len(way) == maxDepth {
			return nil, ErrLoop
		}
		parent, err := t.Parent(ctx, dir)
		if err != nil {
			return nil, err
		}
		way = append(way, parent)
		dir = parent
	}
	slices.Reverse(way)
	return way, nil
}

// maxDepth is how far Path climbs; a tree whose parents form a loop ends there.
const maxDepth = 256

// Path is where an entry is, for people to read: it lists every folder above
// the entry, so it is for messages alone. A part that cannot be told is the
// entry's number.
func Path(ctx context.Context, t Tree, id ID) string {
	var names []string
	for range maxDepth {
		if id == t.Root() {
			break
		}
		parent, err := t.Parent(ctx, id)
		if err != nil {
			names = append(names, number(id))
			break
		}
		names = append(names, nameIn(ctx, t, parent, id))
		id = parent
	}
	slices.Reverse(names)
	return "/" + strings.Join(names, "/")
}

func nameIn(ctx context.Context, t Tree, dir, id ID) string {
	found := number(id)
	// An error leaves the number.
	_ = t.ReadDir(ctx, dir, 0, func(name string, child ID, _ iofs.FileMode) bool {
		if child == id {
			found = name
		}
		return child != id
	})
	return found
}

func number(id ID) string { return fmt.Sprintf("#%x", uint64(id)) }

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"ibfs/backupfmt"
	"ibfs/fs/snaptree"
	"ibfs/fs/vtree"
)

// isPath says whether a person means a path of this machine and nothing else.
func isPath(arg string) bool { return filepath.IsAbs(arg) || strings.HasPrefix(arg, ".") }

// hasName says whether a path of the tree, or a BACKUP with a path behind it,
// begins with what there is.
func hasName(ctx context.Context, tree *snaptree.Tree, name string) bool {
	first, _, _ := strings.Cut(name, "/")
	if _, err := tree.Lookup(ctx, tree.Root(), first); err == nil {
		return true
	}
	_, err := tree.Select(first)
	return !errors.Is(err, snaptree.ErrNoSuchBackup)
}

// onDisk is the folder of this machine to look in that an absolute path names:
// the backup that it lies in, or a folder that may hold some.
func onDisk(path string) (place string, ok bool) {
	if !filepath.IsAbs(path) || path == "/" { // the mounted tree's own folder
		return "", false
	}
	if around, ok := backupfmt.Around(path); ok {
		return around, true
	}
	info, err := os.Stat(path)
	return path, err == nil && info.IsDir()
}

// resolve finds an entry by a path of the mounted tree, or by a BACKUP with a
// path behind it, and unlocks the snapshot that it lies in.
func (a *app) resolve(ctx context.Context, tree *snaptree.Tree, name string) (vtree.ID, error) {
	if _, ok := onDisk(name); ok {
		s, err := tree.Select(name)
		if err != nil {
			return 0, err
		}
		return s.Root, a.unlockSnapshot(ctx, tree, s)
	}
	first, rest, _ := strings.Cut(strings.Trim(path.Clean("/"+name), "/"), "/")
	if first == "" {
		return tree.Root(), nil
	}
	dir, err := tree.Lookup(ctx, tree.Root(), first)
	if err != nil {
		s, err := tree.Select(first)
		if err != nil {
			return 0, err
		}
		dir = s.Root
	} else {
		second, deeper, _ := strings.Cut(rest, "/")
		if second == "" {
			return dir, nil
		}
		if dir, err = vtree.FindFrom(ctx, tree, dir, second, true); err != nil {
			return 0, fmt.Errorf("%s/%s: %w", first, second, err)
		}
		rest = deeper
	}
	if s, ok := tree.At(dir); ok {
		if err := a.unlockSnapshot(ctx, tree, s); err != nil {
			return 0, err
		}
	}
	id, err := vtree.FindFrom(ctx, tree, dir, rest, true)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", rest, err)
	}
	return id, nil
}

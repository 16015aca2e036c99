package main

import (
	"context"
	"fmt"
	iofs "io/fs"
	"iter"
	"path/filepath"
	"slices"
	"time"

	"ibfs/cmd/ibfs/internal/mountpoint"
	"ibfs/cmd/ibfs/internal/thumbs"
)

// thumbnails are those that file managers keep of a mount.
type thumbnails struct {
	folder string
	names  []string
	err    error
}

// thumbnailPatience is how long an unmount looks for thumbnails. It is enough
// for some ten thousand of them, or a walk over a million files.
const thumbnailPatience = 10 * time.Second

// findThumbnails looks for the thumbnails of a mount, which people may know by
// another path than the one that links in it lead to.
func findThumbnails(ctx context.Context, at, point string) thumbnails {
	folder, err := thumbs.Folder()
	if err != nil {
		return thumbnails{} // without a cache folder there are none
	}
	ctx, cancel := context.WithTimeout(ctx, thumbnailPatience)
	defer cancel()
	known := []string{point}
	if abs, err := filepath.Abs(at); err == nil && abs != point {
		known = append(known, abs)
	}
	var files iter.Seq[string]
	if ours, err := mountpoint.Ours(); err == nil && slices.Contains(ours, point) {
		files = filesOf(point, known)
	}
	names, err := thumbs.Find(ctx, folder, known, files)
	return thumbnails{folder, names, err}
}

// filesOf yields the files of a mount, by each of the paths that it is known by.
func filesOf(point string, known []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		_ = filepath.WalkDir(point, func(path string, d iofs.DirEntry, err error) error {
			rel, relErr := filepath.Rel(point, path)
			if err != nil || relErr != nil || !d.Type().IsRegular() {
				return nil //nolint:nilerr // what cannot be read has no thumbnail
			}
			for _, k := range known {
				if !yield(filepath.Join(k, rel)) {
					return iofs.SkipAll
				}
			}
			return nil
		})
	}
}

// leave tells of the thumbnails that a mount leaves behind, or removes them.
func (a *app) leave(left thumbnails, remove bool) error {
	switch {
	case left.err != nil && !remove:
		a.warn("%v", left.err)
		return nil
	case left.err != nil:
		return left.err
	case len(left.names) == 0:
		return nil
	case !remove:
		a.warn("thumbnails of its files stay in %s (%d); `ibfs unmount --thumbnails` removes them, also afterwards", left.folder, len(left.names))
		return nil
	}
	n, err := thumbs.Remove(left.folder, left.names)
	fmt.Fprintf(a.stdout, "Thumbnails removed: %d.\n", n)
	return err
}

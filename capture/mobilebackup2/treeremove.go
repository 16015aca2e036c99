package mobilebackup2

import (
	"context"
	"errors"
	iofs "io/fs"

	"golang.org/x/sys/unix"
)

// remove removes an entry of an open folder; one that is itself a folder, which it
// tells, with all in it. When ctx ends first, some of that is left.
func remove(ctx context.Context, at int, name string) (folder bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	err = retry(func() error { return unix.Unlinkat(at, name, 0) })
	// Linux says EISDIR for a folder, others EPERM.
	if !errors.Is(err, unix.EISDIR) && !errors.Is(err, unix.EPERM) {
		return false, err
	}
	inside, notOne := openDir(at, name)
	if notOne != nil {
		return false, err
	}
	err = errors.Join(empty(ctx, inside), unix.Close(inside))
	if err == nil {
		err = retry(func() error { return unix.Unlinkat(at, name, unix.AT_REMOVEDIR) })
	}
	return true, err
}

// empty removes all that is in an open folder. Some file systems skip entries in a
// listing during which others go, so it looks until there are none.
func empty(ctx context.Context, at int) error {
	for some := true; some; {
		some = false
		err := entries(at, func(e iofs.DirEntry) error {
			_, err := remove(ctx, at, e.Name())
			if errors.Is(err, iofs.ErrNotExist) {
				return nil
			}
			some = true
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

package mobilebackup2

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"

	"golang.org/x/sys/unix"

	"ibfs/capture/devicelink"
)

// MakeDir makes a folder and those around it.
func (t *Tree) MakeDir(path string) error {
	if err := checkPath(t.udid, path); err != nil {
		return err
	}
	t.dirs.room()
	if _, ok := t.dirs.fds[path]; ok {
		return nil
	}
	if err := t.space.take(leastSize); err != nil {
		return err
	}
	_, err := t.dirs.at(path, true)
	return err
}

// Remove removes a file or a folder with all in it. When ctx ends first, some of it is
// left.
func (t *Tree) Remove(ctx context.Context, path string) error {
	if err := checkPath(t.udid, path); err != nil {
		return err
	}
	t.dirs.room()
	dir, name := split(path)
	at, err := t.dirs.at(dir, false)
	if err == nil {
		var folder bool
		if folder, err = remove(ctx, at, name); folder {
			t.dirs.forget()
		}
	}
	if err != nil && !errors.Is(err, iofs.ErrNotExist) {
		return fmt.Errorf("remove: %w", err)
	}
	return nil
}

// checkPair refuses a pair of paths of which one holds the other.
func checkPair(udid, from, to string) error {
	if err := errors.Join(checkPath(udid, from), checkPath(udid, to)); err != nil {
		return err
	}
	if from != to && (within(from, to) || within(to, from)) {
		return fmt.Errorf("%w: into itself", devicelink.ErrRefused)
	}
	return nil
}

// Move moves a file or a folder, over what is there.
func (t *Tree) Move(ctx context.Context, from, to string) error {
	if err := checkPair(t.udid, from, to); err != nil {
		return err
	}
	t.dirs.room()
	folder, err := t.isFolder(from)
	if err == nil {
		err = t.move(from, to)
	}
	if errors.Is(err, errInTheWay) {
		if err = t.Remove(ctx, to); err == nil {
			err = t.move(from, to)
		}
	}
	if folder {
		t.dirs.forget()
	}
	if err != nil {
		return fmt.Errorf("move: %w", err)
	}
	return nil
}

// isFolder tells a folder from a regular file; all else is an error.
func (t *Tree) isFolder(path string) (bool, error) {
	dir, name := split(path)
	at, err := t.dirs.at(dir, false)
	if err != nil {
		return false, err
	}
	st, err := stat(at, name)
	if err != nil {
		return false, err
	}
	err = regular(&st)
	if errors.Is(err, unix.EISDIR) {
		return true, nil
	}
	return false, err
}

// errInTheWay says that what is at the target is not replaced by a move: one of the
// two is a folder.
var errInTheWay = errors.New("in the way")

func (t *Tree) move(from, to string) error {
	fromDir, fromName := split(from)
	toDir, toName := split(to)
	source, err := t.dirs.at(fromDir, false)
	if err != nil {
		return err
	}
	target, err := t.dirs.at(toDir, true)
	if err != nil {
		return err
	}
	switch err := rename(source, fromName, target, toName); {
	case errors.Is(err, unix.EEXIST), errors.Is(err, unix.ENOTEMPTY), errors.Is(err, unix.EISDIR), errors.Is(err, unix.ENOTDIR):
		return fmt.Errorf("%w: %w", errInTheWay, err)
	default:
		return err
	}
}

// Copy copies a file, over what is there, or a folder with all in it. When ctx ends
// first, some of it is copied.
func (t *Tree) Copy(ctx context.Context, from, to string) error {
	if err := checkPair(t.udid, from, to); err != nil || from == to {
		return err
	}
	t.dirs.room()
	r, err := t.dirs.open(from)
	if err == nil {
		return errors.Join(t.copyFile(ctx, r, to), r.Close())
	}
	if !errors.Is(err, unix.EISDIR) {
		return err
	}
	if err := t.MakeDir(to); err != nil {
		return err
	}
	var names []string
	err = t.List(from, func(e devicelink.Entry) error { names = append(names, e.Name); return ctx.Err() })
	for _, name := range names {
		if err == nil {
			err = t.Copy(ctx, from+"/"+name, to+"/"+name)
		}
	}
	return err
}

func (t *Tree) copyFile(ctx context.Context, r io.Reader, to string) error {
	f, err := t.create(to)
	if err != nil {
		return fmt.Errorf("create a file: %w", err)
	}
	if _, err := io.CopyBuffer(f, during{ctx, r}, make([]byte, 256<<10)); err != nil {
		f.Discard(ctx)
		return err
	}
	return f.Commit()
}

// during reads until ctx ends.
type during struct {
	ctx context.Context
	r   io.Reader
}

func (d during) Read(p []byte) (int, error) {
	if err := d.ctx.Err(); err != nil {
		return 0, err
	}
	return d.r.Read(p)
}

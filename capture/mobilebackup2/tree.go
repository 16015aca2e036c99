package mobilebackup2

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"

	"golang.org/x/sys/unix"

	"ibfs/capture/devicelink"
)

// A Tree is the folder that a phone works on when it makes a backup. It must be the
// phone's own: a clone, never a published snapshot, for which there is [Overlay]. A
// clone by hard links will do, as no file is ever written in place.
//
// The phone reaches the folder named by its UDID and what lies in it, by regular
// files and folders alone; new files are 0600 and new folders 0700. A Tree is used
// by one goroutine at a time.
type Tree struct {
	root   *os.Root
	udid   string
	dirs   openDirs
	space  space
	made   int // files in the staging folder so far, for their names
	closed bool

	// staging is where files are until they are whole that replace others: in the
	// backup's own folder, which may be a volume of its own. It is there for as long
	// as the tree is open.
	staging string
	tried   bool // whether the file system keeps partMode
	marks   bool // it does
	parts   bool // there is a file that is not whole; the staging folder stays, and tells the next run
}

var (
	_ devicelink.Store       = (*Tree)(nil)
	_ devicelink.FolderMover = (*Tree)(nil)
)

// TreeOptions are what a tree needs to know beside its place.
type TreeOptions struct {
	Reserve uint64 // bytes of the volume that stay free; 0 is DefaultReserve
}

// OpenTree opens the folder root, which holds or will hold that of the backup,
// udid. What an earlier run that was killed left half written is removed. root
// must stay open as long as the tree.
func OpenTree(ctx context.Context, root *os.Root, udid string, o TreeOptions) (*Tree, error) {
	t := &Tree{root: root, udid: udid, staging: udid + "/" + ownPrefix + "staging"}
	if err := checkPath(udid, udid); err != nil {
		return nil, fmt.Errorf("open a working tree for %q: %w", udid, err)
	}
	if o.Reserve == 0 {
		o.Reserve = DefaultReserve
	}
	var err error
	if t.dirs, err = newDirs(root); err != nil {
		return nil, fmt.Errorf("open a working tree: %w", err)
	}
	t.space = space{volume: t.dirs.top, name: "the disk", reserve: o.Reserve, files: reservedFiles}
	if err := t.sweep(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("clear what an earlier run left: %w", err), t.dirs.close())
	}
	return t, nil
}

// Close leaves the folder without a trace of ours, but for what the next run has to
// clear. Only the first call does anything.
func (t *Tree) Close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	var err error
	if !t.parts {
		err = t.dropStaging()
	}
	return errors.Join(err, t.dirs.close())
}

// sweep removes the files that are not whole. Where there is no staging folder the
// last run has ended as it should, and there are none.
func (t *Tree) sweep(ctx context.Context) error {
	if _, err := t.dirs.at(t.staging, false); err != nil {
		if errors.Is(err, iofs.ErrNotExist) {
			return nil
		}
		return err
	}
	if err := t.dropParts(ctx, t.udid); err != nil {
		return err
	}
	return t.dropStaging()
}

func (t *Tree) dropStaging() error {
	t.dirs.forget()
	if _, err := t.dirs.at(t.udid, false); err != nil {
		if errors.Is(err, iofs.ErrNotExist) {
			return nil
		}
		return err
	}
	return t.root.RemoveAll(t.staging)
}

// dropParts removes the files of a folder, and of those in it, that are not whole.
func (t *Tree) dropParts(ctx context.Context, folder string) error {
	var folders []string
	t.dirs.room()
	at, err := t.dirs.at(folder, false)
	if err != nil {
		return err
	}
	err = entries(at, func(e iofs.DirEntry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if e.IsDir() {
			folders = append(folders, folder+"/"+e.Name())
			return nil
		}
		st, err := stat(at, e.Name())
		if err == nil && st.Mode == unix.S_IFREG|partMode {
			err = retry(func() error { return unix.Unlinkat(at, e.Name(), 0) })
		}
		return err
	})
	for _, folder := range folders {
		if err == nil {
			err = t.dropParts(ctx, folder)
		}
	}
	return err
}

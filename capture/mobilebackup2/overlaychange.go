package mobilebackup2

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"maps"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"ibfs/capture/devicelink"
)

// set puts something in a folder that is there.
func (o *Overlay) set(path string, n node) error {
	at := o.top
	for name := range strings.SplitSeq(path, "/") {
		next := at.below[name]
		if next == nil {
			if err := o.remember(1); err != nil {
				return err
			}
			next = &node{}
			if at.below == nil {
				at.below = map[string]*node{}
			}
			at.below[name] = next
		}
		at = next
	}
	*at = n
	return nil
}

// remember makes sure that there is room for some more nodes.
func (o *Overlay) remember(nodes int) error {
	if o.nodes += nodes; o.nodes > maxNodes {
		return fmt.Errorf("%d changes are remembered of a restore, and no more: %w", maxNodes, unix.ENOSPC)
	}
	return nil
}

// MakeDir makes a folder and those around it.
func (o *Overlay) MakeDir(path string) error {
	if err := checkPath(o.udid, path); err != nil {
		return err
	}
	parts := strings.Split(path, "/")
	for i := range parts {
		folder := strings.Join(parts[:i+1], "/")
		_, e, err := o.look(folder)
		switch {
		case errors.Is(err, iofs.ErrNotExist):
			err = o.set(folder, node{kind: made, changed: time.Now()})
		case err == nil && e.Kind != devicelink.Directory:
			err = unix.ENOTDIR
		}
		if err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
	}
	return nil
}

// Remove removes a file or a folder with all in it.
func (o *Overlay) Remove(_ context.Context, path string) error {
	_, _, err := o.look(path)
	if errors.Is(err, iofs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return o.set(path, node{kind: removed})
}

// Move moves a file or a folder, over what is there.
func (o *Overlay) Move(_ context.Context, from, to string) error {
	n, _, err := o.take(from, to)
	if err != nil || from == to {
		return err
	}
	if err := o.put(n, to); err != nil {
		return err
	}
	return o.set(from, node{kind: removed})
}

// Copy copies a file, over what is there, or a folder with all in it. When ctx ends
// first, some of it is copied.
func (o *Overlay) Copy(ctx context.Context, from, to string) error {
	n, e, err := o.take(from, to)
	if err != nil || from == to {
		return err
	}
	_, there, err := o.look(to)
	switch {
	case errors.Is(err, iofs.ErrNotExist):
	case err != nil:
		return err
	case there.Kind == devicelink.Directory && e.Kind == devicelink.Directory:
		return o.merge(ctx, from, to)
	case there.Kind == devicelink.Directory:
		return unix.EISDIR
	case e.Kind == devicelink.Directory:
		return unix.ENOTDIR
	}
	if n, err = o.clone(ctx, n); err != nil {
		return err
	}
	return o.put(n, to)
}

// merge copies what is in a folder into one that is there.
func (o *Overlay) merge(ctx context.Context, from, to string) error {
	var names []string
	err := o.List(from, func(e devicelink.Entry) error { names = append(names, e.Name); return ctx.Err() })
	for _, name := range names {
		if err == nil {
			err = o.Copy(ctx, from+"/"+name, to+"/"+name)
		}
	}
	return err
}

// take is what is to be moved or copied.
func (o *Overlay) take(from, to string) (node, devicelink.Entry, error) {
	if err := checkPair(o.udid, from, to); err != nil {
		return node{}, devicelink.Entry{}, err
	}
	n, e, err := o.look(from)
	if err == nil && e.Kind == devicelink.Unknown {
		err = fmt.Errorf("%w: neither a file nor a folder", devicelink.ErrRefused)
	}
	return n, e, err
}

func (o *Overlay) put(n node, path string) error {
	if dir, _ := split(path); dir != "" {
		if err := o.MakeDir(dir); err != nil {
			return err
		}
	}
	return o.set(path, n)
}

// clone is a node whose changes are its own.
func (o *Overlay) clone(ctx context.Context, n node) (node, error) {
	if err := cmp.Or(ctx.Err(), o.remember(len(n.below))); err != nil {
		return n, err
	}
	n.below = maps.Clone(n.below)
	for name, child := range n.below {
		c, err := o.clone(ctx, *child)
		if err != nil {
			return n, err
		}
		n.below[name] = &c
	}
	return n, nil
}

// An overlayFile is one that is on its way into the scratch file.
type overlayFile struct {
	o    *Overlay
	path string
	size int64
}

var errWriting = errors.New("another file is still being written")

// Create makes a file that takes its place when it is committed. One is written at
// a time.
func (o *Overlay) Create(path string) (devicelink.Writer, error) {
	_, e, err := o.look(path)
	switch {
	case err != nil && !errors.Is(err, iofs.ErrNotExist):
		return nil, err
	case path == o.udid:
		return nil, fmt.Errorf("%w: a file in the place of the backup", devicelink.ErrRefused)
	case err == nil && e.Kind == devicelink.Directory:
		return nil, unix.EISDIR
	case o.writing:
		return nil, errWriting
	}
	o.writing = true
	return &overlayFile{o: o, path: path}, nil
}

func (f *overlayFile) Write(p []byte) (int, error) {
	if err := f.o.space.take(len(p)); err != nil {
		return 0, err
	}
	n, err := f.o.scratch.WriteAt(p, f.o.end+f.size)
	f.size += int64(n)
	if err != nil {
		return n, fmt.Errorf("write a file: %w", bare(err))
	}
	return n, nil
}

// bare is the error without the path, which may name people and apps.
func bare(err error) error {
	var path *iofs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func (f *overlayFile) Commit() error {
	f.o.writing = false
	err := f.o.put(node{kind: written, at: f.o.end, size: f.size, changed: time.Now()}, f.path)
	if err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	f.o.end += f.size
	return nil
}

// Discard leaves what was written to be written over.
func (f *overlayFile) Discard(context.Context) { f.o.writing = false }

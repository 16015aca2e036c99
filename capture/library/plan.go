package library

import (
	"fmt"
	"math"

	"golang.org/x/sys/unix"

	"ibfs/capture/volume"
)

// A Plan is what [Writer.Incoming] will do.
type Plan struct {
	Base    Snapshot // the newest snapshot, to be cloned; its Name is "" when there is none
	Resumes bool     // what the last run left goes on, and nothing is cloned
	Way     Way      // how the tree is cloned, or was
	Copies  int64    // bytes that the cloning writes: all of Base's where files can but be copied
	Free    int64    // bytes that may be written to the library's file system
}

// Plan tells what the next run begins with, for a look at the space before the
// device is asked for anything. It finds the way by trying.
func (w *Writer) Plan() (Plan, error) {
	p, err := w.plan()
	if err != nil {
		return Plan{}, fmt.Errorf("look how the newest snapshot can be cloned: %w", err)
	}
	return p, nil
}

func (w *Writer) plan() (p Plan, err error) {
	if p.Base, err = w.d.newest(); err != nil {
		return p, err
	}
	if s, ok := w.state(); ok && s.Base == p.Base.Name {
		p.Way = s.Way
		if p.Resumes, err = exists(w.root, w.workDir()); err != nil {
			return p, err
		}
	}
	if !p.Resumes {
		if p.Way, err = w.way(); err != nil {
			return p, err
		}
	}
	if p.Way == Copy && !p.Resumes {
		p.Copies = p.Base.Bytes
	}
	dir, err := w.root.Open(incomingDir)
	if err != nil {
		return p, err
	}
	defer dir.Close()
	var fs unix.Statfs_t
	if err := unix.Fstatfs(int(dir.Fd()), &fs); err != nil {
		return p, fmt.Errorf("free space: %w", err)
	}
	p.Free = int64(min(volume.Available(&fs), math.MaxInt64))
	return p, nil
}

// way is how trees are cloned in this library.
func (w *Writer) way() (Way, error) {
	if w.d.lib.way != "" {
		return w.d.lib.way, nil
	}
	dir, err := w.root.OpenRoot(incomingDir)
	if err != nil {
		return "", err
	}
	defer dir.Close()
	return w.disk.probe(dir)
}

package library

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path"
	"sync/atomic"
	"time"
)

const (
	stateName  = "incoming.json"
	cloningDir = incomingDir + "/.cloning"
)

// An Incoming is the tree that a device writes into: the newest snapshot as it
// is, at first.
type Incoming struct {
	Root    *os.Root // the folder that holds <UDID>/
	Base    string   // the snapshot that it was cloned from, "" when there was none
	Way     Way      // how
	Resumed bool     // it is what a run left that did not end well
	Copied  int64    // files that were copied although Way is another: they had all the links that a file may have

	w      *Writer
	volume *os.File    // open since before the first byte came, see syncVolume
	state  state       // as it is on the disk
	base   Verified    // what was proved of Base
	relied atomic.Bool // Arrived has told of a file that it was there before
}

// state is what incoming.json keeps. It is written before the clone is begun.
type state struct {
	Schema int       `json:"schema"`
	Base   string    `json:"base"`
	Way    Way       `json:"way"`
	Began  time.Time `json:"began"`

	// Sealing is set before the first file is sealed. Where it still is when the
	// next run begins, that a file is sealed says neither that it was in the
	// snapshot before nor that it has reached the disk.
	Sealing bool `json:"sealing,omitempty"`
}

// IncomingOptions are for [Writer.Incoming]. The zero value is ready.
type IncomingOptions struct {
	Progress func(Progress) // nil: nobody is told
	Reserve  uint64         // bytes of the file system that a copy leaves free
}

// Incoming gives the tree for the next run: what the last run left, when the
// snapshot that it was cloned from is still the newest, or a clone of the
// newest snapshot. When ctx ends, what is cloned stays, and the next call goes
// on from there.
//
// The error wraps [ErrNoSpace], before anything is copied, where the file
// system can but copy and has not the room.
func (w *Writer) Incoming(ctx context.Context, opt IncomingOptions) (*Incoming, error) {
	i, err := w.incoming(ctx, opt)
	if err != nil {
		return nil, fmt.Errorf("prepare the tree for the device: %w", err)
	}
	return i, nil
}

func (w *Writer) incoming(ctx context.Context, opt IncomingOptions) (*Incoming, error) {
	if w.open != nil {
		return nil, ErrBusy
	}
	if err := w.dropStale(ctx); err != nil {
		return nil, err
	}
	plan, err := w.Plan()
	if err != nil {
		return nil, err
	}
	i := &Incoming{w: w, Base: plan.Base.Name, Way: plan.Way, Resumed: plan.Resumes, base: plan.Base.Verified}
	if i.Resumed {
		i.state, _ = w.state()
	} else if err := i.clone(ctx, plan, opt); err != nil {
		return nil, err
	}
	if i.Root, err = w.root.OpenRoot(incomingDir); err != nil {
		return nil, err
	}
	if i.volume, err = w.root.Open(incomingDir); err != nil {
		i.Close()
		return nil, err
	}
	w.open = i
	return i, nil
}

func (w *Writer) workDir() string { return path.Join(incomingDir, w.d.udid) }

// state is what is known of the working tree.
func (w *Writer) state() (s state, ok bool) {
	err := readJSON(w.root, stateName, &s)
	if err != nil && !errors.Is(err, iofs.ErrNotExist) {
		w.log.Warn("the record of the last run is lost; its tree is made anew", "err", err)
	}
	return s, err == nil && s.Schema <= schema
}

// dropStale removes a working tree that was not cloned from what is now the
// newest snapshot.
func (w *Writer) dropStale(ctx context.Context) error {
	base, err := w.d.newest()
	if err != nil {
		return err
	}
	if s, ok := w.state(); ok && s.Base == base.Name {
		return nil
	}
	return w.dropTrees(ctx)
}

// clone makes the tree beside its place and moves it there when it is whole.
func (i *Incoming) clone(ctx context.Context, plan Plan, opt IncomingOptions) error {
	w := i.w
	resumed, err := exists(w.root, cloningDir)
	if err != nil {
		return err
	}
	if room := plan.Free - int64(min(opt.Reserve, uint64(plan.Free))); !resumed && room < plan.Copies {
		return fmt.Errorf("%w: this file system has neither reflinks nor hard links, so that the newest snapshot is copied: %d bytes, and there is room for %d",
			ErrNoSpace, plan.Copies, room)
	}
	i.state = state{Schema: schema, Base: plan.Base.Name, Way: i.Way, Began: time.Now()}
	if err := w.disk.writeJSON(w.root, stateName, i.state); err != nil {
		return err
	}
	if err := w.disk.mkdir(w.root, cloningDir); err != nil {
		return err
	}
	if plan.Base.Name != "" {
		if err := i.cloneFrom(ctx, plan.Base, resumed, opt.Progress); err != nil {
			return fmt.Errorf("clone snapshot %s: %w", plan.Base.Name, err)
		}
	}
	if err := w.disk.rename(w.root, cloningDir, w.workDir()); err != nil {
		return err
	}
	return w.disk.sync(w.root, incomingDir)
}

func (i *Incoming) cloneFrom(ctx context.Context, base Snapshot, resumed bool, progress func(Progress)) error {
	from, err := i.w.root.OpenRoot(path.Join(snapshotsDir, base.Name))
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := i.w.root.OpenRoot(cloningDir)
	if err != nil {
		return err
	}
	defer to.Close()
	c := cloning{disk: i.w.disk, log: i.w.log, from: from, to: to, way: i.Way, resumed: resumed,
		meter: newMeter(progress, Cloning, base.Files)}
	if err := c.run(ctx); err != nil {
		return err
	}
	i.Copied = c.copied.Load()
	if i.Way == Link && i.Copied == 0 {
		return nil // no data of its own
	}
	volume, err := to.Open(".")
	if err != nil {
		return err
	}
	defer volume.Close()
	return i.w.disk.do("syncfs", cloningDir, func() error { return syncVolume(volume) })
}

// Dir is the tree's folder, <UDID>/ below Root.
func (i *Incoming) Dir() string { return path.Join(i.w.d.Dir(), i.w.workDir()) }

// Arrived tells of a file of the tree, by its mode, whether it came
// since the clone was made. Where the file system has no modes, or the clone was
// a copy, which may have gone wrong, that is every file; so it is where the tree
// was being published once and that did not end. Who is told that one was there
// before relies on what was proved of it then.
func (i *Incoming) Arrived(mode iofs.FileMode) bool {
	if i.state.Sealing || mode.Perm() != sealedMode {
		return true
	}
	i.relied.Store(true)
	return false
}

// Close leaves the tree for the next run.
func (i *Incoming) Close() error {
	if i.w.open == i {
		i.w.open = nil
	}
	var err error
	if i.Root != nil {
		err = i.Root.Close()
	}
	if i.volume != nil {
		err = errors.Join(err, i.volume.Close())
	}
	return err
}

// Discard removes the tree, so that the next run has another.
func (i *Incoming) Discard(ctx context.Context) error {
	err := errors.Join(i.Close(), i.w.discard(i.w.workDir()), i.w.disk.remove(i.w.root, stateName))
	if err != nil {
		return fmt.Errorf("discard the tree of the last run: %w", err)
	}
	return i.w.emptyTrash(ctx)
}

func exists(root *os.Root, name string) (bool, error) {
	_, err := root.Lstat(name)
	if errors.Is(err, iofs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

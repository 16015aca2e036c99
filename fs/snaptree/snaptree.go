// Package snaptree is the whole tree that a mount shows, made of other trees:
// one folder a device, in it one folder a snapshot and "latest", and in each
// snapshot its views, Domains, and what the backup says of itself.
//
//	Anna's iPhone/
//	  latest -> 2026-11-20_08-15-02
//	  2026-11-20_08-15-02/
//	    Apps/  Domains/  About this backup.txt  Info.plist  Manifest.db ...
//
// A snapshot is opened when somebody looks into it. One that is locked or
// broken is a folder with a text that says so, and keeps no other from being
// shown. The package knows neither FUSE nor a single view.
//
// Numbers are snapshot<<40 | tree<<32 | entry. Snapshot 0 is the outer tree:
// entry 1 the root, then for each device its folder and its "latest". In a
// snapshot, tree 0 is the manifest, 1 to 252 the views by their place in the
// list, and the rest what this package makes.
package snaptree

import (
	"context"
	"fmt"
	iofs "io/fs"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

const (
	snapshotShift = 40
	treeShift     = 32

	rootID = vtree.ID(1)

	manifestTree = 0
	lockedTree   = 253 // LOCKED.txt
	brokenTree   = 254 // BROKEN.txt
	ownTree      = 255 // the snapshot's own folder
)

// Options say what a tree shows.
type Options struct {
	Places   []string    // folders that are backups, or hold them
	Views    []view.View // in the order of their numbers
	Budget   *backupfmt.Budget
	Cache    *vtree.Cache   // of rendered files; default: one of vtree.DefaultCache
	Location *time.Location // of the snapshots' names, and of the views; default: time.Local
	Logger   *slog.Logger   // default: nowhere

	// Protect is called with each buffer that comes to hold keys, for a caller
	// that locks them in memory. Nil: nothing is done.
	Protect func([]byte)

	// Skip names folders below the places that are not looked into: a mount of
	// this tree may lie there. Nil: none.
	Skip func(path string) bool
}

// A Tree is everything that is found at its places. It changes when Refresh
// finds something new, and when a snapshot is unlocked.
type Tree struct {
	opt Options
	log *slog.Logger

	mu        sync.RWMutex
	devices   []*device                   // guarded by mu; in the order of their numbers
	snapshots []*snapshot                 // guarded by mu; number n is at n-1; nil once it is gone
	secrets   map[string]backupfmt.Secret // guarded by mu; by keybag
	changed   func(vtree.Change)          // guarded by mu

	refreshMu sync.Mutex       // one Refresh at a time
	finder    backupfmt.Finder // guarded by refreshMu
	problems  []Problem        // guarded by mu; what looks like a backup and is none
}

// A Problem is a place that cannot be read, or a folder that is almost a
// backup.
type Problem struct {
	Path string
	Err  error
}

// Error has the path once, which most of what is wrong with files names already.
func (p Problem) Error() string {
	if text := p.Err.Error(); strings.Contains(text, p.Path) {
		return text
	}
	return p.Path + ": " + p.Err.Error()
}

func (p Problem) Unwrap() error { return p.Err }

var _ vtree.Changer = (*Tree)(nil)

// New looks at the places once and shows what is there.
func New(ctx context.Context, opt Options) (*Tree, error) {
	if opt.Location == nil {
		opt.Location = time.Local
	}
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	if opt.Protect == nil {
		opt.Protect = func([]byte) {}
	}
	if opt.Budget == nil {
		opt.Budget = backupfmt.NewBudget(backupfmt.DefaultBudget)
	}
	if opt.Cache == nil {
		opt.Cache = vtree.NewCache(vtree.DefaultCache)
	}
	t := &Tree{opt: opt, log: opt.Logger, secrets: map[string]backupfmt.Secret{}, finder: backupfmt.Finder{Skip: opt.Skip, Location: opt.Location}}
	return t, t.Refresh(ctx)
}

// Close closes every backup, which wipes its keys.
func (t *Tree) Close() error {
	t.mu.RLock()
	all := slices.Clone(t.snapshots)
	t.mu.RUnlock()
	for _, s := range all { // not under mu, which a snapshot takes while it opens
		if s != nil {
			s.close()
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, secret := range t.secrets {
		clear(secret)
	}
	clear(t.secrets)
	return nil
}

// Places are the folders that the tree looks at.
func (t *Tree) Places() []string { return t.opt.Places }

// Totals are the files of all snapshots whose index is in memory, and their
// bytes together: what a statfs can tell at once.
func (t *Tree) Totals() (bytes, files uint64) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, s := range t.snapshots {
		if s == nil {
			continue
		}
		if b := s.opened.Load(); b != nil {
			n, sum := b.Totals()
			files += uint64(n)
			bytes += uint64(sum)
		}
	}
	return bytes, files
}

// Damage counts the damaged places in the manifests whose index is in memory.
func (t *Tree) Damage() (n int) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, s := range t.snapshots {
		if s == nil {
			continue
		}
		if b := s.opened.Load(); b != nil {
			n += b.Damage()
		}
	}
	return n
}

// OnChange sets who is told of changes.
func (t *Tree) OnChange(f func(vtree.Change)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changed = f
}

func (t *Tree) tell(changes []vtree.Change) {
	t.mu.RLock()
	f := t.changed
	t.mu.RUnlock()
	if f == nil {
		return
	}
	for _, c := range changes {
		f(c)
	}
}

// inner is the snapshot of a number, nil for those of the outer tree.
func (t *Tree) inner(id vtree.ID) (*snapshot, error) {
	n := int(id >> snapshotShift)
	if n == 0 {
		return nil, nil
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if n > len(t.snapshots) || t.snapshots[n-1] == nil {
		return nil, notThere(id)
	}
	return t.snapshots[n-1], nil
}

func notThere(id vtree.ID) error { return fmt.Errorf("entry %#x: %w", uint64(id), iofs.ErrNotExist) }

// below is the tree that a number belongs to: that of its snapshot.
func (t *Tree) below(ctx context.Context, id vtree.ID) (vtree.Tree, error) {
	s, err := t.inner(id)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return t.outer(), nil
	}
	return s.tree(ctx)
}

// Root is the folder of all devices.
func (t *Tree) Root() vtree.ID { return rootID }

// Parent of a snapshot's folder is its device's.
func (t *Tree) Parent(ctx context.Context, id vtree.ID) (vtree.ID, error) {
	if s, err := t.inner(id); err == nil && s != nil && id == s.root() {
		return s.device.folder(), nil
	}
	b, err := t.below(ctx, id)
	if err != nil {
		return 0, err
	}
	return b.Parent(ctx, id)
}

func (t *Tree) Lookup(ctx context.Context, dir vtree.ID, name string) (vtree.ID, error) {
	b, err := t.below(ctx, dir)
	if err != nil {
		return 0, err
	}
	return b.Lookup(ctx, dir, name)
}

func (t *Tree) ReadDir(ctx context.Context, dir vtree.ID, from int, yield func(string, vtree.ID, iofs.FileMode) bool) error {
	b, err := t.below(ctx, dir)
	if err != nil {
		return err
	}
	return b.ReadDir(ctx, dir, from, yield)
}

// Attr of a snapshot's own folder does not open the snapshot, so that a
// listing of a hundred of them is quick.
func (t *Tree) Attr(ctx context.Context, id vtree.ID) (vtree.Attr, error) {
	if s, err := t.inner(id); err == nil && s != nil && id == s.root() {
		return vtree.Attr{Mode: iofs.ModeDir | 0o555, ModTime: s.found.Date, Volatile: !s.settled.Load()}, nil
	}
	b, err := t.below(ctx, id)
	if err != nil {
		return vtree.Attr{}, err
	}
	return b.Attr(ctx, id)
}

func (t *Tree) Open(ctx context.Context, id vtree.ID) (vtree.File, error) {
	b, err := t.below(ctx, id)
	if err != nil {
		return nil, err
	}
	return b.Open(ctx, id)
}

func (t *Tree) ReadLink(ctx context.Context, id vtree.ID) (string, error) {
	b, err := t.below(ctx, id)
	if err != nil {
		return "", err
	}
	return b.ReadLink(ctx, id)
}

func (t *Tree) Xattrs(ctx context.Context, id vtree.ID) (iter.Seq2[string, []byte], error) {
	b, err := t.below(ctx, id)
	if err != nil {
		return nil, err
	}
	return b.Xattrs(ctx, id)
}

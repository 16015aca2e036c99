package snaptree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"path/filepath"
	"sync/atomic"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// A snapshot is one backup as it was found, and, once somebody looked into it,
// the tree that it shows.
type snapshot struct {
	t      *Tree
	number int // from 1
	device *device
	name   string // of its folder; guarded by t.mu
	found  backupfmt.Found

	gate    view.Gate
	b       *backupfmt.Backup // guarded by gate; nil until it is opened
	source  *view.Source      // guarded by gate; nil until its content is shown
	shown   vtree.Tree        // guarded by gate; nil until somebody looks
	settled atomic.Bool       // shown will not change
	closed  bool              // guarded by gate
	failed  error             // guarded by gate; why the secret that fits opens nothing

	broken atomic.Bool // it did not open when it was last tried

	opened atomic.Pointer[backupfmt.Backup] // b, for those who must not wait
}

func (s *snapshot) number40() vtree.ID     { return vtree.ID(s.number) << snapshotShift }
func (s *snapshot) base(tree int) vtree.ID { return s.number40() | vtree.ID(tree)<<treeShift }
func (s *snapshot) root() vtree.ID         { return s.base(ownTree) | 1 }
func (s *snapshot) baseName() string       { return filepath.Base(s.found.Path) }

// tree is what the snapshot's folder shows. An error is one of the moment: a
// context that ended, too many open files.
func (s *snapshot) tree(ctx context.Context) (vtree.Tree, error) {
	if err := s.gate.Enter(ctx); err != nil {
		return nil, err
	}
	defer s.gate.Leave()
	if s.shown != nil {
		return s.shown, nil
	}
	if s.closed {
		return nil, iofs.ErrClosed
	}
	b, err := s.openLocked(ctx)
	switch {
	case err != nil && view.Passing(err):
		return nil, err
	case err != nil:
		s.shown = s.brokenTree(err)
	case b.Locked():
		s.shown = s.lockedTree(b)
	default:
		if s.shown, err = s.contentTree(ctx, b); err != nil {
			s.shown = nil
			return nil, err
		}
		s.settled.Store(true)
	}
	return s.shown, nil
}

// open is the snapshot's backup, unlocked where a secret is known. Who asks for
// one that is open does not wait for whoever makes its tree.
func (s *snapshot) open(ctx context.Context) (*backupfmt.Backup, error) {
	if b := s.opened.Load(); b != nil {
		return b, nil
	}
	if err := s.gate.Enter(ctx); err != nil {
		return nil, err
	}
	defer s.gate.Leave()
	if s.closed {
		return nil, iofs.ErrClosed
	}
	return s.openLocked(ctx)
}

func (s *snapshot) openLocked(ctx context.Context) (*backupfmt.Backup, error) {
	if s.b != nil {
		return s.b, nil
	}
	b, err := s.openAnew(ctx)
	if err == nil || !view.Passing(err) {
		s.broken.Store(err != nil)
	}
	s.b = b
	s.opened.Store(b)
	return b, err
}

func (s *snapshot) openAnew(ctx context.Context) (*backupfmt.Backup, error) {
	if err := cmp.Or(s.found.Err, s.failed); err != nil {
		return nil, err
	}
	b, err := backupfmt.OpenDir(ctx, s.found.Path, backupfmt.Options{Logger: s.t.log, Budget: s.t.opt.Budget})
	if err != nil {
		return nil, err
	}
	if secret := s.t.secret(b.KeybagID()); secret != nil && b.Locked() {
		if err := b.Unlock(ctx, secret); err != nil {
			return nil, errors.Join(fmt.Errorf("unlock: %w", err), b.Close())
		}
		s.t.opt.Protect(b.KeyMemory())
	}
	return b, nil
}

// unlock opens the content of a snapshot that is open and locked, and shows it
// where somebody looked already, or that it is broken. The changes count also
// with an error.
func (s *snapshot) unlock(ctx context.Context, secret backupfmt.Secret) (changes []vtree.Change, err error) {
	if err := s.gate.Enter(ctx); err != nil {
		return nil, err
	}
	defer s.gate.Leave()
	if s.b == nil || !s.b.Locked() {
		return nil, nil
	}
	if err := s.b.Unlock(ctx, secret); err != nil {
		if !errors.Is(err, backupfmt.ErrDamaged) || view.Passing(err) {
			return nil, err
		}
		s.failed = err
		s.broken.Store(true)
		s.closeBackup()
		if s.shown != nil {
			changes = s.show(ctx, s.brokenTree(err))
		}
		return changes, err
	}
	s.t.opt.Protect(s.b.KeyMemory())
	if s.shown == nil {
		return nil, nil
	}
	content, err := s.contentTree(ctx, s.b)
	if err != nil { // it passes: the next who looks tries again
		return s.show(ctx, nil), nil
	}
	s.settled.Store(true)
	return s.show(ctx, content), nil
}

// show puts another tree, or none yet, in the place of the one that is shown; it
// needs the gate.
func (s *snapshot) show(ctx context.Context, other vtree.Tree) (changes []vtree.Change) {
	root := s.root()
	for _, t := range []vtree.Tree{s.shown, other} {
		if t == nil {
			continue
		}
		// Both lists are in memory and cannot fail.
		_ = t.ReadDir(ctx, root, 0, func(name string, _ vtree.ID, _ iofs.FileMode) bool {
			changes = append(changes, vtree.Change{Dir: root, Name: name})
			return true
		})
	}
	s.shown = other
	return append(changes, vtree.Change{Dir: root})
}

func (s *snapshot) close() {
	// Without an end of its context, it gets in.
	_ = s.gate.Enter(context.Background())
	defer s.gate.Leave()
	s.closed, s.shown = true, nil
	if s.source != nil {
		s.source.Close()
	}
	s.closeBackup()
}

// closeBackup needs the gate.
func (s *snapshot) closeBackup() {
	if s.b == nil {
		return
	}
	if err := s.b.Close(); err != nil {
		s.t.log.Warn("close backup", "path", s.found.Path, "err", err)
	}
	s.b = nil
	s.opened.Store(nil)
}

// lockedTree is the folder of a snapshot whose password is not known. The text
// has a number of its own, which no file of the open snapshot will have.
func (s *snapshot) lockedTree(b *backupfmt.Backup) vtree.Tree {
	return s.textTree(lockedTree, "LOCKED.txt", lockedText(b.Info()))
}

func (s *snapshot) brokenTree(err error) vtree.Tree {
	return s.textTree(brokenTree, "BROKEN.txt", brokenText(s.found, err))
}

func (s *snapshot) textTree(tree int, name string, text []byte) vtree.Tree {
	m := vtree.Meta{ModTime: s.found.Date, Volatile: true}
	texts := vtree.NewStatic(s.base(tree)|1, m)
	root := vtree.NewStatic(s.root(), m)
	// The names are fixed ones, in trees that are empty.
	id, _ := texts.AddFile(texts.Root(), name, vtree.Bytes(text), m)
	_ = root.Hang(root.Root(), name, texts, id, 0, m)
	return root
}

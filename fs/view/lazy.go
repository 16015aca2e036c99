package view

import (
	"context"
	"fmt"
	iofs "io/fs"
	"iter"
	"log/slog"
	"sync/atomic"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/vtree"
)

// Lazy is the tree of a view that is built when somebody first looks into it.
// Its root must be Base. Where building fails, the folder holds one text that
// says why; a context that ends leaves it to the next who looks.
//
// The tree counts to the budget of all snapshots. When it has to go, it is built
// again at its next use, and must get the same numbers, names and sizes.
func (s *Source) Lazy(name string, build func(context.Context) (vtree.Tree, error)) vtree.Tree {
	l := &lazy{name: name, log: s.Log, at: s.Backup.Info().Date, build: build, gate: NewGate()}
	l.share = s.share(func() { l.t.Store(nil) })
	return l
}

type lazy struct {
	name  string
	log   *slog.Logger
	at    time.Time
	build func(context.Context) (vtree.Tree, error)
	share *backupfmt.Share // nil without a budget

	gate Gate
	t    atomic.Pointer[vtree.Tree] // stored by who is in the gate; nil until somebody looks
}

func (l *lazy) tree(ctx context.Context) (vtree.Tree, error) {
	if t := l.t.Load(); t != nil {
		l.share.Use()
		return *t, nil
	}
	if err := l.gate.Enter(ctx); err != nil {
		return nil, err
	}
	defer l.gate.Leave()
	if t := l.t.Load(); t != nil {
		return *t, nil
	}
	t, err := l.built(ctx)
	if Passing(err) {
		return nil, err
	}
	if err != nil {
		t = Failed(l.name, l.at, err)
	}
	l.t.Store(&t)
	if sized, ok := t.(interface{ Bytes() int64 }); ok {
		l.share.Hold(sized.Bytes())
	}
	return t, nil
}

func (l *lazy) built(ctx context.Context) (t vtree.Tree, err error) {
	defer Guard(l.log, "build view "+l.name, &err)
	return l.build(ctx)
}

// Passing reports an error that says nothing of the backup: whoever waited gave
// up, too many files are open, or the disk is away or ails.
func Passing(err error) bool { return backupfmt.Passing(err) }

// Failed is the folder of a view that cannot be shown: a text that says why.
func Failed(name string, at time.Time, err error) vtree.Tree {
	m := vtree.Meta{ModTime: at}
	t := vtree.NewStatic(Base, m)
	text := fmt.Appendf(nil, "%s cannot be shown: %v\n\nWhat the backup has of its files is there as it is, under Domains.\n", name, err)
	// The tree is empty and the name a good one.
	_, _ = t.AddFile(Base, FailedName, vtree.Bytes(text), m)
	return t
}

func (l *lazy) Root() vtree.ID { return Base }

func (l *lazy) Attr(ctx context.Context, id vtree.ID) (vtree.Attr, error) {
	if id == Base {
		return vtree.Attr{Mode: iofs.ModeDir | 0o555, ModTime: l.at}, nil
	}
	t, err := l.tree(ctx)
	if err != nil {
		return vtree.Attr{}, err
	}
	return t.Attr(ctx, id)
}

func (l *lazy) Parent(ctx context.Context, id vtree.ID) (vtree.ID, error) {
	if id == Base {
		return Base, nil
	}
	t, err := l.tree(ctx)
	if err != nil {
		return 0, err
	}
	return t.Parent(ctx, id)
}

func (l *lazy) Lookup(ctx context.Context, dir vtree.ID, name string) (vtree.ID, error) {
	t, err := l.tree(ctx)
	if err != nil {
		return 0, err
	}
	return t.Lookup(ctx, dir, name)
}

func (l *lazy) ReadDir(ctx context.Context, dir vtree.ID, from int, yield func(string, vtree.ID, iofs.FileMode) bool) error {
	t, err := l.tree(ctx)
	if err != nil {
		return err
	}
	return t.ReadDir(ctx, dir, from, yield)
}

func (l *lazy) Open(ctx context.Context, id vtree.ID) (vtree.File, error) {
	t, err := l.tree(ctx)
	if err != nil {
		return nil, err
	}
	return t.Open(ctx, id)
}

func (l *lazy) ReadLink(ctx context.Context, id vtree.ID) (string, error) {
	t, err := l.tree(ctx)
	if err != nil {
		return "", err
	}
	return t.ReadLink(ctx, id)
}

func (l *lazy) Xattrs(ctx context.Context, id vtree.ID) (iter.Seq2[string, []byte], error) {
	t, err := l.tree(ctx)
	if err != nil {
		return nil, err
	}
	return t.Xattrs(ctx, id)
}

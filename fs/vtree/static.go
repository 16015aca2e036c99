package vtree

import (
	"context"
	iofs "io/fs"
	"iter"
)

var _ Tree = (*Static)(nil)

func (s *Static) own(id ID) (*node, bool) {
	if id < s.base || id-s.base >= ID(len(s.nodes)) {
		return nil, false
	}
	return &s.nodes[id-s.base], true
}

// ofHung is what an entry of another tree has of us, or nil.
func (s *Static) ofHung(id ID) *hung {
	if i, ok := s.where[id]; ok {
		return &s.hung[i]
	}
	return nil
}

// under is the tree that a number belongs to when it is not our own.
func (s *Static) under(id ID) (Tree, error) {
	if t, ok := s.trees[id>>32]; ok {
		return t, nil
	}
	return nil, iofs.ErrNotExist
}

// Root is the number that NewStatic was given.
func (s *Static) Root() ID { return s.base }

// Parent is the folder that an entry was added to, also for what hangs here.
func (s *Static) Parent(ctx context.Context, id ID) (ID, error) {
	if n, ours := s.own(id); ours {
		return s.base + ID(n.parent), nil
	}
	if h := s.ofHung(id); h != nil {
		return s.base + ID(h.parent), nil
	}
	t, err := s.under(id)
	if err != nil {
		return 0, err
	}
	return t.Parent(ctx, id)
}

func (s *Static) Lookup(ctx context.Context, dir ID, name string) (ID, error) {
	n, ours := s.own(dir)
	if !ours {
		t, err := s.under(dir)
		if err != nil {
			return 0, err
		}
		return t.Lookup(ctx, dir, name)
	}
	if !n.mode.IsDir() {
		return 0, ErrNotDir
	}
	if id, ok := s.lookup(dir, name); ok {
		return id, nil
	}
	return 0, iofs.ErrNotExist
}

// ReadDir yields the entries of our own folders in order of adding.
func (s *Static) ReadDir(ctx context.Context, dir ID, from int, yield func(string, ID, iofs.FileMode) bool) error {
	n, ours := s.own(dir)
	if !ours {
		t, err := s.under(dir)
		if err != nil {
			return err
		}
		return t.ReadDir(ctx, dir, from, yield)
	}
	if !n.mode.IsDir() {
		return ErrNotDir
	}
	for _, k := range n.kids[min(max(from, 0), len(n.kids)):] {
		l := &s.links[k]
		if !yield(string(s.name(l)), l.id, l.typ.mode()) {
			return nil
		}
	}
	return nil
}

func (s *Static) Attr(ctx context.Context, id ID) (Attr, error) {
	n, ours := s.own(id)
	if !ours {
		return s.attrUnder(ctx, id)
	}
	a := Attr{Mode: n.mode, Size: int64(len(n.target)), ModTime: n.meta.time(), Volatile: n.meta.volatile}
	var err error
	if n.content != nil {
		a.Size, err = n.content.Size(ctx)
	}
	return a, err
}

func (s *Static) attrUnder(ctx context.Context, id ID) (Attr, error) {
	t, err := s.under(id)
	if err != nil {
		return Attr{}, err
	}
	a, err := t.Attr(ctx, id)
	if h := s.ofHung(id); h != nil {
		if at := h.meta.time(); !at.IsZero() {
			a.ModTime = at
		}
		a.Volatile = a.Volatile || h.meta.volatile
	}
	return a, err
}

func (s *Static) Open(ctx context.Context, id ID) (File, error) {
	n, ours := s.own(id)
	switch {
	case !ours:
		t, err := s.under(id)
		if err != nil {
			return nil, err
		}
		return t.Open(ctx, id)
	case n.mode.IsDir():
		return nil, ErrIsDir
	case n.content == nil:
		return nil, iofs.ErrInvalid
	}
	return n.content.Open(ctx)
}

func (s *Static) ReadLink(ctx context.Context, id ID) (string, error) {
	n, ours := s.own(id)
	if !ours {
		t, err := s.under(id)
		if err != nil {
			return "", err
		}
		return t.ReadLink(ctx, id)
	}
	if n.mode.Type() != iofs.ModeSymlink {
		return "", ErrNoLink
	}
	return n.target, nil
}

func (s *Static) Xattrs(ctx context.Context, id ID) (iter.Seq2[string, []byte], error) {
	n, ours := s.own(id)
	if ours {
		return both(n.meta.xattrs, nil), nil
	}
	t, err := s.under(id)
	if err != nil {
		return nil, err
	}
	seq, err := t.Xattrs(ctx, id)
	if err != nil {
		return nil, err
	}
	if h := s.ofHung(id); h != nil {
		return both(h.meta.xattrs, seq), nil
	}
	return seq, nil
}

// both yields what one sequence has and then what another has; either may be nil.
func both(a, b iter.Seq2[string, []byte]) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, seq := range []iter.Seq2[string, []byte]{a, b} {
			if seq == nil {
				continue
			}
			for name, value := range seq {
				if !yield(name, value) {
					return
				}
			}
		}
	}
}

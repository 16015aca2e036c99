package vtree

import (
	"context"
	iofs "io/fs"
	"iter"
)

// Offset is a tree with add put to each of its numbers, so that trees which
// have the same numbers can hang side by side. What changes in it is not told.
func Offset(t Tree, add ID) Tree { return &offset{t, add} }

type offset struct {
	t   Tree
	add ID
}

func (o *offset) Root() ID { return o.t.Root() + o.add }

func (o *offset) Parent(ctx context.Context, id ID) (ID, error) {
	p, err := o.t.Parent(ctx, id-o.add)
	return p + o.add, err
}

func (o *offset) Lookup(ctx context.Context, dir ID, name string) (ID, error) {
	id, err := o.t.Lookup(ctx, dir-o.add, name)
	return id + o.add, err
}

func (o *offset) ReadDir(ctx context.Context, dir ID, from int, yield func(string, ID, iofs.FileMode) bool) error {
	return o.t.ReadDir(ctx, dir-o.add, from, func(name string, id ID, m iofs.FileMode) bool {
		return yield(name, id+o.add, m)
	})
}

func (o *offset) Attr(ctx context.Context, id ID) (Attr, error) { return o.t.Attr(ctx, id-o.add) }
func (o *offset) Open(ctx context.Context, id ID) (File, error) { return o.t.Open(ctx, id-o.add) }

func (o *offset) ReadLink(ctx context.Context, id ID) (string, error) {
	return o.t.ReadLink(ctx, id-o.add)
}

func (o *offset) Xattrs(ctx context.Context, id ID) (iter.Seq2[string, []byte], error) {
	return o.t.Xattrs(ctx, id-o.add)
}

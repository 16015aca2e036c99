package view

import (
	"context"
	"fmt"
	iofs "io/fs"
	"iter"
	"strconv"

	"golang.org/x/text/unicode/norm"

	"ibfs/backupfmt"
	"ibfs/fs/vtree"
)

// A Manifest is the tree of all rows of a backup: the domains, and in each its
// files under their own names. The number of an entry is that of its row.
//
// Its root answers before the index is there; anything deeper waits for it.
type Manifest struct {
	b    *backupfmt.Backup
	spot func(domain, path string) spot // of the row of a link
}

var _ vtree.Tree = (*Manifest)(nil)

// NewManifest shows the rows of b.
func NewManifest(b *backupfmt.Backup) *Manifest {
	return &Manifest{b, func(domain, _ string) spot { return spot{domain: domain, toDomains: ".."} }}
}

// Root is the folder of all domains.
func (m *Manifest) Root() vtree.ID { return vtree.ID(backupfmt.RootEntry) }

func entry(id vtree.ID) (backupfmt.Entry, error) {
	if id>>32 != 0 {
		return 0, fmt.Errorf("entry %#x: %w", uint64(id), iofs.ErrNotExist)
	}
	return backupfmt.Entry(id), nil
}

// Parent is the folder of a row.
func (m *Manifest) Parent(ctx context.Context, id vtree.ID) (vtree.ID, error) {
	e, err := entry(id)
	if err != nil || e == backupfmt.RootEntry {
		return id, err
	}
	x, err := m.b.Index(ctx)
	if err != nil {
		return 0, err
	}
	p, ok := x.Parent(e)
	if !ok {
		return 0, iofs.ErrNotExist
	}
	return vtree.ID(p), nil
}

// Lookup finds a child by its stored bytes, or else by the same letters in
// another Unicode form: macOS asks for decomposed names.
func (m *Manifest) Lookup(ctx context.Context, dir vtree.ID, name string) (vtree.ID, error) {
	e, err := entry(dir)
	if err != nil {
		return 0, err
	}
	if e == backupfmt.RootEntry {
		return m.domain(ctx, name)
	}
	x, err := m.b.Index(ctx)
	if err != nil {
		return 0, err
	}
	if child, ok := x.Lookup(e, name); ok {
		return vtree.ID(child), nil
	}
	found, form := vtree.ID(0), norm.NFC.String(name)
	match := func(c backupfmt.Child) bool {
		if norm.NFC.String(c.Name) == form {
			found = vtree.ID(c.Entry)
		}
		return found == 0
	}
	if isASCII(name) {
		match = func(backupfmt.Child) bool { return false }
	}
	if !x.Children(e, 0, match) {
		return 0, m.noFolder(ctx, e)
	}
	if found == 0 {
		return 0, iofs.ErrNotExist
	}
	return found, nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func (m *Manifest) domain(ctx context.Context, name string) (vtree.ID, error) {
	all, err := m.b.Domains(ctx)
	if err != nil {
		return 0, err
	}
	for _, d := range all {
		if d.Name == name {
			return vtree.ID(d.Entry), nil
		}
	}
	return 0, iofs.ErrNotExist
}

// noFolder says why an entry has no children: it is no folder, or is not there.
func (m *Manifest) noFolder(ctx context.Context, e backupfmt.Entry) error {
	if _, err := m.b.Type(ctx, e); err != nil {
		return err
	}
	return vtree.ErrNotDir
}

// ReadDir yields the children in the order of their names.
func (m *Manifest) ReadDir(ctx context.Context, dir vtree.ID, from int, yield func(string, vtree.ID, iofs.FileMode) bool) error {
	e, err := entry(dir)
	if err != nil {
		return err
	}
	if e == backupfmt.RootEntry {
		all, err := m.b.Domains(ctx)
		if err != nil {
			return err
		}
		for _, d := range all[min(max(from, 0), len(all)):] {
			if !yield(d.Name, vtree.ID(d.Entry), iofs.ModeDir) {
				break
			}
		}
		return nil
	}
	x, err := m.b.Index(ctx)
	if err != nil {
		return err
	}
	if !x.Children(e, from, func(c backupfmt.Child) bool { return yield(c.Name, vtree.ID(c.Entry), c.Type) }) {
		return m.noFolder(ctx, e)
	}
	return nil
}

// Attr tells the size of a link as that of the text ReadLink gives.
func (m *Manifest) Attr(ctx context.Context, id vtree.ID) (vtree.Attr, error) {
	e, err := entry(id)
	if err != nil {
		return vtree.Attr{}, err
	}
	if e == backupfmt.RootEntry {
		return vtree.Attr{Mode: iofs.ModeDir | 0o555, ModTime: m.b.Info().Date}, nil
	}
	s, err := m.b.Stat(ctx, e)
	if err != nil {
		return vtree.Attr{}, err
	}
	if s.Mode.Type() == iofs.ModeSymlink {
		text, err := m.ReadLink(ctx, id)
		if err != nil {
			return vtree.Attr{}, err
		}
		s.Size = int64(len(text))
	}
	return vtree.Attr{Mode: s.Mode, Size: s.Size, ModTime: s.ModTime}, nil
}

// Open opens the content of a row.
func (m *Manifest) Open(ctx context.Context, id vtree.ID) (vtree.File, error) {
	e, err := entry(id)
	if err != nil {
		return nil, err
	}
	typ, err := m.b.Type(ctx, e)
	switch {
	case err != nil:
		return nil, err
	case typ.IsDir():
		return nil, vtree.ErrIsDir
	}
	f, err := m.b.Open(ctx, e)
	if err != nil {
		return nil, err
	}
	if fd, ok := f.Fd(); ok {
		return backed{f, fd}, nil
	}
	return f, nil
}

// backed is a file whose blob is its content.
type backed struct {
	*backupfmt.File
	fd uintptr
}

var _ vtree.Backed = backed{}

func (f backed) Fd() uintptr { return f.fd }

// Xattrs yields what ibfs knows of a row and then what the phone kept, under
// "ibfs." and "ios.". Symbolic links have the same; who serves the tree knows
// whether its platform can show them.
func (m *Manifest) Xattrs(ctx context.Context, id vtree.ID) (iter.Seq2[string, []byte], error) {
	e, err := entry(id)
	if err != nil {
		return nil, err
	}
	if e == backupfmt.RootEntry {
		return func(func(string, []byte) bool) {}, nil
	}
	s, err := m.b.Stat(ctx, e)
	if err != nil {
		return nil, err
	}
	x, err := m.b.Index(ctx)
	if err != nil {
		return nil, err
	}
	domain, path := x.Path(e)
	own := []struct{ name, value string }{
		{"ibfs.domain", domain},
		{"ibfs.path", path},
		{"ibfs.fileid", s.FileID},
		{"ibfs.class", strconv.Itoa(int(s.Class))},
	}
	var phone []backupfmt.Xattr
	if s.Xattrs {
		row, err := m.b.Row(ctx, e)
		if err != nil {
			return nil, err
		}
		phone, _ = row.Xattrs() // those that are damaged are left out
	}
	return func(yield func(string, []byte) bool) {
		for _, a := range own {
			if a.value != "" && !yield(a.name, []byte(a.value)) {
				return
			}
		}
		for _, a := range phone {
			if !yield("ios."+a.Name, a.Value) {
				return
			}
		}
	}, nil
}

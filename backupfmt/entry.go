package backupfmt

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	iofs "io/fs"
	"path"
	"strings"
	"time"
)

// Domains lists the folders that all rows lie in, in the order of their names.
// It answers before the index is there wherever the manifest can tell by
// itself, and begins to build the index.
func (b *Backup) Domains(ctx context.Context) ([]Domain, error) {
	if err := b.ready(); err != nil {
		return nil, err
	}
	if b.index.Load() == nil {
		if early := b.early.Load(); early != nil {
			b.Prepare()
			return *early, nil
		}
		var all []Domain
		err := b.withManifest(ctx, func(m manifest) (err error) {
			all, err = m.domains(ctx)
			return err
		})
		b.Prepare()
		if err == nil {
			b.early.Store(&all) // a listing comes page by page, and asks for each
		}
		if err == nil || !errors.Is(err, errNeedIndex) {
			return all, err
		}
	}
	x, err := b.Index(ctx)
	if err != nil {
		return nil, err
	}
	var all []Domain
	x.Children(RootEntry, 0, func(c Child) bool {
		all = append(all, Domain{c.Name, c.Entry})
		return true
	})
	return all, nil
}

// Lookup finds the row of a path in a domain, which is iofs.ErrNotExist when
// there is none. It answers before the index is there wherever the manifest
// can tell by itself.
func (b *Backup) Lookup(ctx context.Context, domain, name string) (Entry, error) {
	if err := b.ready(); err != nil {
		return 0, err
	}
	if b.index.Load() == nil {
		var e Entry
		err := b.withManifest(ctx, func(m manifest) (err error) {
			e, err = m.lookup(ctx, domain, name)
			return err
		})
		if err == nil || !errors.Is(err, errNeedIndex) {
			return e, err
		}
	}
	x, err := b.Index(ctx)
	if err != nil {
		return 0, err
	}
	e, ok := x.Lookup(RootEntry, string(shownName([]byte(domain))))
	for part := range strings.SplitSeq(name, "/") {
		if ok && name != "" {
			e, ok = x.Lookup(e, string(shownName([]byte(part))))
		}
	}
	if !ok {
		return 0, fmt.Errorf("%s: %w", path.Join(domain, name), iofs.ErrNotExist)
	}
	return e, nil
}

// Stat is the metadata of an entry that a listing shows.
type Stat struct {
	Mode    iofs.FileMode // type, and the permissions of a read-only tree
	Size    int64         // bytes; 0 for folders, the recorded one for links
	ModTime time.Time     // zero when unknown
	Class   uint8         // protection class, 0 when none is given
	FileID  string        // names the blob; "" for a folder that has no row
	Xattrs  bool          // the phone kept extended attributes
}

// Type tells the type bits of an entry's mode, without any I/O on its blob.
func (b *Backup) Type(ctx context.Context, e Entry) (iofs.FileMode, error) {
	n, err := b.node(ctx, e)
	if err != nil {
		return 0, err
	}
	return fileMode(n.mode).Type(), nil
}

// Stat tells the metadata of an entry. For a database, and for a file whose
// blob has not the length that its recorded size asks for, it reads the end of
// the blob; see Backup.size.
func (b *Backup) Stat(ctx context.Context, e Entry) (Stat, error) {
	n, err := b.node(ctx, e)
	if err != nil {
		return Stat{}, err
	}
	s := Stat{Mode: fileMode(n.mode), Class: n.class, Xattrs: n.flags&hasXattrs != 0}
	if n.flags&noRow == 0 {
		s.FileID = hexID(n.fileID)
	}
	switch n.mode & modeType {
	case modeFile:
		s.Size = b.size(n)
	case modeLink:
		s.Size = n.size
	}
	s.ModTime = b.modTime(n)
	return s, nil
}

func (b *Backup) modTime(n *node) time.Time {
	t := n.mtime
	if t == 0 && n.flags&noRow != 0 {
		t = b.newestChild(n)
	}
	if t == 0 {
		return b.info.Date
	}
	return time.Unix(t, 0)
}

func (b *Backup) newestChild(n *node) (t int64) {
	x := b.index.Load()
	if x == nil {
		return 0
	}
	first, count := n.span()
	for _, k := range x.kids[first : first+count] {
		t = max(t, x.at(k).mtime)
	}
	return t
}

// Row reads all that the manifest says of an entry. A folder without a row is
// iofs.ErrNotExist.
func (b *Backup) Row(ctx context.Context, e Entry) (r *Row, err error) {
	if err := b.ready(); err != nil {
		return nil, err
	}
	err = b.withManifest(ctx, func(m manifest) error {
		r, err = m.row(ctx, e)
		return err
	})
	x := b.index.Load()
	if x == nil || err != nil && !errors.Is(err, iofs.ErrNotExist) {
		return r, err
	}
	if n := x.find(e); n != nil && n.flags&noRow == 0 && (err != nil || r.row.fileID != n.fileID) {
		return nil, fmt.Errorf("read manifest row %d: %w", e, errOtherRow)
	}
	return r, err
}

// node is what the index holds of an entry, or, before it is there, what the
// manifest says.
func (b *Backup) node(ctx context.Context, e Entry) (*node, error) {
	x := b.index.Load()
	if x == nil && e != RootEntry {
		if r, err := b.Row(ctx, e); err == nil {
			return r.row.node(), nil
		} else if ctx.Err() != nil || errors.Is(err, ErrEncrypted) {
			return nil, err
		}
	}
	if x == nil {
		var err error
		if x, err = b.Index(ctx); err != nil {
			return nil, err
		}
	}
	n := x.find(e)
	if n == nil {
		return nil, fmt.Errorf("entry %d: %w", e, iofs.ErrNotExist)
	}
	return n, nil
}

func (r *row) node() *node {
	return &node{entry: r.entry, mode: r.mode, class: r.class, flags: r.flags, size: r.size, mtime: r.mtime, fileID: r.fileID, key: r.key}
}

func hexID(id [20]byte) string { return hex.EncodeToString(id[:]) }

package backupfmt

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
)

// A manifest lists the rows of a backup. The index is made from it; it answers
// by itself what is asked before there is one.
type manifest interface {
	scan(ctx context.Context) ([]*segment, error)
	row(ctx context.Context, e Entry) (*Row, error)

	// lookup and domains answer without reading all rows, or return
	// errNeedIndex.
	lookup(ctx context.Context, domain, path string) (Entry, error)
	domains(ctx context.Context) ([]Domain, error)

	// glance is ErrDamaged for damage that shows without reading all rows.
	glance() error

	Close() error
}

var errNeedIndex = errors.New("only the index can tell")

// A Domain is one of the folders that all rows lie in.
type Domain struct {
	Name  string
	Entry Entry
}

// A Row is all that a manifest says of a file, folder or link.
type Row struct {
	Entry  Entry
	Domain string // as stored
	Path   string // as stored; "" for the domain itself
	FileID string // names the blob: 40 hex digits
	Record

	row row
}

// newRow makes a Row of what was read; rec must have memory of its own.
func newRow(r *row, rec Record) *Row {
	own := *r
	own.domain, own.path = nil, nil
	own.flags |= databaseFlag(r.path)
	return &Row{
		Entry: r.entry, Domain: string(r.domain), Path: string(r.path), FileID: hexID(r.fileID),
		Record: rec, row: own,
	}
}

// openManifest is a manifest and the files that it is read from.
type openManifest struct {
	manifest
	files []io.Closer
}

// withManifest calls do with the manifest, which it opens when it is not open,
// and which stays open until do returns.
func (b *Backup) withManifest(ctx context.Context, do func(manifest) error) error {
	for {
		b.manifestMu.RLock()
		if b.open != nil {
			defer b.manifestMu.RUnlock()
			b.manifestIdle.use()
			return do(b.open.manifest)
		}
		b.manifestMu.RUnlock()
		if err := b.openManifest(ctx); err != nil {
			return err
		}
	}
}

func (b *Backup) openManifest(ctx context.Context) error {
	b.manifestMu.Lock()
	defer b.manifestMu.Unlock()
	if b.open != nil {
		return nil
	}
	if b.closed.Load() {
		return iofs.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	o := &openManifest{}
	if err := b.fillManifest(ctx, o); err != nil {
		for _, f := range o.files {
			f.Close()
		}
		return fmt.Errorf("open the manifest: %w", err)
	}
	b.open = o
	b.share.Hold(b.index.Load().Bytes())
	return nil
}

func (b *Backup) fillManifest(ctx context.Context, o *openManifest) error {
	name := "Manifest.db"
	if b.format == formatMBDB {
		name = "Manifest.mbdb"
	}
	f, err := openRegular(b.fsys, name)
	if err != nil {
		return err
	}
	o.files = append(o.files, f)
	db, wal := content{f, f.size}, content{}
	switch b.format {
	case formatMBDB:
		o.manifest = &mbdbManifest{file: db}
		return nil
	case formatEncryptedDB:
		if db, err = b.decryptedManifest(f); err != nil {
			return err
		}
	default:
		w, err := openRegular(b.fsys, "Manifest.db-wal")
		if err != nil && !errors.Is(err, iofs.ErrNotExist) {
			return err
		}
		if err == nil {
			o.files = append(o.files, w)
			if w.size > 0 {
				wal = content{w, w.size}
			}
		}
	}
	m, err := openManifestDB(ctx, db, wal)
	if err != nil {
		return err
	}
	if b.format == formatRows {
		b.keysMu.RLock()
		m.rowKey = b.rowKey
		b.keysMu.RUnlock()
	}
	o.manifest = m
	return nil
}

// closeManifest needs manifestMu.
func (b *Backup) closeManifest() error {
	if b.open == nil {
		return nil
	}
	errs := []error{b.open.Close()}
	for _, f := range b.open.files {
		errs = append(errs, f.Close())
	}
	b.open = nil
	return errors.Join(errs...)
}

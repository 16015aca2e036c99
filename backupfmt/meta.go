package backupfmt

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
)

// MetaFiles names the files that describe this backup and that OpenMeta opens,
// those that are there.
func (b *Backup) MetaFiles() []string {
	var names []string
	for _, name := range []string{"Info.plist", "Manifest.plist", "Status.plist", "Manifest.db", "Manifest.db-wal", "Manifest.mbdb"} {
		fi, err := iofs.Stat(b.fsys, name)
		if err != nil || !fi.Mode().IsRegular() {
			continue
		}
		if name == "Manifest.db-wal" && (b.format == formatEncryptedDB || fi.Size() == 0) {
			continue
		}
		names = append(names, name)
	}
	return names
}

// OpenMeta opens one of MetaFiles. Manifest.db is given decrypted, and, where
// no log has to be applied to it, in the form that a read-only folder can be
// opened in: the phone leaves it in write-ahead mode, which needs to write.
func (b *Backup) OpenMeta(name string) (*File, error) {
	host, err := openRegular(b.fsys, name)
	if err != nil {
		return nil, err
	}
	if name != "Manifest.db" {
		return &File{ReaderAt: host, host: host, size: host.size, same: true}, nil
	}
	db := content{host, host.size}
	if b.format == formatEncryptedDB {
		if db, err = b.decryptedManifest(host); err != nil {
			host.Close()
			return nil, err
		}
	} else if fi, err := iofs.Stat(b.fsys, "Manifest.db-wal"); err == nil && fi.Size() > 0 {
		return &File{ReaderAt: host, host: host, size: host.size, same: true}, nil
	}
	return &File{ReaderAt: rollbackMode{db.ReaderAt}, host: host, size: db.size}, nil
}

// rollbackMode shows a database with the two bytes of its header that name the
// journal mode, at offset 18, set to the rollback journal.
type rollbackMode struct{ io.ReaderAt }

func (r rollbackMode) ReadAt(p []byte, off int64) (int, error) {
	n, err := r.ReaderAt.ReadAt(p, off)
	for i := int64(18); i < 20; i++ {
		if i >= off && i < off+int64(n) {
			p[i-off] = 1
		}
	}
	return n, err
}

// OpenDatabase opens a database of the backup for queries, with its -wal where
// the backup holds one; what is damaged of it is left out, see LogError. The error
// is iofs.ErrNotExist when it has no row, and ErrNoBlob when it has no content.
func (b *Backup) OpenDatabase(ctx context.Context, domain, path string) (*Database, error) {
	db, err := b.openPath(ctx, domain, path)
	if err != nil {
		return nil, err
	}
	files := []io.Closer{db}
	log := content{}
	var logErr error
	wal, err := b.openPath(ctx, domain, path+"-wal")
	switch {
	case err == nil:
		files = append(files, wal)
		if wal.Size() > 0 {
			log = content{wal, wal.Size()}
		}
		logErr = checkLog(ctx, log)
	case errors.Is(err, ErrNoBlob), errors.Is(err, ErrDamaged), errors.Is(err, errNoKey), errors.Is(err, iofs.ErrInvalid):
		logErr = err
	case !errors.Is(err, iofs.ErrNotExist):
		db.Close()
		return nil, fmt.Errorf("%s holds rows in its log: %w", path, err)
	}
	if logErr != nil {
		logErr = fmt.Errorf("%s-wal, which has what was written last: %w", path, logErr)
	}
	var d *Database
	if err = ifPassing(logErr); err == nil {
		d, err = openDatabase(ctx, content{db, db.Size()}, log)
	}
	if err != nil {
		for _, f := range files {
			f.Close()
		}
		return nil, err
	}
	d.closer, d.log = files, logErr
	return d, nil
}

func (b *Backup) openPath(ctx context.Context, domain, path string) (*File, error) {
	e, err := b.Lookup(ctx, domain, path)
	if err != nil {
		return nil, err
	}
	return b.Open(ctx, e)
}

package backupfmt

import (
	"io"
	iofs "io/fs"
)

// MetaFiles names the files that describe this backup and that OpenMeta opens,
// those that are there. The error is one that passes.
func (b *Backup) MetaFiles() (names []string, err error) {
	for _, name := range []string{"Info.plist", "Manifest.plist", "Status.plist", "Manifest.db", "Manifest.db-wal", "Manifest.mbdb"} {
		fi, err := iofs.Stat(b.fsys, name)
		if Passing(err) {
			return nil, err
		}
		if err != nil || !fi.Mode().IsRegular() {
			continue
		}
		if name == "Manifest.db-wal" && (b.format == formatEncryptedDB || fi.Size() == 0) {
			continue
		}
		names = append(names, name)
	}
	return names, nil
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
	} else if fi, err := iofs.Stat(b.fsys, "Manifest.db-wal"); Passing(err) {
		host.Close()
		return nil, err
	} else if err == nil && fi.Size() > 0 {
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

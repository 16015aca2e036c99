package backupfmt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"slices"

	"ibfs/keybag"
)

// A Format is a generation of the layout on disk.
type Format int

// The generations, told apart by what is there, never by a version number.
const (
	formatMBDB        Format = iota + 1 // iOS 4 to 9: Manifest.mbdb, blobs side by side
	formatRows                          // iOS 10.0, encrypted: the rows of Manifest.db are encrypted
	formatDB                            // iOS 10 on: Manifest.db, clear
	formatEncryptedDB                   // iOS 10.2 on, encrypted: Manifest.db as a whole is
)

func (f Format) String() string {
	return [...]string{"unknown", "Manifest.mbdb", "Manifest.db with encrypted rows", "Manifest.db", "encrypted Manifest.db"}[f]
}

// readFormat tells the generation by how the manifest begins: formatRows too
// is formatDB here. ErrDamaged says why no password can open it.
func readFormat(fsys iofs.FS, p manifestPlist, bag *keybag.Bag) (Format, error) {
	head, err := fileHead(fsys, "Manifest.db")
	switch {
	case err == nil && string(head) == sqliteMagic:
		return formatDB, nil
	case err == nil:
		return formatEncryptedDB, checkEncrypted(head, p, bag)
	case !errors.Is(err, iofs.ErrNotExist):
		return 0, err
	}
	head, err = fileHead(fsys, "Manifest.mbdb")
	switch {
	case err != nil:
		return 0, fmt.Errorf("%w: %w", ErrNotBackup, err)
	case !bytes.HasPrefix(head, []byte("mbdb")):
		return 0, fmt.Errorf("%w: Manifest.mbdb does not begin as one", ErrDamaged)
	}
	return formatMBDB, nil
}

// checkEncrypted says why a Manifest.db that does not begin as a database
// cannot be opened with any password.
func checkEncrypted(head []byte, p manifestPlist, bag *keybag.Bag) error {
	var why string
	switch {
	case len(head) == 0:
		why = "Manifest.db is empty"
	case p.encrypted == no:
		why = "Manifest.db is no database, though this backup has no password"
	case bag == nil:
		why = "Manifest.db is encrypted, and Manifest.plist, which holds the keybag, is missing or damaged"
	case p.manifestKey == nil:
		why = "Manifest.db is encrypted, and Manifest.plist does not hold its key"
	case bag.Check() != nil:
		return fmt.Errorf("%w: the keybag in Manifest.plist: %w", ErrDamaged, bag.Check())
	case !slices.ContainsFunc(bag.Classes, func(k keybag.ClassKey) bool { return uint32(k.Class) == p.manifestClass() }):
		why = fmt.Sprintf("the keybag in Manifest.plist is cut: it lacks class %d, which opens Manifest.db", p.manifestClass())
	default:
		return nil
	}
	return fmt.Errorf("%w: %s", ErrDamaged, why)
}

// fileHead is the first 16 bytes of a file, or fewer where it is shorter.
func fileHead(fsys iofs.FS, name string) ([]byte, error) {
	f, err := openRegular(fsys, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 16)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return head[:n], nil
}

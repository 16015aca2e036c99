package backupfmt

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"slices"

	"ibfs/backupfmt/internal/sqlite"
	"ibfs/keybag"
)

// detect finds the generation by what is there, and whether the content is
// ciphertext.
func (b *Backup) detect(ctx context.Context) error {
	b.encrypted = b.plist.encrypted == yes
	var err error
	b.format, err = readFormat(b.fsys, b.plist, b.bag)
	switch {
	case err != nil:
		return err
	case b.format == FormatDB:
		return b.detectPlain(ctx)
	case b.format == FormatMBDB:
		return b.detectMBDB(ctx)
	}
	b.encrypted = true
	return nil
}

// readFormat tells the generation by how the manifest begins: FormatRows too
// is FormatDB here. ErrDamaged says why no password can open it.
func readFormat(fsys iofs.FS, p manifestPlist, bag *keybag.Bag) (Format, error) {
	head, err := fileHead(fsys, "Manifest.db")
	switch {
	case err == nil && string(head) == sqliteMagic:
		return FormatDB, nil
	case err == nil:
		return FormatEncryptedDB, checkEncrypted(head, p, bag)
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
	return FormatMBDB, nil
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

// detectPlain looks closer at a Manifest.db that is not encrypted: by iOS 10.0
// its rows can be, and another program may have put it and the blobs in the
// place of encrypted ones. The first bytes of some blobs decide.
func (b *Backup) detectPlain(ctx context.Context) error {
	if b.plist.encrypted == no {
		return nil
	}
	return b.withManifest(ctx, func(m manifest) error {
		db := m.(*manifestDB)
		salt, _, err := db.properties(ctx)
		if Passing(err) { // damage leaves the rest to tell
			return err
		}
		if len(salt) > 0 && b.encrypted {
			b.format = FormatRows
			return nil
		}
		blobs, keyed, err := b.sampleBlobs(ctx, db)
		if err == nil {
			b.judge(blobs, keyed)
		}
		return err
	})
}

// detectMBDB looks at the first blobs of an mbdb in the same way.
func (b *Backup) detectMBDB(ctx context.Context) error {
	if b.plist.encrypted == no {
		return nil
	}
	return b.withManifest(ctx, func(m manifest) error {
		keyed := false
		var blobs []blobHead
		var failed error
		err := m.(*mbdbManifest).read(ctx, func(rec *mbdbRecord) bool {
			if rec.Key != nil {
				keyed = true
				blobs, failed = b.appendHead(blobs, fileID(string(rec.Domain), string(rec.Path)))
			}
			return failed == nil && len(blobs) < blobsSampled
		})
		if err = cmp.Or(failed, err); err != nil && !errors.Is(err, ErrDamaged) {
			return err
		}
		b.judge(blobs, keyed)
		return nil
	})
}

// judge decides whether content is ciphertext, by some blobs whose rows have
// keys, and by whether any row has one.
func (b *Backup) judge(blobs []blobHead, keyed bool) {
	switch {
	case looksClear(blobs):
		if b.encrypted {
			b.info.Warnings = append(b.info.Warnings, "another program has decrypted this backup: its content is clear, and no password is needed")
		}
		b.encrypted = false
	case b.plist.encrypted == unknown:
		b.encrypted = keyed
	}
}

// A blobHead is the beginning of a blob whose row has a key.
type blobHead struct {
	head []byte
	size int64
}

const (
	rowsSampled  = 500 // rows looked at
	blobsSampled = 32  // blobs that are enough
)

// sampleBlobs reads the beginning of some blobs whose rows have keys: of the
// first rows, or, in a copy that lacks most blobs, of those that are there.
// It also reports whether any row has a key. The error is one that passes.
func (b *Backup) sampleBlobs(ctx context.Context, m *manifestDB) (blobs []blobHead, keyed bool, err error) {
	sc := scanner{m: m}
	var ids [][20]byte
	for row, err := range m.d.Query(ctx, "SELECT "+rowColumns+" FROM Files WHERE flags = 1 LIMIT ?", int64(rowsSampled)) {
		if Passing(err) {
			return nil, false, err
		}
		if err != nil {
			break // what was read is a sample as well
		}
		if r, err := sc.scan(row); err == nil && r.flags&hasKey != 0 {
			ids = append(ids, r.fileID)
		}
	}
	for _, id := range ids {
		if blobs, err = b.appendHead(blobs, id); err != nil || len(blobs) == blobsSampled {
			break
		}
	}
	if err != nil || len(blobs) > 0 || len(ids) == 0 {
		return blobs, len(ids) > 0, err
	}
	for shard := range 256 {
		ids, err := b.someBlobs(fmt.Sprintf("%02x", shard))
		if err != nil {
			return nil, false, err
		}
		for _, id := range ids {
			known, err := m.d.First(ctx, func(*sqlite.Row) {}, "SELECT 1 FROM Files WHERE fileID = ?", hex.EncodeToString(id[:]))
			if err == nil && known {
				blobs, err = b.appendHead(blobs, id)
			}
			if Passing(err) {
				return nil, false, err
			}
		}
		if len(blobs) >= blobsSampled {
			break
		}
	}
	return blobs, true, nil
}

// appendHead adds the beginning of a blob, if it is there. The error is one that
// passes.
func (b *Backup) appendHead(blobs []blobHead, id [20]byte) ([]blobHead, error) {
	f, err := b.openBlob(id)
	if err != nil {
		return blobs, ifPassing(err)
	}
	defer f.Close()
	head := make([]byte, 16)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return blobs, ifPassing(err)
	}
	return append(blobs, blobHead{head[:n], f.size}), nil
}

// someBlobs names a few blobs of a shard folder without reading all of it. The
// error is one that passes.
func (b *Backup) someBlobs(shard string) (ids [][20]byte, err error) {
	f, err := b.fsys.Open(shard)
	if err != nil {
		return nil, ifPassing(err)
	}
	defer f.Close()
	d, ok := f.(iofs.ReadDirFile)
	if !ok {
		return nil, nil
	}
	entries, err := d.ReadDir(8)
	for _, e := range entries {
		if id, ok := parseFileID([]byte(e.Name())); ok {
			ids = append(ids, id)
		}
	}
	return ids, ifPassing(err)
}

// looksClear reports that blobs are plaintext: one of them begins as files of
// a known kind do, which ciphertext does once in four billion blobs, or most
// have a length that ciphertext cannot have.
func looksClear(blobs []blobHead) bool {
	odd := 0
	for _, b := range blobs {
		if knownHead(b.head) {
			return true
		}
		if b.size%16 != 0 {
			odd++
		}
	}
	return odd > len(blobs)/2
}

func knownHead(h []byte) bool {
	for _, magic := range []string{"SQLite format 3\x00", "bplist0", "<?xml", "\xff\xd8\xff\xe0", "\xff\xd8\xff\xe1", "\x89PNG\r\n\x1a\n"} {
		if bytes.HasPrefix(h, []byte(magic)) {
			return true
		}
	}
	return len(h) >= 8 && string(h[4:8]) == "ftyp"
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

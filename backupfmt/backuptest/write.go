package backuptest

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"howett.net/plist"
)

// Write makes dir, if it is not there, and writes b into it: dir is the
// backup's own folder, not the one that holds backups. What lies in dir and b
// has no file of that name for stays.
func Write(dir string, b Backup) error {
	if err := write(dir, b.withDefaults()); err != nil {
		return fmt.Errorf("write backup %s: %w", dir, err)
	}
	return nil
}

func write(dir string, b Backup) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	keys, err := newKeyring(b)
	if err != nil {
		return err
	}
	w := &writer{
		root: root, b: b, keys: keys,
		rnd: newRand("files", b.UDID, b.Password, b.Date.String()),
		buf: make([]byte, 256<<10),
	}
	if b.Generation == MBDB {
		w.index, err = newMBDB(root, b)
	} else {
		w.index, err = newManifestDB(dir, root, b, keys, w.rnd)
	}
	if err != nil {
		return err
	}
	for f := range b.Rows() {
		if err := w.add(f); err != nil {
			w.index.close()
			return fmt.Errorf("%s %q: %w", f.Domain, f.Path, err)
		}
	}
	manifestKey, err := w.index.close()
	if err != nil {
		return err
	}
	return writePlists(root, b, keys, manifestKey)
}

// An index is the list of rows in one of its forms.
type index interface {
	add(*row) error

	// close ends the list. manifestKey is what Manifest.plist tells of its
	// own key, nil when it has none.
	close() (manifestKey []byte, err error)
}

type writer struct {
	root   *os.Root
	b      Backup
	keys   *keyring
	rnd    *rand.ChaCha8
	index  index
	buf    []byte
	shards [256]bool // folders that are there
	inode  uint64
}

// add writes a file's blob, then its row.
func (w *writer) add(f File) error {
	w.inode++
	r := &row{
		File:    f,
		id:      f.ID(),
		class:   f.Class,
		modTime: w.b.Date.Add(-24 * time.Hour).Unix(),
		userID:  or(f.UserID, 501), groupID: or(f.GroupID, 501),
		inode: or(f.Inode, 50000+w.inode),
	}
	if !f.ModTime.IsZero() {
		r.modTime = f.ModTime.Unix()
	}
	r.changed, r.birth = r.modTime, r.modTime
	if !f.Changed.IsZero() {
		r.changed = f.Changed.Unix()
	}
	if !f.Birth.IsZero() {
		r.birth = f.Birth.Unix()
	}
	switch {
	case f.rawXattrs != nil:
		r.xattrs = f.rawXattrs
	case len(f.Xattrs) > 0:
		var err error
		if r.xattrs, err = plist.Marshal(f.Xattrs, plist.BinaryFormat); err != nil {
			return fmt.Errorf("encode extended attributes: %w", err)
		}
	}
	if f.mode()&typeBits == typeFile && !f.Null {
		if err := w.addContent(r); err != nil {
			return err
		}
	}
	return w.index.add(r)
}

// addContent gives a regular file its key, blob, size and digest.
func (w *writer) addContent(r *row) error {
	r.class = or(r.Class, 3)
	var block cipher.Block
	if w.b.Encrypted() && !r.Unkeyed {
		key := random(w.rnd, 32)
		block = mustAES(key)
		r.key = w.keys.wrap(r.class, key)
	}
	if r.Key != nil {
		r.key = r.Key
	}
	hash := sha1.New()
	size, err := w.writeBlob(r, block, hash)
	if err != nil {
		return fmt.Errorf("write blob %s: %w", r.id, err)
	}
	r.size = size + r.SizeDelta
	switch {
	case r.Digest != nil:
		r.digest = r.Digest
	case r.Blob == Hole || r.Blob == Absent && r.Content == nil: // nobody knows it
	case w.b.Generation == MBDB || hasDigests(r.Domain):
		r.digest = hash.Sum(nil)
	}
	return nil
}

// writeBlob writes what the backup stores of a file, and the same to hash. It
// returns the size of the content. block is nil in a plain backup.
func (w *writer) writeBlob(r *row, block cipher.Block, hash io.Writer) (int64, error) {
	if r.Blob == Absent || !isFileID(r.id) {
		_, err := w.copy(io.Discard, hash, bytes.NewReader(r.Content), block, block, r.Padding)
		return r.length(), err
	}
	name := r.id
	if w.b.Generation != MBDB && !w.b.FlatBlobs {
		if err := w.shard(r.id); err != nil {
			return 0, err
		}
		name = path.Join(r.id[:2], r.id)
	}
	out, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return 0, err
	}
	size, err := w.fillBlob(out, r, block, hash)
	return size, errors.Join(err, out.Close())
}

func (w *writer) fillBlob(out *os.File, r *row, block cipher.Block, hash io.Writer) (int64, error) {
	size := r.length()
	stored := block
	if w.b.ClearBlobs {
		stored = nil
	}
	switch r.Blob {
	case Tiny:
		_, err := w.copy(out, hash, bytes.NewReader(nil), block, stored, r.Padding)
		return size, err
	case Hole:
		if stored == nil {
			return size, out.Truncate(size)
		}
		rest := size % aes.BlockSize
		last := padded(make([]byte, rest), r.Padding)
		if len(last) == 0 {
			return size, out.Truncate(size)
		}
		// The block before it is zeros, so that it is encrypted by itself.
		block.Encrypt(last, last)
		_, err := out.WriteAt(last, size-rest)
		return size, err
	}
	return w.copy(out, hash, r.Open(), block, stored, r.Padding)
}

// copy writes content to out as it is stored, and to hash as the phone sent it.
// The two differ when another program has decrypted the backup.
func (w *writer) copy(out, hash io.Writer, content io.Reader, sent, stored cipher.Block, pad Padding) (int64, error) {
	switch {
	case sent == nil:
		return io.CopyBuffer(io.MultiWriter(out, hash), content, w.buf)
	case stored == nil:
		return encryptStream(hash, io.TeeReader(content, out), sent, pad, w.buf)
	}
	return encryptStream(io.MultiWriter(out, hash), content, sent, pad, w.buf)
}

// shard makes the folder that a blob lies in.
func (w *writer) shard(id string) error {
	n, err := hex.DecodeString(id[:2])
	if err != nil || w.shards[n[0]] {
		return err
	}
	w.shards[n[0]] = true
	if err := w.root.Mkdir(id[:2], 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

func isFileID(id string) bool {
	_, err := hex.DecodeString(id)
	return err == nil && len(id) == 40 && strings.ToLower(id) == id
}

// digestDomains are the domains whose files an iPhone on iOS 14.3 sent with a
// digest.
var digestDomains = []string{
	"HomeDomain", "RootDomain", "HealthDomain", "WirelessDomain", "SystemPreferencesDomain", "DatabaseDomain",
	"HomeKitDomain", "InstallDomain", "ManagedPreferencesDomain", "KeyboardDomain", "KeychainDomain",
}

func hasDigests(domain string) bool { return slices.Contains(digestDomains, domain) }

// create opens a file of the backup for writing through a buffer; flush ends it.
func create(root *os.Root, name string) (w *bufio.Writer, flush func() error, err error) {
	f, err := root.Create(name)
	if err != nil {
		return nil, nil, err
	}
	w = bufio.NewWriterSize(f, 256<<10)
	return w, func() error { return errors.Join(w.Flush(), f.Close()) }, nil
}

package backupfmt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"strings"
)

// A File is the content of one row: plaintext at any offset, at the same cost.
type File struct {
	io.ReaderAt
	host *hostFile // nil for a file that has no content
	size int64
	same bool // the host's file is the content

	damage error
}

// Size is the exact number of bytes that reading gives.
func (f *File) Size() int64 { return f.size }

// Damage is nil for content that is whole, as far as its end and its length can
// tell; damaged content that is not known to be cut is read all the same. It is
// ErrDamaged.
func (f *File) Damage() error { return f.damage }

// Close closes the blob.
func (f *File) Close() error {
	if f.host == nil {
		return nil
	}
	return f.host.Close()
}

// Fd is the descriptor of a host file whose bytes are the content, if there is
// such a one.
func (f *File) Fd() (uintptr, bool) {
	if !f.same {
		return 0, false
	}
	return f.host.Fd()
}

// ErrNoBlob is a file whose row is there, but not its content.
var ErrNoBlob = errors.New("its blob is missing from the backup")

// Open opens the content of a file. What cannot be read whole is an error: a
// blob that is missing (ErrNoBlob; an empty file needs none) or cut (ErrDamaged),
// a key that cannot be unwrapped, or an I/O error.
func (b *Backup) Open(ctx context.Context, e Entry) (*File, error) {
	if err := b.ready(); err != nil {
		return nil, err
	}
	n, err := b.node(ctx, e)
	if err != nil {
		return nil, err
	}
	if n.mode&modeType != modeFile {
		return nil, fmt.Errorf("entry %d is no file: %w", e, iofs.ErrInvalid)
	}
	f, err := b.openContent(n)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", hexID(n.fileID), err)
	}
	b.learnSize(n, f.size, f.damage != nil)
	return f, nil
}

func (b *Backup) openContent(n *node) (*File, error) {
	recorded := n.recorded()
	host, err := b.openBlob(n.fileID)
	if errors.Is(err, iofs.ErrNotExist) {
		if recorded == 0 {
			return &File{ReaderAt: strings.NewReader("")}, nil
		}
		return nil, ErrNoBlob
	}
	if err != nil {
		return nil, err
	}
	f := &File{ReaderAt: host, host: host, size: host.size, same: true}
	if !b.ciphertext(n) {
		if n.isDamaged() || short(n, f.size) {
			f.damage = fmt.Errorf("%w: it is shorter than the manifest tells", ErrDamaged)
		}
		return f, nil
	}
	r, err := b.decrypt(n, host, recorded)
	if err == nil {
		err = cut(n, r, host.size)
	}
	if err != nil {
		host.Close()
		return nil, err
	}
	f.ReaderAt, f.size, f.same = r, r.Size(), false
	switch {
	case r.padding == paddingOdd:
		f.damage = fmt.Errorf("%w: its blob has %d bytes, no multiple of 16", ErrDamaged, host.size)
	case n.isDamaged():
		f.damage = fmt.Errorf("%w: it has not its recorded length", ErrDamaged)
	case r.padding == paddingBad && r.Size() != recorded && n.flags&database == 0:
		f.damage = fmt.Errorf("%w: it ends without padding after %d bytes, and should have %d", ErrDamaged, f.size, recorded)
	case r.padding == paddingBad && r.noise:
		f.damage = fmt.Errorf("%w: its end does not decrypt to padding", ErrDamaged)
	}
	return f, nil
}

// short reports content in the clear that has not all of its recorded length. It
// may be that the phone told a wrong one.
func short(n *node, size int64) bool { return size < n.recorded() && n.flags&database == 0 }

// cut is ErrDamaged for a blob that ends before the content does. It had
// padding when the phone sent it, and what has none is not at its end; how long
// a database was, only that padding tells.
func cut(n *node, r *plainReader, length int64) error {
	recorded := n.recorded()
	if length == 0 && recorded > 0 || r.padding != paddingGood && r.Size() < recorded && n.flags&database == 0 {
		return fmt.Errorf("%w after %d of %d bytes", errCut, r.Size(), recorded)
	}
	return nil
}

var errCut = fmt.Errorf("%w: its blob is cut", ErrDamaged)

func (b *Backup) decrypt(n *node, host *hostFile, recorded int64) (*plainReader, error) {
	if n.flags&badKey != 0 {
		return nil, errNoKey
	}
	key, err := b.unwrap(n.class, n.key[:])
	if err != nil {
		return nil, err
	}
	defer clear(key[:])
	return newPlainReader(host, host.size, key[:], recorded)
}

// ciphertext reports that a file's blob is encrypted.
func (b *Backup) ciphertext(n *node) bool {
	return b.encrypted && n.flags&(hasKey|badKey) != 0
}

// openBlob opens a blob where this backup keeps them, or else where another
// generation would.
func (b *Backup) openBlob(id [20]byte) (*hostFile, error) {
	var f *hostFile
	err := b.atBlob(id, func(name string) (err error) {
		f, err = openRegular(b.fsys, name)
		return err
	})
	return f, err
}

// statBlob is what the host tells of a blob.
func (b *Backup) statBlob(id [20]byte) (st stat, err error) {
	err = b.atBlob(id, func(name string) error {
		st, err = statOf(b.fsys, name)
		return err
	})
	return st, err
}

// A stat is what the host tells of a file that is not open.
type stat struct {
	mode iofs.FileMode // its type, and who may do what
	size int64         // bytes
}

// A statter tells it with less work than Stat. A walk over a backup asks for every blob.
type statter interface {
	stat(name string) (stat, error)
}

func statOf(fsys iofs.FS, name string) (stat, error) {
	if s, ok := fsys.(statter); ok {
		return s.stat(name)
	}
	fi, err := iofs.Stat(fsys, name)
	if err != nil {
		return stat{}, err
	}
	return stat{fi.Mode(), fi.Size()}, nil
}

func (b *Backup) atBlob(id [20]byte, do func(name string) error) error {
	name := hexID(id)
	l := b.layout()
	err := do(blobPath(name, l.flat))
	if l.mixed && errors.Is(err, iofs.ErrNotExist) {
		return do(blobPath(name, !l.flat))
	}
	return err
}

func blobPath(name string, flat bool) string {
	if flat {
		return name
	}
	return name[:2] + "/" + name
}

// size is the size of a file: exact once it is known, and always where the
// recorded one cannot be trusted. What the phone recorded for a database is
// often wrong, as it was in use.
//
// For ciphertext the recorded size stands where the blob is 1 to 16 bytes
// longer and a multiple of 16; else, and for databases, its last block tells.
func (b *Backup) size(n *node) int64 {
	if size, ok := n.exact(); ok {
		return size
	}
	recorded := max(n.recorded(), 0)
	blob, err := b.statBlob(n.fileID)
	size := blob.size
	switch {
	case errors.Is(err, iofs.ErrNotExist):
		size = recorded
	case err != nil:
		return recorded
	case b.ciphertext(n):
		pad := size - recorded
		if pad >= 1 && pad <= 16 && size%16 == 0 && n.flags&database == 0 {
			size = recorded
			break
		}
		f, err := b.openContent(n)
		if err != nil {
			return recorded
		}
		defer f.Close()
		b.learnSize(n, f.size, f.damage != nil)
		return f.size
	}
	b.learnSize(n, size, !b.ciphertext(n) && short(n, size))
	return size
}

// learned is the exact size of a file whose recorded one is another.
type learned struct {
	size    int64
	damaged bool
}

// learnSize keeps what a file's size turned out to be, also for an index that
// is built anew.
func (b *Backup) learnSize(n *node, size int64, damaged bool) {
	if size != n.recorded() {
		b.sizes.Store(n.entry, learned{size, damaged})
	}
	n.setExact(size, damaged)
}

// databaseFlag is set for the path of a database.
func databaseFlag(path []byte) nodeFlags {
	name := path[bytes.LastIndexByte(path, '/')+1:]
	switch ext := string(name[max(bytes.LastIndexByte(name, '.'), 0):]); {
	case ext == ".db", ext == ".storedata", strings.HasPrefix(ext, ".sqlite"):
		return database
	}
	return 0
}

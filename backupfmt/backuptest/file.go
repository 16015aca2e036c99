package backuptest

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"io"
	iofs "io/fs"
	"iter"
	"time"
)

// Folder is the File.Mode of a common folder.
const Folder = 0o040755

// The type bits of File.Mode, and its defaults.
const (
	typeBits   = 0o170000
	typeDir    = 0o040000
	typeFile   = 0o100000
	typeLink   = 0o120000
	commonFile = 0o100644
	commonLink = 0o120755
)

// A File is one row of the manifest: a file, a folder or a link.
type File struct {
	Domain string
	Path   string // "" is the domain's own folder
	Mode   uint16 // st_mode with its type bits; 0 is 0100644, or 0120755 with a Target

	Content []byte
	Source  func() io.Reader // in place of Content, for what is too big to hold
	Size    int64            // of a file whose content is nowhere: see Blob
	Blob    Blob

	Target                  string    // a link's, as the phone has it
	ModTime, Changed, Birth time.Time // ModTime zero is a day before the backup, the others zero are ModTime; seconds
	UserID, GroupID         int64     // 0 is 501
	Inode                   uint64    // 0 is the next one
	Class                   uint8     // protection class; 0 is 3 for a file, none for others. One that the keybag lacks gives a key that nothing unwraps
	Xattrs                  map[string][]byte

	// What follows is what no sound backup has.

	SizeDelta int64   // is added to the size that the row tells
	Padding   Padding // of the encrypted blob
	Digest    []byte  // in place of the blob's SHA-1
	Key       []byte  // in place of the 44 bytes of class and wrapped key
	Unkeyed   bool    // no key, and the blob plain, in an encrypted backup
	Record    []byte  // in place of the metadata; empty but not nil is an empty one
	FileID    string  // in place of the SHA-1 of domain and path; no blob is written when it is not 40 hex digits
	Flags     int     // in place of 1 file, 2 folder, 4 link
	RowID     int64   // in place of the row's number, which is its place in Rows, from 1
	Bare      bool    // no rows for the folders that it lies in; see Backup.Bare
	Null      bool    // every column NULL but fileID and flags (FC-03)

	rawXattrs []byte // in place of the property list of Xattrs
}

// Blob says what of a file's content is there.
type Blob int

const (
	Whole  Blob = iota
	Absent      // no blob, as in a partial copy
	Tiny        // the blob of an empty file
	Hole        // a sparse blob of the right length whose last block has the right padding
)

// Padding says how an encrypted blob ends.
type Padding int

const (
	PKCS7      Padding = iota
	ZeroPad            // zeros up to a whole block, none when it is one
	BadPadding         // as long as PKCS#7, but 0x00 at the end
	Ragged             // five bytes more after PKCS#7
)

// FileID is the name of a file's blob: the SHA-1 of domain-path, in hex.
func FileID(domain, path string) string {
	sum := sha1.Sum([]byte(domain + "-" + path))
	return hex.EncodeToString(sum[:])
}

// ID is the fileID of the row.
func (f File) ID() string {
	if f.FileID != "" {
		return f.FileID
	}
	return FileID(f.Domain, f.Path)
}

// IsDir says whether the row is a folder.
func (f File) IsDir() bool { return f.mode()&typeBits == typeDir }

// IsLink says whether the row is a symbolic link.
func (f File) IsLink() bool { return f.mode()&typeBits == typeLink }

// Open gives the content, however the file has it.
func (f File) Open() io.Reader {
	if f.Source != nil {
		return f.Source()
	}
	return bytes.NewReader(f.Content)
}

func (f File) mode() uint16 {
	switch {
	case f.Mode != 0:
		return f.Mode
	case f.Target != "":
		return commonLink
	}
	return commonFile
}

// size is the content's length where it is known without reading it.
func (f File) length() int64 {
	if f.Content != nil {
		return int64(len(f.Content))
	}
	return f.Size
}

// A place is where a row is in the tree.
type place struct{ domain, path string }

func (f File) place() place { return place{f.Domain, f.Path} }

// folders are the places that have a row or need none.
type folders map[place]bool

// add says whether a folder had no row so far.
func (s folders) add(dir File) bool {
	known := s[dir.place()]
	s[dir.place()] = true
	return !known
}

// addParents yields a row for each folder that f lies in and that has none.
// It is false when yield was.
func (s folders) addParents(f File, yield func(File) bool) bool {
	for dir := range f.parents() {
		if row := (File{Domain: dir.domain, Path: dir.path, Mode: Folder}); s.add(row) && !yield(row) {
			return false
		}
	}
	return true
}

// parents yields the folders that a row with a sound name lies in, outermost
// first. A row with an unsound one has none.
func (f File) parents() iter.Seq[place] {
	return func(yield func(place) bool) {
		if f.Null || f.Domain == "" || f.Path == "" || f.Path == "." || !iofs.ValidPath(f.Path) {
			return
		}
		if !yield(place{f.Domain, ""}) {
			return
		}
		for i := range len(f.Path) {
			if f.Path[i] == '/' && !yield(place{f.Domain, f.Path[:i]}) {
				return
			}
		}
	}
}

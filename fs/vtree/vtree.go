// Package vtree is the seam between what a backup holds and the programs that
// show it: a read-only tree whose entries have numbers.
//
// A snapshot, each view of it, and the whole mount are Trees. The FUSE server
// serves any Tree by its numbers; FS shows any Tree as an io/fs file system,
// for ls, cat, export and tests. The package knows neither backups nor FUSE.
package vtree

import (
	"context"
	"errors"
	"io"
	iofs "io/fs"
	"iter"
	"time"
)

// An ID is the number of an entry in its tree.
//
// The trees that make up a mount have numbers below 2^32; the outer tree adds
// the snapshot and the tree above them: snapshot<<40 | tree<<32 | entry. No
// number reaches 2^63: the FUSE server keeps that bit for itself.
type ID uint64

// A Tree is a read-only tree whose entries have numbers, the same each time
// the tree is made from the same input. No two entries share a number unless
// they are the same file. All methods may be called side by side.
//
// An ID that the tree never gave out is iofs.ErrNotExist. A context that ends
// ends the call, with its error; nothing else of the call is kept.
type Tree interface {
	// Root is the tree's own folder.
	Root() ID

	// Parent is the folder an entry lies in. The root is its own parent.
	Parent(ctx context.Context, id ID) (ID, error)

	// Lookup finds one child by its name: iofs.ErrNotExist when the folder has
	// none of that name, ErrNotDir when dir is no folder.
	Lookup(ctx context.Context, dir ID, name string) (ID, error)

	// ReadDir yields the children of a folder from position from on, in an
	// order that does not change, until yield returns false. The mode that it
	// yields has the type bits alone, and they equal those of Attr.
	ReadDir(ctx context.Context, dir ID, from int, yield func(name string, id ID, m iofs.FileMode) bool) error

	// Attr is the metadata of an entry. It may do I/O.
	Attr(ctx context.Context, id ID) (Attr, error)

	// Open opens a file. The reader's Size is exact, and so is every later
	// Attr of that entry.
	Open(ctx context.Context, id ID) (File, error)

	// ReadLink is the text of a symbolic link.
	ReadLink(ctx context.Context, id ID) (string, error)

	// Xattrs yields the extended attributes of an entry, by names without a
	// platform's prefix: "ibfs.domain", "ios.com.apple.assetsd.UUID".
	Xattrs(ctx context.Context, id ID) (iter.Seq2[string, []byte], error)
}

// Attr is the metadata of one entry.
type Attr struct {
	Mode    iofs.FileMode // type and permission bits
	Size    int64         // bytes: what reading gives, or the length of a link's text
	ModTime time.Time     // zero when unknown

	// Volatile marks an entry that can change while the tree is served: its
	// listing, its attributes, or that it is there at all.
	Volatile bool
}

// A File is the content of one file. ReadAt may be called side by side.
type File interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// A Backed file's bytes are those of an open host file from its first to its
// last, so that a kernel can read that file in its place. The descriptor is
// valid until Close.
type Backed interface {
	File
	Fd() uintptr
}

// Damage is what is known to be wrong with the content of a file that opened, nil
// where nothing is: of a file that has a method of that name, what that tells.
func Damage(f File) error {
	if d, ok := f.(interface{ Damage() error }); ok {
		return d.Damage()
	}
	return nil
}

// A Changer is a Tree of which something can change while it is served.
type Changer interface {
	Tree

	// OnChange sets the function that is told of each change, after the tree
	// shows it. It must not call back into the tree.
	OnChange(func(Change))
}

// A Change says what is no longer as it was. With a Name it is the entry of
// that name in Dir, which came, went or became another; without one it is the
// listing and the attributes of Dir itself.
type Change struct {
	Dir  ID
	Name string
}

// Errors that a Tree returns beside those of io/fs.
var (
	ErrNotDir = errors.New("not a folder")
	ErrIsDir  = errors.New("is a folder")
	ErrNoLink = errors.New("not a symbolic link")
)

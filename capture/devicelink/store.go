package devicelink

import (
	"context"
	"io"
	"time"
)

// A Store is the folder that the phone works on. It checks the paths: they are
// as the phone gave them. They lie beneath the folder that holds the backup's own,
// with "/" between components.
//
// Errors that wrap a syscall.Errno or [ErrRefused] reach the phone as what they
// are ([Code]); io/fs.ErrNotExist stands for a path that is not there. What can take long ends with its context.
type Store interface {
	// Open opens a file for reading.
	Open(path string) (io.ReadCloser, error)

	// Create makes a file anew, in a folder that need not be there yet. Nothing of
	// it shows at path before it is committed.
	Create(path string) (Writer, error)

	// FreeSpace is how many bytes the phone may still send.
	FreeSpace() (uint64, error)

	// List gives the entries of a folder until yield has an error.
	List(path string, yield func(Entry) error) error

	// MakeDir makes a folder, and those around it. One that is there is no error.
	MakeDir(path string) error

	// Move moves a file or a folder to where another may be, which it replaces.
	Move(ctx context.Context, from, to string) error

	// Remove removes a file, or a folder with all in it. One that is not there is no error.
	Remove(ctx context.Context, path string) error

	// Copy copies a file, or a folder with all in it.
	Copy(ctx context.Context, from, to string) error
}

// A FolderMover is a Store that can move all files of a folder as one.
type FolderMover interface {
	// MoveFolder moves the files of these names from a folder to another, if they
	// are all that is in the one, and nothing is in the other. Else it does nothing
	// and says so.
	MoveFolder(from, to string, names []string) (moved bool, err error)
}

// A Writer is a file that is on its way. It ends by Commit or Discard.
type Writer interface {
	io.Writer
	Commit() error

	// Discard removes the file. Where that takes long, and ctx has ended, it can be
	// left for later: it never shows.
	Discard(ctx context.Context)
}

// An Entry is a file or a folder in a listing.
type Entry struct {
	Name    string
	Kind    Kind
	Size    int64 // bytes
	ModTime time.Time
}

// Kind is what an entry is, in the words of the wire.
type Kind string

// The kinds of entries.
const (
	Regular   Kind = "DLFileTypeRegular"
	Directory Kind = "DLFileTypeDirectory"
	Unknown   Kind = "DLFileTypeUnknown"
)

// Package mountpoint looks at a folder before something is mounted on it, and
// at who uses it when it shall be unmounted.
//
// What stands in the way is told as an *Error: the kind, for the program, and
// advice, for the person. The package knows the mount table and /proc, no
// backups and no FUSE server.
package mountpoint

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"ibfs/fs"
)

// ErrUnusable is what every *Error is, beside its kind.
var ErrUnusable = errors.New("the folder cannot be used")

// Kinds of what stands in the way of a mount.
var (
	errMissing   = errors.New("there is no such folder, and none can be made")
	errNotFolder = errors.New("it is not a folder")
	errNotEmpty  = errors.New("the folder is not empty")
	ErrMounted   = errors.New("backups are mounted there already")
	errOccupied  = errors.New("something else is mounted there already")
	errDead      = errors.New("a mount whose program has died is still there")
	errOverlap   = errors.New("the folder and the backups lie in each other")
	ErrNotYours  = errors.New("the mount is another user's")
	ErrNotOurs   = errors.New("nothing of ibfs is mounted there")
)

// An Error says what stands in the way at a path, and what to do about it.
type Error struct {
	Path   string
	Kind   error // one of the above, perhaps with a cause
	advice string
}

func (e *Error) Error() string { return e.Path + ": " + e.Kind.Error() }
func (e *Error) Unwrap() error { return e.Kind }

// Is reports that an Error is ErrUnusable.
func (e *Error) Is(target error) bool { return target == ErrUnusable }

// Hint is what a person can do.
func (e *Error) Hint() string { return e.advice }

// A Point is a folder that can be mounted on.
type Point struct {
	Path    string // absolute, without links
	Missing bool   // Make makes the folder
	Dead    bool   // Make takes away what a mount of ibfs left that died

	made bool
}

// Check looks whether a folder can be mounted on; backups are the folders that
// are backups or are searched for them. It changes nothing, and does not enter
// a folder that the automounter keeps: that would wait for the mount to be.
func Check(path string, backups []string) (*Point, error) {
	table, err := mounts()
	if err != nil {
		return nil, fmt.Errorf("read the mount table: %w", err)
	}
	return check(path, backups, table)
}

func check(path string, backups []string, table []Mount) (*Point, error) {
	_, isLink := linkTarget(filepath.Clean(path))
	path, err := Resolve(path)
	if err != nil {
		return nil, &Error{Path: path, Kind: err, advice: "name a folder that can be reached"}
	}
	p := &Point{Path: path}
	if err := overlap(path, backups); err != nil {
		return nil, err
	}
	top, mounted := topmost(table, path)
	automount := mounted && top.Type == "autofs"
	if mounted && !automount {
		return p, p.occupied(top)
	}

	info, err := os.Stat(path)
	switch {
	case errors.Is(err, iofs.ErrNotExist) && isLink:
		return nil, &Error{Path: path, Kind: errMissing, advice: "make the folder that the link leads to first"}
	case errors.Is(err, iofs.ErrNotExist):
		p.Missing = true
		return p, parentOf(path)
	case err != nil:
		return nil, &Error{Path: path, Kind: reason(err), advice: "name a folder that can be reached"}
	case !info.IsDir():
		return nil, &Error{Path: path, Kind: errNotFolder, advice: "name an empty folder, or one that is not there yet"}
	case automount:
		return p, nil
	}
	if err := empty(path); err != nil {
		return nil, err
	}
	return p, nil
}

// occupied says what to do about a mount that is there: nothing stands in the
// way if it is one of ibfs that died.
func (p *Point) occupied(m Mount) error {
	dead := m.dead()
	switch {
	case dead && m.ours():
		p.Dead = true
		return nil
	case dead:
		return &Error{Path: p.Path, Kind: errDead, advice: fmt.Sprintf("`fusermount3 -u %s` takes it away", quote(p.Path))}
	case m.ours():
		return &Error{Path: p.Path, Kind: ErrMounted, advice: fmt.Sprintf("look into it, or end it with `ibfs unmount %s`", quote(p.Path))}
	}
	return &Error{Path: p.Path, Kind: fmt.Errorf("%w (%s)", errOccupied, m.Type), advice: "unmount that, or name another folder"}
}

// Make makes the point ready: the folder if there is none, of which the parent
// must be there, and free of what died on it.
func (p *Point) Make() error {
	if p.Dead {
		if err := fs.Detach(p.Path); err != nil {
			return &Error{Path: p.Path, Kind: fmt.Errorf("%w: %w", errDead, err), advice: fmt.Sprintf("try `fusermount3 -u -z %s`", quote(p.Path))}
		}
		if info, err := os.Stat(p.Path); err != nil || !info.IsDir() {
			return &Error{Path: p.Path, Kind: errNotFolder, advice: "name another folder"}
		}
		p.Dead = false
		return empty(p.Path)
	}
	if !p.Missing {
		return nil
	}
	if err := os.Mkdir(p.Path, 0o700); err != nil {
		return &Error{Path: p.Path, Kind: fmt.Errorf("%w: %w", errMissing, reason(err)), advice: "name a folder where you may make one"}
	}
	p.Missing, p.made = false, true
	return nil
}

// Own makes the folder one that Remove removes, as if Make had made it.
func (p *Point) Own() { p.made = true }

// Made reports that Make made the folder.
func (p *Point) Made() bool { return p.made }

// Remove removes the folder, once nothing is mounted on it, if Make made it. A
// folder that was there before stays, and so does one that is no longer empty.
func (p *Point) Remove() error {
	if !p.made {
		return nil
	}
	p.made = false
	err := os.Remove(p.Path)
	if errors.Is(err, iofs.ErrNotExist) || errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EEXIST) {
		return nil
	}
	return err
}

func parentOf(path string) error {
	parent := filepath.Dir(path)
	if info, err := os.Stat(parent); err != nil || !info.IsDir() {
		return &Error{Path: path, Kind: errMissing, advice: fmt.Sprintf("make the folder %s first", parent)}
	}
	return nil
}

// empty refuses a folder that holds anything: its files would be out of reach.
func empty(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return &Error{Path: path, Kind: reason(err), advice: "name a folder of your own"}
	}
	defer f.Close()
	names, err := f.Readdirnames(1)
	if len(names) > 0 {
		return &Error{Path: path, Kind: errNotEmpty, advice: "name an empty folder, or one that is not there yet; ibfs makes it"}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return &Error{Path: path, Kind: reason(err), advice: "name a folder of your own"}
	}
	return nil
}

// reason is an error without the path that the Error around it names.
func reason(err error) error {
	var p *iofs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// quote makes a path safe to paste into a shell.
func quote(path string) string {
	plain := func(r rune) bool {
		return r == '/' || r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if strings.IndexFunc(path, func(r rune) bool { return !plain(r) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

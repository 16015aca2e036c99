// Package mountpoint checks the folder that a person wants to mount on, and
// finds out what is mounted and who uses it.
//
// It knows folders and the system's tables of mounts alone: nothing of backups
// but the folders that they lie in, and nothing of FUSE.
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
)

// A Problem is why a folder cannot be mounted on, and what to do about it.
type Problem struct {
	Path string
	Is   error // one of the errors below
	hint string
}

func (p *Problem) Error() string { return fmt.Sprintf("%s: %v", p.Path, p.Is) }
func (p *Problem) Unwrap() error { return p.Is }

// Hint says what to do.
func (p *Problem) Hint() string { return p.hint }

// Why a folder cannot be mounted on.
var (
	ErrNotFolder = errors.New("it is no folder")
	ErrNotEmpty  = errors.New("the folder is not empty")
	ErrMounted   = errors.New("something is mounted there already")
	ErrDead      = errors.New("a mount whose program has ended is still there")
	ErrOverlap   = errors.New("it lies in a backup, or a backup in it")
	ErrNotYours  = errors.New("you may not write to it")
)

// A Point is a folder that can be mounted on.
type Point struct {
	Path string // absolute, without links
	made bool
}

// Prepare checks the folder at path, and makes it when it is not there. places
// are the folders of the backups, which a mount must not lie in or cover.
func Prepare(path string, places []string) (*Point, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if m, ok := at(path); ok && m.Type != "autofs" {
		return nil, taken(path, m)
	}
	made := false
	switch err := os.Mkdir(path, 0o700); {
	case err == nil:
		made = true
	case errors.Is(err, iofs.ErrNotExist):
		return nil, fmt.Errorf("make the folder to mount on: %w", err)
	case !errors.Is(err, iofs.ErrExist):
		if _, statErr := os.Stat(path); statErr != nil {
			return nil, fmt.Errorf("make the folder to mount on: %w", err)
		}
	}
	p := &Point{Path: path, made: made}
	if err := p.check(places); err != nil {
		p.Discard()
		return nil, err
	}
	return p, nil
}

// Discard removes the folder where Prepare made it and nothing is in it.
func (p *Point) Discard() {
	if p.made {
		_ = os.Remove(p.Path) // what is in use or filled stays
	}
}

// Own makes the folder one that Discard removes, as if Prepare had made it.
func (p *Point) Own() { p.made = true }

// Made reports that Prepare made the folder.
func (p *Point) Made() bool { return p.made }

func (p *Point) check(places []string) error {
	real, err := filepath.EvalSymlinks(p.Path)
	if err != nil {
		if errors.Is(err, syscall.ENOTCONN) {
			return dead(p.Path)
		}
		return err
	}
	p.Path = real
	info, err := os.Stat(real)
	switch {
	case errors.Is(err, syscall.ENOTCONN):
		return dead(real)
	case err != nil:
		return err
	case !info.IsDir():
		return &Problem{real, ErrNotFolder, "name a folder, or one that is not there yet"}
	}
	if m, ok := at(real); ok && m.Type != "autofs" {
		return taken(real, m)
	}
	for _, place := range places {
		if overlap(real, place) {
			return &Problem{real, fmt.Errorf("%w: %s", ErrOverlap, place), "mount on another folder, such as ~/iphone"}
		}
	}
	return empty(real)
}

// empty refuses a folder with something in it, which the mount would hide.
func empty(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Readdirnames(1)
	switch {
	case err == nil:
		return &Problem{path, ErrNotEmpty, "mount on an empty folder, or on one that is not there yet"}
	case errors.Is(err, io.EOF):
		return nil
	}
	return err
}

// overlap reports that a mountpoint is a backup's folder, in one, or around
// one. A folder that only holds backups may also hold the mountpoint.
func overlap(point, place string) bool {
	real, err := filepath.EvalSymlinks(place)
	if err != nil {
		return false
	}
	return inside(real, point) || inside(point, real) && isBackup(real)
}

func inside(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

func isBackup(dir string) bool {
	for _, name := range []string{"Manifest.db", "Manifest.mbdb", "Manifest.plist"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

func dead(path string) error {
	return &Problem{path, ErrDead, fmt.Sprintf("remove it with: fusermount3 -u -z %s", quoted(path))}
}

func taken(path string, m Mount) error {
	if _, err := os.Stat(path); errors.Is(err, syscall.ENOTCONN) {
		return dead(path)
	}
	if m.Type == FSType {
		return &Problem{path, fmt.Errorf("%w: the backups in %s", ErrMounted, m.Source), fmt.Sprintf("use it, or end it with: ibfs unmount %s", quoted(path))}
	}
	return &Problem{path, fmt.Errorf("%w: %s", ErrMounted, m.Type), "mount on another folder"}
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,@", r))
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}

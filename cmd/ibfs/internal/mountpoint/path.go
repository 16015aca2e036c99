package mountpoint

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Resolve makes a path absolute and follows links, as the mount table has it.
// It does not ask the last folder, which may be a mount that hangs or died, and
// the last folders need not be there.
func Resolve(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path, err
	}
	for range 40 { // as many links as the kernel would follow
		parent, err := resolveFolder(filepath.Dir(abs))
		if err != nil {
			return abs, reason(err)
		}
		abs = filepath.Join(parent, filepath.Base(abs))
		target, isLink := linkTarget(abs)
		switch {
		case !isLink:
			return abs, nil
		case filepath.IsAbs(target):
			abs = target
		default:
			abs = filepath.Join(parent, target)
		}
	}
	return abs, syscall.ELOOP
}

// linkTarget reads a link, which asks its folder alone.
func linkTarget(path string) (string, bool) {
	target, err := os.Readlink(path)
	return target, err == nil
}

func resolveFolder(dir string) (string, error) {
	real, err := filepath.EvalSymlinks(dir)
	if !errors.Is(err, iofs.ErrNotExist) || dir == filepath.Dir(dir) {
		return real, err
	}
	parent, err := resolveFolder(filepath.Dir(dir))
	return filepath.Join(parent, filepath.Base(dir)), err
}

// overlap refuses a folder inside or around one with backups: the mount would
// show itself, or hide what it shows.
func overlap(path string, backups []string) error {
	for _, b := range backups {
		real, err := filepath.EvalSymlinks(b)
		if err != nil {
			continue // what is not there is nobody's way
		}
		if within(path, real) {
			return &Error{Path: path, Kind: fmt.Errorf("%w: it is part of %s", errOverlap, b), advice: "mount on a folder outside of those with backups"}
		}
		if within(real, path) {
			return &Error{Path: path, Kind: fmt.Errorf("%w: it holds %s", errOverlap, b), advice: "mount on a folder beside those with backups"}
		}
	}
	return nil
}

// Within says whether a path lies in one of some folders, by whatever links.
func Within(path string, dirs []string) bool {
	path, err := Resolve(path)
	return err == nil && slices.ContainsFunc(dirs, func(dir string) bool {
		dir, err := Resolve(dir)
		return err == nil && within(path, dir)
	})
}

// within says whether path is dir or lies in it. Both are absolute and clean.
func within(path, dir string) bool {
	return path == dir || dir == "/" || strings.HasPrefix(path, dir+"/")
}

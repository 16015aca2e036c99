package mobilebackup2

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"slices"
	"strings"
)

// MoveFolder moves the files of these names by one rename of their folder, if they are
// all that is in it and the other is empty or not there. The folder is there again
// afterwards, and empty.
func (t *Tree) MoveFolder(from, to string, names []string) (moved bool, err error) {
	if len(names) == 0 || from == t.udid || to == t.udid || from == to {
		return false, nil
	}
	// What is refused here, or fails, is told by the moves one by one.
	allowed := errors.Join(checkPair(t.udid, from, to), checkPath(t.udid, to+"/"+names[0])) == nil
	t.dirs.room()
	if moved = allowed && t.holds(from, names) && t.move(from, to) == nil; !moved {
		return false, nil
	}
	t.dirs.forget()
	if _, err := t.dirs.at(from, true); err != nil {
		return true, fmt.Errorf("make a folder anew that was moved: %w", err)
	}
	return true, nil
}

// holds tells whether a folder holds files of these names and nothing else.
func (t *Tree) holds(folder string, names []string) bool {
	at, err := t.dirs.at(folder, false)
	if err != nil {
		return false
	}
	var there []string
	err = entries(at, func(e iofs.DirEntry) error {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ownPrefix) || len(there) == len(names) {
			return errors.ErrUnsupported
		}
		there = append(there, e.Name())
		return nil
	})
	return err == nil && slices.Equal(slices.Sorted(slices.Values(names)), slices.Sorted(slices.Values(there)))
}

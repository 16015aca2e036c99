package mobilebackup2

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"slices"

	"ibfs/capture/devicelink"
	"ibfs/capture/devicelink/bplist"
)

// indexFiles are what a phone reads first. One without the others makes it end with
// 205 or 11 instead of starting anew.
var indexFiles = []string{"Status.plist", "Manifest.plist", "Manifest.db"}

// maxPlist bounds the Status.plist that is read here; real ones take 200 bytes.
const maxPlist = 1 << 20

// indexed counts the index files that are there and not empty.
func (t *Tree) indexed() (int, error) {
	n := 0
	err := t.List(t.udid, func(e devicelink.Entry) error {
		if e.Kind == devicelink.Regular && e.Size > 0 && slices.Contains(indexFiles, e.Name) {
			n++
		}
		return nil
	})
	if errors.Is(err, iofs.ErrNotExist) {
		err = nil
	}
	return n, err
}

// settle removes index files that are not all there, and says that it did: what
// they tell of is lost, and only a full backup makes up for it.
func (t *Tree) settle() (lost bool, err error) {
	n, err := t.indexed()
	if err != nil || n == len(indexFiles) {
		return false, err
	}
	for _, name := range indexFiles {
		if err := t.Remove(t.udid + "/" + name); err != nil {
			return false, err
		}
	}
	return n > 0, nil
}

// Finished tells why the tree is no finished backup, whatever the phone said: its
// index files must be there, and Status.plist must say so. The error wraps
// [ErrIncomplete].
func (t *Tree) Finished() error {
	n, err := t.indexed()
	if err != nil {
		return err
	}
	if n < len(indexFiles) {
		return fmt.Errorf("%w: Status.plist, Manifest.plist or Manifest.db is missing or empty", ErrIncomplete)
	}
	state, err := t.state()
	if err != nil {
		return fmt.Errorf("%w: Status.plist: %w", ErrIncomplete, err)
	}
	if state != "finished" {
		return fmt.Errorf("%w: Status.plist says %q", ErrIncomplete, state)
	}
	return nil
}

// state is SnapshotState of Status.plist.
func (t *Tree) state() (string, error) {
	f, err := t.Open(t.udid + "/Status.plist")
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPlist))
	if err != nil {
		return "", err
	}
	status, err := bplist.Parse(b)
	if err != nil {
		return "", err
	}
	state, _ := status.Get("SnapshotState").Text(100)
	return state, nil
}

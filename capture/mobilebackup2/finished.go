package mobilebackup2

import (
	"context"
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
func indexed(s devicelink.Store, udid string) (int, error) {
	n := 0
	err := s.List(udid, func(e devicelink.Entry) error {
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
func (t *Tree) settle(ctx context.Context) (lost bool, err error) {
	n, err := indexed(t, t.udid)
	if err != nil || n == len(indexFiles) {
		return false, err
	}
	for _, name := range indexFiles {
		if err := t.Remove(ctx, t.udid+"/"+name); err != nil {
			return false, err
		}
	}
	return n > 0, nil
}

// Finished tells why the tree is no finished backup, whatever the phone said: its
// index files must be there, and Status.plist must say so. The error wraps
// [ErrIncomplete].
func (t *Tree) Finished() error {
	err := finished(t, t.udid)
	if errors.Is(err, ErrUnfinished) {
		err = fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	return err
}

func finished(s devicelink.Store, udid string) error {
	n, err := indexed(s, udid)
	if err != nil {
		return err
	}
	if n < len(indexFiles) {
		return fmt.Errorf("%w: Status.plist, Manifest.plist or Manifest.db is missing or empty", ErrUnfinished)
	}
	state, err := snapshotState(s, udid)
	if err != nil {
		return fmt.Errorf("%w: Status.plist: %w", ErrUnfinished, err)
	}
	if state != "finished" {
		return fmt.Errorf("%w: Status.plist says %q", ErrUnfinished, state)
	}
	return nil
}

// snapshotState is SnapshotState of Status.plist.
func snapshotState(s devicelink.Store, udid string) (string, error) {
	f, err := s.Open(udid + "/Status.plist")
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

package main

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ibfs/backupfmt"
	"ibfs/capture/library"
)

var errNothingLeft = errors.New("no run has left anything")

// A keptDevice is a phone's part of a library.
type keptDevice struct {
	*library.Device
	udid, title string
}

// devicesCalled are the phones of the libraries that are looked into which a
// person names: by name, by UDID or its beginning, or by a path.
func (a *app) devicesCalled(who string) (found []keptDevice, err error) {
	places, err := a.lookIn()
	if err != nil {
		return nil, err
	}
	path := ""
	if isPath(who) {
		if path, err = filepath.Abs(who); err != nil {
			return nil, err
		}
		for dir := path; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			places = append(places, dir)
		}
	}
	slices.Sort(places)
	for _, place := range slices.Compact(places) {
		lib, err := library.Open(place, library.Options{Logger: a.logger()})
		if errors.Is(err, library.ErrNotLibrary) || errors.Is(err, iofs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		devices, err := lib.Devices()
		if err != nil {
			return nil, err
		}
		for _, d := range devices {
			one := keptDevice{d, filepath.Base(d.Dir()), filepath.Base(d.Dir())}
			info, err := d.Info()
			if err == nil && info.Name != "" {
				one.title = info.Name
			}
			in := path == d.Dir() || strings.HasPrefix(path, d.Dir()+string(filepath.Separator))
			if in || backupfmt.MatchUDID(one.udid, who) || typedName(one.title) == typedName(who) {
				found = append(found, one)
			}
		}
	}
	return found, nil
}

// typedName is a name as it is compared with what a person types.
func typedName(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), "\u2019", "'")
}

// dropUnfinished deletes what a backup of a phone has left that did not end well.
func (a *app) dropUnfinished(ctx context.Context, who string, yes bool) error {
	devices, err := a.devicesCalled(who)
	if err != nil {
		return err
	}
	devices = slices.DeleteFunc(devices, func(d keptDevice) bool {
		_, there, _ := d.Unfinished(ctx)
		return !there
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case len(devices) == 0:
		return about(who, errNothingLeft)
	case len(devices) > 1:
		return about(who, errSharedName)
	}
	d := devices[0]
	usage, _, err := d.Unfinished(ctx)
	switch {
	case err != nil:
		a.say("%s: what its last backup has left is deleted, in %s.", d.title, d.Dir())
	case usage.Exact:
		a.say("%s: what its last backup has left is deleted, in %s; that frees %s.", d.title, d.Dir(), humanSize(usage.Own))
	default:
		a.say("%s: what its last backup has left is deleted, in %s; that frees at most %s.", d.title, d.Dir(), humanSize(usage.Own))
	}
	if !yes {
		if err := a.confirm(ctx, "Delete it for good? Type yes: ", "yes"); err != nil {
			return err
		}
	}
	w, err := d.Lock(ctx)
	if err != nil {
		return about(d.title, err)
	}
	defer w.Close()
	if err := w.DropUnfinished(ctx); err != nil {
		if _, there, _ := d.Unfinished(ctx); !there {
			err = &deletedInPart{err}
		}
		return about(d.title, err)
	}
	if a.json {
		return printJSON(a.stdout, struct {
			Deleted string `json:"deleted"`
			Freed   int64  `json:"freed"`
		}{filepath.Join(d.Dir(), "incoming"), usage.Own})
	}
	_, err = fmt.Fprintf(a.stdout, "%s: the next backup begins from the last snapshot.\n", printable(d.title))
	return err
}

// goOnDeleting removes the rest of what earlier deletions have left of the phone
// that a backup is of, and says whether it was this backup that they took away: its
// name must then not stand for another.
func (a *app) goOnDeleting(ctx context.Context, name string) (gone bool, err error) {
	who, date, _ := strings.Cut(name, "@")
	if isPath(name) {
		who, date = name, filepath.Base(name)
	}
	devices, err := a.devicesCalled(who)
	if err != nil {
		a.logger().Debug("what earlier deletions have left is not known", "err", err)
		return false, nil
	}
	for _, d := range devices {
		left, err := d.Deleting()
		if err != nil || len(left) == 0 {
			continue
		}
		w, err := d.Lock(ctx)
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			return false, about(d.title, err)
		}
		a.say("%s: the rest of what an earlier delete left is removed.", d.title)
		gone = gone || slices.Contains(left, date)
	}
	return gone, nil
}

// isGone says whether a snapshot is no longer in its place.
func isGone(s library.Snapshot) bool {
	_, err := os.Lstat(s.Path)
	return errors.Is(err, iofs.ErrNotExist)
}

// A deletedInPart ended a deletion when what it is about was out of sight.
type deletedInPart struct{ error }

func (e *deletedInPart) Unwrap() error { return e.error }

func (e *deletedInPart) Hint() string {
	return "it is gone; the rest of its files goes with the next `ibfs delete` or `ibfs backup`"
}

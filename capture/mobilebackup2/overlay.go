package mobilebackup2

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"ibfs/capture/devicelink"
)

// An Overlay shows a phone a backup that is to be restored, and lets the phone work
// on it as on a folder of its own. The backup is only read. What the phone makes,
// moves, copies and removes is remembered here and costs no space, however large it
// is; what it writes goes into one file without a name, which ends with the process.
//
// The same paths are refused as by a [Tree]. An Overlay is used by one goroutine at
// a time.
type Overlay struct {
	udid    string
	top     *node    // the folder around the backup's
	nodes   int      // that were ever made
	backup  openDirs // beneath the backup's own folder
	scratch *os.File // what the phone has written
	end     int64    // of what is kept in it
	writing bool
	space   space
}

var _ devicelink.Store = (*Overlay)(nil)

// maxNodes bounds what is remembered of a phone's changes, to some 200 MB.
const maxNodes = 1 << 20

// scratchReserve is how many bytes of the volume of the scratch file stay free. That
// may be a small one in memory, and what a restore writes is little: its state.
const scratchReserve = 4 << 20

// OpenOverlay shows the backup in the folder of that root as the one of the phone
// udid, whatever that folder is called. root must stay open as long as the overlay.
func OpenOverlay(backup *os.Root, udid string) (*Overlay, error) {
	if err := checkPath(udid, udid); err != nil {
		return nil, fmt.Errorf("show the backup of %q: %w", udid, err)
	}
	o := &Overlay{udid: udid, top: &node{kind: made, below: map[string]*node{udid: {kind: inBackup}}}}
	var err error
	if o.scratch, err = os.CreateTemp("", ".ibfs-restore-"); err != nil {
		return nil, fmt.Errorf("make a file for what the phone may write: %w", err)
	}
	if err = os.Remove(o.scratch.Name()); err == nil {
		o.backup, err = newDirs(backup)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("show the backup: %w", err), o.scratch.Close())
	}
	o.space = space{volume: o.scratch, name: "the disk of the temporary folder " + os.TempDir(), reserve: scratchReserve}
	return o, nil
}

// Close forgets all that the phone did.
func (o *Overlay) Close() error { return errors.Join(o.scratch.Close(), o.backup.close()) }

// Finished tells why the backup is no finished one. The error wraps [ErrUnfinished].
func (o *Overlay) Finished() error { return finished(o, o.udid) }

// FreeSpace is how many bytes the phone may write.
func (o *Overlay) FreeSpace() (uint64, error) { return o.space.free() }

// look tells what is at a path.
func (o *Overlay) look(path string) (node, devicelink.Entry, error) {
	if err := checkPath(o.udid, path); err != nil {
		return node{}, devicelink.Entry{}, err
	}
	o.backup.room()
	n := o.find(path)
	_, name := split(path)
	e, err := o.entry(n, name)
	return n, e, err
}

// entry tells what a node is.
func (o *Overlay) entry(n node, name string) (devicelink.Entry, error) {
	e := devicelink.Entry{Name: name, Kind: devicelink.Directory, ModTime: n.changed}
	switch n.kind {
	case made:
		return e, nil
	case written:
		e.Kind, e.Size = devicelink.Regular, n.size
		return e, nil
	case inBackup:
		dir, name := split(n.path)
		if name == "" {
			name = "."
		}
		if strings.Count(n.path, "/") >= maxDepth {
			return e, fmt.Errorf("%w: deeper than %d", devicelink.ErrRefused, maxDepth)
		}
		at, err := o.backup.at(dir, false)
		if err != nil {
			return e, err
		}
		st, err := stat(at, name)
		return newEntry(e.Name, &st), err
	}
	return e, iofs.ErrNotExist
}

// Open opens a regular file.
func (o *Overlay) Open(path string) (io.ReadCloser, error) {
	n, _, err := o.look(path)
	switch {
	case err != nil:
		return nil, err
	case n.kind == made:
		return nil, unix.EISDIR
	case n.kind == written:
		return io.NopCloser(io.NewSectionReader(o.scratch, n.at, n.size)), nil
	}
	r, err := o.backup.open(n.path)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// List gives what is in a folder. "" is the folder around the backup.
func (o *Overlay) List(path string, yield func(devicelink.Entry) error) error {
	n := *o.top
	if path != "" {
		var e devicelink.Entry
		var err error
		if n, e, err = o.look(path); err != nil {
			return err
		}
		if e.Kind != devicelink.Directory {
			return unix.ENOTDIR
		}
	}
	if n.kind == inBackup {
		if err := o.listBackup(n, yield); err != nil {
			return err
		}
	}
	for name, child := range n.below {
		if child.kind == inherited || child.kind == removed {
			continue
		}
		e, err := o.entry(*child, name)
		if errors.Is(err, iofs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = yield(e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// listBackup gives what a folder of the backup still has, without what is ours.
func (o *Overlay) listBackup(n node, yield func(devicelink.Entry) error) error {
	at, err := o.backup.at(n.path, false)
	if err != nil {
		return err
	}
	return entries(at, func(e iofs.DirEntry) error {
		child, changed := n.below[e.Name()]
		if strings.HasPrefix(e.Name(), ownPrefix) || changed && child.kind != inherited {
			return nil
		}
		return tell(at, e.Name(), yield)
	})
}

// A kind is where something in an overlay comes from.
type kind uint8

const (
	inherited kind = iota // from where the folder around it does
	inBackup              // node.path of the backup
	made                  // a folder that the phone made
	written               // a file that the phone wrote
	removed
)

// A node is a place in an overlay at which, or below which, the phone has changed
// something.
type node struct {
	kind     kind
	path     string // in the backup; "" is its folder
	at, size int64  // in the scratch file
	changed  time.Time
	below    map[string]*node
}

// find is where a path leads, which need not be there.
func (o *Overlay) find(path string) node {
	n := *o.top
	for name := range strings.SplitSeq(path, "/") {
		n = n.child(name)
	}
	return n
}

func (n node) child(name string) node {
	c, ok := n.below[name]
	if ok && c.kind != inherited {
		return *c
	}
	child := node{kind: removed}
	if n.kind == inBackup {
		child.kind, child.path = inBackup, strings.TrimPrefix(n.path+"/"+name, "/")
	}
	if ok {
		child.below = c.below
	}
	return child
}

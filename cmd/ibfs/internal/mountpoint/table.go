package mountpoint

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A Mount is one line of the mount table.
type Mount struct {
	ID, Parent int    // of the mount and of the one it lies on; 0 where the system has none
	Point      string // absolute
	Type       string // "fuse.ibfs", "autofs", "ext4"
	Source     string
	Owner      int // of a FUSE mount: the user who made it
}

// fuseType is the type of the mounts of ibfs. macOS gives all FUSE mounts one
// type, so that there the source tells.
const fuseType = "fuse.ibfs"

// At returns the mount that one sees at a path, of any kind.
func At(path string) (m Mount, mounted bool, err error) {
	if path, err = Resolve(path); err != nil {
		return Mount{}, false, err
	}
	table, err := mounts()
	if err != nil {
		return Mount{}, false, err
	}
	m, mounted = topmost(table, path)
	return m, mounted, nil
}

// topmost returns the mount at a path that lies on no other there.
func topmost(table []Mount, path string) (Mount, bool) {
	var here []Mount
	for _, m := range table {
		if m.Point == path {
			here = append(here, m)
		}
	}
	for _, m := range slices.Backward(here) { // the later ones are likelier
		if !slices.ContainsFunc(here, func(o Mount) bool { return o.ID != m.ID && o.Parent == m.ID }) {
			return m, true
		}
	}
	return Mount{}, false
}

// dead says whether the program behind a FUSE mount is gone. It asks for what
// the kernel never answers from its cache, and takes no answer for life.
func (m Mount) dead() bool {
	if !strings.Contains(m.Type, "fuse") {
		return false
	}
	asked := make(chan error, 1)
	go func() {
		var st syscall.Statfs_t
		asked <- syscall.Statfs(m.Point, &st)
	}()
	select {
	case err := <-asked:
		return errors.Is(err, syscall.ENOTCONN) || errors.Is(err, syscall.ECONNABORTED)
	case <-time.After(2 * time.Second):
		return false
	}
}

// Package fs serves any vtree.Tree as a read-only FUSE file system.
//
// The number of a node is the number of an entry, so the server keeps nothing
// for what the kernel has seen: FORGET does nothing, and a walk over a million
// entries leaves its memory as it was. It keeps a record for each open file
// alone. It knows neither backups nor views, and everything that a tree hands
// it is checked before the kernel sees it.
package fs

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ibfs/fs/vtree"
)

// Options say how a tree is mounted. The zero value is a private mount that
// logs nothing.
type Options struct {
	// Source is where the backups are, the first column of /proc/mounts and
	// df. Empty: "ibfs".
	Source string

	// Volume is the volume's name on a macOS desktop. Empty: "ibfs".
	Volume string

	// AllowOther lets all users in. A plain user needs user_allow_other in
	// /etc/fuse.conf for it.
	AllowOther bool

	// Total is what statfs tells: bytes and number of all files. It is called
	// for each statfs and must be quick. Nil: nothing is told.
	Total func() (bytes, files uint64)

	// Logger takes what goes wrong, once for each entry. Nil: nobody.
	Logger *slog.Logger

	// Debug logs each request and reply, names included, at debug level.
	Debug bool

	// ReadAhead is how far the kernel reads ahead, in KiB; 0 leaves its
	// default of 128. To raise it takes root and a write to
	// /sys/class/bdi/MAJOR:MINOR/read_ahead_kb, the one write outside the
	// backups that a mount would do, so it is for measurements alone. A
	// failure is ignored.
	ReadAhead int

	// NoPassthrough keeps the kernel from reading host files in the mount's
	// place where it could, for measurements.
	NoPassthrough bool
}

// Errors of Mount and Unmount that a caller can act on.
var (
	ErrNoFUSE     = errors.New("this system has no FUSE")                         // no /dev/fuse, or no macFUSE
	ErrNoHelper   = errors.New("fusermount3 is not installed")                    // Linux, plain users
	ErrDevice     = errors.New("/dev/fuse is closed to you")                      // plain users, where no udev has set its mode to 0666
	ErrPermission = errors.New("mounting is not permitted here")                  // not even to root: a container
	ErrAllowOther = errors.New("/etc/fuse.conf does not have user_allow_other")   // plain users
	ErrNotOwner   = errors.New("the folder to mount on cannot be written by you") // plain users
	ErrBusy       = errors.New("files or folders of the mount are in use")
	ErrHeld       = errors.New("a container or sandbox still shows the mount")
)

// A Server is one mount.
type Server struct {
	mountpoint string
	place      place         // by which it is known from another mount in its place
	done       chan struct{} // closed when the mount is gone and all is released

	unmounting sync.Mutex // one Unmount at a time
}

// Mount shows a tree at a mountpoint, an existing folder, and returns when it
// can be read. A Tree that is a Changer is asked for its changes until the
// mount ends.
func Mount(tree vtree.Tree, mountpoint string, opt Options) (*Server, error) {
	mountpoint, err := filepath.Abs(mountpoint)
	if err != nil {
		return nil, fmt.Errorf("mount: %w", err)
	}
	if err := checkFolder(mountpoint); err != nil {
		return nil, fmt.Errorf("mount on %s: %w", mountpoint, err)
	}
	if err := checkSystem(mountpoint, opt); err != nil {
		return nil, fmt.Errorf("mount on %s: %w", mountpoint, err)
	}
	s := newServer(tree, opt)
	if c, ok := tree.(vtree.Changer); ok {
		c.OnChange(s.notes.changed)
	}
	kernel, err := fuse.NewServer(s, mountpoint, s.mountOptions())
	if err != nil {
		s.close()
		return nil, fmt.Errorf("mount on %s: %w", mountpoint, explain(err))
	}
	go s.notes.run()
	m := &Server{mountpoint: mountpoint, done: make(chan struct{})}
	go func() {
		defer close(m.done)
		kernel.Serve()
		s.close()
	}()
	err = kernel.WaitMount()
	if err == nil {
		m.place, err = placeOf(mountpoint)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("mount on %s: %w", mountpoint, explain(err)), Unmount(mountpoint))
	}
	setReadAhead(m.place.device, opt.ReadAhead)
	return m, nil
}

// Wait returns when the mount is gone, whoever ended it, and its files are closed.
func (m *Server) Wait() { <-m.done }

// Unmount ends the mount and waits as Wait does. It does nothing when the mount
// is gone already.
//
// It is ErrBusy while a program has a file open in it or a folder of it for its
// current one; the mount goes on then. It is ErrHeld when the mount has gone
// from where it was, but shows elsewhere, in a container or another sandbox
// that was started meanwhile: there it goes on until this process ends.
func (m *Server) Unmount() error {
	m.unmounting.Lock()
	defer m.unmounting.Unlock()
	if m.gone(0) {
		return nil
	}
	if now, err := placeOf(m.mountpoint); err == nil && now == m.place {
		if err := Unmount(m.mountpoint); err != nil && !m.gone(0) {
			return fmt.Errorf("unmount %s: %w", m.mountpoint, err)
		}
	}
	if !m.gone(patience) {
		return fmt.Errorf("unmount %s: %w", m.mountpoint, ErrHeld)
	}
	return nil
}

// patience is how long a mount may take to end after it is unmounted: requests
// that are under way end first.
const patience = 3 * time.Second

func (m *Server) gone(within time.Duration) bool {
	select {
	case <-m.done:
		return true
	default:
	}
	select {
	case <-m.done:
		return true
	case <-time.After(within):
		return false
	}
}

// Detach takes a mount that is in use off its folder. Nobody finds it any more,
// and it ends when its last user has closed what is open.
func (m *Server) Detach() error {
	m.unmounting.Lock()
	defer m.unmounting.Unlock()
	if err := Detach(m.mountpoint); err != nil {
		return fmt.Errorf("detach %s: %w", m.mountpoint, err)
	}
	return nil
}

func checkFolder(mountpoint string) error {
	info, err := os.Stat(mountpoint)
	switch {
	case errors.Is(err, syscall.ENOTCONN):
		return fmt.Errorf("a mount that has died is still there: %w", err)
	case err != nil:
		var path *iofs.PathError
		if errors.As(err, &path) {
			err = path.Err // the caller says the path
		}
		return err
	case !info.IsDir():
		return vtree.ErrNotDir
	}
	return nil
}

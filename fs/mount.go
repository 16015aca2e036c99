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
	"strings"
	"sync"
	"syscall"

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
	ErrPermission = errors.New("mounting is not permitted here")                  // not even to root: a container
	ErrAllowOther = errors.New("/etc/fuse.conf does not have user_allow_other")   // plain users
	ErrNotOwner   = errors.New("the folder to mount on cannot be written by you") // plain users
	ErrBusy       = errors.New("files or folders of the mount are in use")
)

// A Server is one mount.
type Server struct {
	mountpoint string
	kernel     *fuse.Server
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
	m := &Server{mountpoint: mountpoint, kernel: kernel, done: make(chan struct{})}
	go func() {
		defer close(m.done)
		kernel.Serve()
		s.close()
	}()
	if err := kernel.WaitMount(); err != nil {
		return nil, errors.Join(fmt.Errorf("mount on %s: %w", mountpoint, explain(err)), m.Unmount())
	}
	setReadAhead(mountpoint, opt.ReadAhead)
	return m, nil
}

// Wait returns when the mount is gone, whoever ended it, and its files are closed.
func (m *Server) Wait() { <-m.done }

// Unmount ends the mount and waits as Wait does. It is ErrBusy while a program
// has a file open in it or a folder of it for its current one; the mount goes
// on then. It does nothing when the mount is gone already.
func (m *Server) Unmount() error {
	m.unmounting.Lock()
	defer m.unmounting.Unlock()
	select {
	case <-m.done:
		return nil
	default:
	}
	if err := m.kernel.Unmount(); err != nil {
		select {
		case <-m.done: // another umount was quicker
			return nil
		default:
		}
		if errors.Is(err, syscall.EBUSY) || strings.Contains(err.Error(), syscall.EBUSY.Error()) {
			return fmt.Errorf("unmount %s: %w", m.mountpoint, ErrBusy)
		}
		return fmt.Errorf("unmount %s: %s", m.mountpoint, strings.TrimSpace(err.Error()))
	}
	m.Wait()
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

package control

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Folders returns where the sockets of this user may lie. A mount makes its
// own in the first that it can use, and a client looks in all: a mount that
// began at boot had no session, and its folder is another than that of a login.
//
//	$XDG_RUNTIME_DIR/ibfs
//	/run/user/<uid>/ibfs
//	$XDG_STATE_HOME/ibfs/run, or .local/state/ibfs/run in the user's home
//
// Without HOME, or with somebody else's as sudo can leave it, the home comes
// from the user database. errNoFolder when all of this gives none.
func Folders(getenv func(string) string) ([]string, error) {
	var folders []string
	add := func(base string, below ...string) {
		if folder := filepath.Join(append([]string{base}, below...)...); mine(base) && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	add(getenv("XDG_RUNTIME_DIR"), "ibfs")
	add("/run/user/"+strconv.Itoa(os.Geteuid()), "ibfs")
	add(getenv("XDG_STATE_HOME"), "ibfs", "run")
	home := getenv("HOME")
	if !mine(home) {
		if u, err := user.LookupId(strconv.Itoa(os.Geteuid())); err == nil {
			home = u.HomeDir
		}
	}
	if runtime.GOOS == "darwin" {
		add(home, "Library", "Application Support", "ibfs", "run")
	} else {
		add(home, ".local", "state", "ibfs", "run")
	}
	if len(folders) == 0 {
		return nil, fmt.Errorf("%w: set HOME to a folder of your own", errNoFolder)
	}
	return folders, nil
}

// mine says whether dir is a folder that belongs to this user.
func mine(dir string) bool {
	if !filepath.IsAbs(dir) {
		return false
	}
	info, err := os.Stat(dir)
	return err == nil && info.IsDir() && owner(info) == os.Geteuid()
}

func owner(info os.FileInfo) int {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return -1
	}
	return int(st.Uid)
}

// makeFolder makes a folder for sockets, or checks the one that is there.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", dir)
	case owner(info) != os.Geteuid():
		return fmt.Errorf("%s belongs to somebody else", dir)
	case info.Mode().Perm()&0o077 != 0:
		return os.Chmod(dir, 0o700)
	}
	return nil
}

var socketName = regexp.MustCompile(`^[0-9a-f]{16}\.sock$`)

// socketOf is the name of the socket for a mountpoint, an absolute path.
func socketOf(mountpoint string) string {
	sum := sha256.Sum256([]byte(filepath.Clean(mountpoint)))
	return hex.EncodeToString(sum[:8]) + ".sock"
}

// withAddress calls f with a name for the socket dir/name that fits into a
// socket address, which has room for about 100 bytes: where the path is longer,
// the way leads through an open descriptor of the folder.
func withAddress(dir, name string, f func(address string) error) error {
	path := filepath.Join(dir, name)
	if len(path) < len(unix.RawSockaddrUnix{}.Path) {
		return f(path)
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	short := fmt.Sprintf("/proc/self/fd/%d/%s", d.Fd(), name)
	if _, err := os.Stat(filepath.Dir(short)); err != nil {
		return fmt.Errorf("%s: %w", path, syscall.ENAMETOOLONG)
	}
	return f(short)
}

// locked calls f while no other process of ibfs adds or removes sockets in the
// folder. On file systems that lock no folders it goes without.
func locked(dir string, f func() error) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close() // and with it the lock
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		err := unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return f()
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s is in use by another process", dir)
		}
	}
}

package fs

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

const (
	directFlags = unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV

	extraCapabilities = fuse.CAP_NO_OPENDIR_SUPPORT
)

// mountsItself reports whether the process may call mount(2): root needs no
// fusermount3.
func mountsItself() bool { return os.Geteuid() == 0 }

// canSkipOpenDir reports whether the kernel does without OPENDIR when that is
// answered with ENOSYS.
func canSkipOpenDir(caps uint64) bool { return caps&fuse.CAP_NO_OPENDIR_SUPPORT != 0 }

// Check says what a mount lacks on this machine, as far as that can be seen
// without trying: ErrNoFUSE, ErrDevice, ErrNoHelper.
func Check() error {
	if err := unix.Access("/dev/fuse", unix.F_OK); err != nil {
		return fmt.Errorf("/dev/fuse: %w", ErrNoFUSE)
	}
	if mountsItself() {
		return nil
	}
	if unix.Access("/dev/fuse", unix.R_OK|unix.W_OK) != nil {
		return ErrDevice
	}
	_, err := helper()
	return err
}

// AllowOther reports that plain users may let others into their mounts.
func AllowOther() bool { return userAllowOther("/etc/fuse.conf") }

// checkSystem says what a mount lacks on this folder: fusermount3 tells its
// reasons on standard error alone.
func checkSystem(mountpoint string, opt Options) error {
	if err := Check(); err != nil || mountsItself() {
		return err
	}
	if opt.AllowOther && !AllowOther() {
		return ErrAllowOther
	}
	var st unix.Stat_t
	if err := unix.Stat(mountpoint, &st); err != nil {
		return err
	}
	sticky := st.Mode&unix.S_ISVTX != 0 && int(st.Uid) != os.Getuid()
	// fusermount3 mounts over nothing that its user could not remove.
	if sticky || unix.Access(mountpoint, unix.W_OK) != nil {
		return ErrNotOwner
	}
	return nil
}

// helper is the program that mounts for plain users, as go-fuse finds it: by
// PATH, which may be empty at boot, then in /bin.
func helper() (string, error) {
	for _, name := range []string{"fusermount3", "/bin/fusermount3", "fusermount", "/bin/fusermount"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoHelper
}

func userAllowOther(conf string) bool {
	f, err := os.Open(conf)
	if err != nil {
		return false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.TrimSpace(lines.Text()) == "user_allow_other" {
			return true
		}
	}
	return false
}

// explain turns what a failed mount ends with into an error to act on.
func explain(err error) error {
	switch {
	case errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		return fmt.Errorf("%w: the kernel has no fuse module", ErrNoFUSE)
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return fmt.Errorf("%w: %w", ErrPermission, err)
	case strings.Contains(err.Error(), "fusermount exited"):
		return fmt.Errorf("%w: %s", ErrPermission, strings.TrimSpace(err.Error()))
	}
	return err
}

// A place is the mount that a path lies on: the number of its file system, which
// the kernel gives again once it is free, and that of the mount, which since
// Linux 6.8 it never gives again.
type place struct{ device, mount uint64 }

// placeOf asks the kernel alone: the mount may hang.
func placeOf(path string) (place, error) {
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, path, unix.AT_STATX_DONT_SYNC, unix.STATX_MNT_ID_UNIQUE, &st)
	return place{unix.Mkdev(st.Dev_major, st.Dev_minor), st.Mnt_id}, err
}

func setReadAhead(device uint64, kib int) {
	if kib <= 0 {
		return
	}
	name := fmt.Sprintf("/sys/class/bdi/%d:%d/read_ahead_kb", unix.Major(device), unix.Minor(device))
	_ = os.WriteFile(name, fmt.Append(nil, kib), 0)
}

// fileLimit is how many files a mount may hold open.
func fileLimit() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		limit.Cur = 1024
	}
	return limitFrom(limit.Cur)
}

package fs

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const (
	directFlags       = 0
	extraCapabilities = 0
)

func mountsItself() bool         { return false }
func canSkipOpenDir(uint64) bool { return false }

// Check says what a mount lacks on this machine.
func Check() error {
	for _, path := range []string{"/Library/Filesystems/macfuse.fs", "/Library/Filesystems/osxfuse.fs"} {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: macFUSE is not installed", ErrNoFUSE)
}

// AllowOther reports that plain users may let others into their mounts.
func AllowOther() bool { return true }

func checkSystem(string, Options) error { return Check() }

func explain(err error) error {
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return fmt.Errorf("%w: %w", ErrPermission, err)
	}
	return err
}

// A place is the mount that a path lies on, by the number of its file system.
type place struct{ device uint64 }

func placeOf(path string) (place, error) {
	var st unix.Stat_t
	err := unix.Stat(path, &st)
	return place{uint64(st.Dev)}, err
}

func setReadAhead(uint64, int) {}

// fileLimit is how many files a mount may hold open.
func fileLimit() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		limit.Cur = 256
	}
	return limitFrom(limit.Cur)
}

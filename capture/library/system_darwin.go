package library

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reflink makes to, in another folder, share the data of from, with its mode
// and times.
func reflink(fromDir, toDir *os.File, from, to string) error {
	if err := unix.Unlinkat(int(toDir.Fd()), to, 0); err != nil && !errors.Is(err, unix.ENOENT) {
		return err
	}
	return unix.Clonefileat(int(fromDir.Fd()), from, int(toDir.Fd()), to, unix.CLONE_NOFOLLOW)
}

// syncsWhole: sync(2) of macOS returns before the writing is done.
func syncsWhole(*os.File) (bool, error) { return false, nil }

// syncVolume has the drive write what the files' own fsync has handed to it:
// F_FULLFSYNC flushes the drive's cache, whatever file it is asked for.
func syncVolume(dir *os.File) error {
	_, err := unix.FcntlInt(dir.Fd(), unix.F_FULLFSYNC, 0)
	if errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTTY) {
		return unix.Fsync(int(dir.Fd())) // a share
	}
	return err
}

// syncFile hands a file to the drive, which may hold it in its cache until
// syncVolume: os.File.Sync would flush that for each file.
func syncFile(f *os.File) error { return unix.Fsync(int(f.Fd())) }

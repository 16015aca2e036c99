package library

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Conditions that a caller can act on. The system's own error stays reachable.
var (
	ErrNotLibrary  = errors.New("this folder is not a library of ibfs")
	ErrNewer       = errors.New("written by a newer version of ibfs")
	ErrDamaged     = errors.New("not as ibfs writes it")
	ErrUDID        = errors.New("not a device's number")
	ErrBusy        = errors.New("another program is at work on this device's backups")
	ErrNoLocks     = errors.New("this file system has no locks, which keep two programs from writing at once")
	ErrNoSpace     = errors.New("no space left for the library")
	ErrReadOnly    = errors.New("the library cannot be written to")
	ErrTooLarge    = errors.New("the library's file system takes no file of that size")
	ErrOtherVolume = errors.New("the folders of a device must be on one file system, and no links")
	ErrOddFile     = errors.New("neither a file nor a folder")
	ErrNoSnapshot  = errors.New("no such snapshot")
	ErrLastGood    = errors.New("this is the last good snapshot of the device")
)

// A BusyError says who holds a device's lock. It is an [ErrBusy].
type BusyError struct {
	Holder Holder // zero when the holder has not said who it is
}

// A Holder is a process that writes to a device's folder, or keeps it from being
// written to.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

func (e *BusyError) Error() string {
	if e.Holder.PID == 0 {
		return ErrBusy.Error()
	}
	return fmt.Sprintf("%v: process %d on %q, since %s", ErrBusy, e.Holder.PID, e.Holder.Host, e.Holder.Since.Format(time.DateTime))
}

func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// Explain puts a condition before the system's error that means it.
func Explain(err error) error {
	for _, known := range []struct {
		condition error
		errnos    []unix.Errno
	}{
		{ErrNoSpace, []unix.Errno{unix.ENOSPC, unix.EDQUOT}},
		{ErrReadOnly, []unix.Errno{unix.EROFS, unix.EACCES, unix.EPERM}},
		{ErrTooLarge, []unix.Errno{unix.EFBIG}},
		{ErrOtherVolume, []unix.Errno{unix.EXDEV}},
	} {
		for _, errno := range known.errnos {
			if errors.Is(err, errno) && !errors.Is(err, known.condition) {
				return fmt.Errorf("%w: %w", known.condition, err)
			}
		}
	}
	return err
}

package fs

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Unmount takes away a mount that no program uses, as umount does; it need not
// be one of this process. It is ErrBusy when one does.
func Unmount(mountpoint string) error { return unmount(mountpoint, 0) }

// Detach takes a mount from its folder while programs go on using it.
func Detach(mountpoint string) error { return unmount(mountpoint, unix.MNT_FORCE) }

func unmount(mountpoint string, flags int) error {
	err := unix.Unmount(mountpoint, flags)
	if errors.Is(err, unix.EBUSY) {
		err = ErrBusy
	}
	return err
}

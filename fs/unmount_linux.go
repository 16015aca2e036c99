package fs

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Unmount takes away a mount that no program uses, as umount does; it need not
// be one of this process. It is ErrBusy when one does.
func Unmount(mountpoint string) error {
	var err error
	// A file that has just been closed may keep it busy for a moment.
	for try := range 4 {
		time.Sleep(time.Duration(try*try) * 10 * time.Millisecond)
		if err = unmount(mountpoint, 0, "-u"); !errors.Is(err, ErrBusy) {
			break
		}
	}
	return err
}

// Detach takes a mount from its folder while programs go on using it.
func Detach(mountpoint string) error { return unmount(mountpoint, unix.MNT_DETACH, "-u", "-z") }

func unmount(mountpoint string, flags int, args ...string) error {
	if mountsItself() {
		err := unix.Unmount(mountpoint, flags|unix.UMOUNT_NOFOLLOW)
		if errors.Is(err, unix.EBUSY) {
			err = ErrBusy
		}
		return err
	}
	bin, err := helper()
	if err != nil {
		return err
	}
	out, err := exec.Command(bin, append(args, "--", mountpoint)...).CombinedOutput()
	switch {
	case err == nil:
		return nil
	case strings.Contains(strings.ToLower(string(out)), unix.EBUSY.Error()):
		return ErrBusy
	}
	return fmt.Errorf("%s: %w", strings.TrimSpace(string(out)), err)
}

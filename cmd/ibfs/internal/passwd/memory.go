package passwd

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Lock keeps b out of the swap space as long as the process lives. It reports
// whether the system allowed it; a secret is no less usable when it did not.
//
// A page stays locked after its secret is wiped, because it may hold another
// secret. Later buffers use the page again, so that the number of locked pages
// stays near that of secrets held at one time.
func Lock(b []byte) bool {
	return len(b) == 0 || unix.Mlock(b) == nil // the kernel rounds to whole pages
}

// Wipe overwrites b.
func Wipe(b []byte) { clear(b) }

// NoCore keeps the memory of this process out of core dumps. Programs that it
// starts inherit the limit of zero bytes.
func NoCore() error {
	err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	if err := errors.Join(err, notDumpable()); err != nil {
		return fmt.Errorf("turn core dumps off: %w", err)
	}
	return nil
}

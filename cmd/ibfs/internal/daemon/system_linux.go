package daemon

import (
	"math"

	"golang.org/x/sys/unix"
)

func duplicate(from, to int) error { return unix.Dup3(from, to, 0) }

// closeOnExec keeps the descriptors from first on out of programs started from
// here. Kernels before 5.11 lack the call, and go without.
func closeOnExec(first uint) {
	_ = unix.CloseRange(first, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
}

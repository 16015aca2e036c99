//go:build !linux

package daemon

import "golang.org/x/sys/unix"

func duplicate(from, to int) error { return unix.Dup2(from, to) }

// closeOnExec keeps the descriptors from first on, up to what a shell would
// use, out of programs started from here.
func closeOnExec(first uint) {
	for fd := first; fd < 256; fd++ {
		unix.CloseOnExec(int(fd))
	}
}

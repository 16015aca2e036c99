package volume

import (
	"testing"

	"golang.org/x/sys/unix"
)

// A share may say to read and write by a mebibyte, and counts in smaller blocks.
func TestAvailable(t *testing.T) {
	if got := Available(&unix.Statfs_t{Bavail: 10, Bsize: 1 << 20, Frsize: 4096}); got != 10*4096 {
		t.Errorf("%d bytes", got)
	}
}

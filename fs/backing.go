package fs

import "sync/atomic"

// backing hands host files to the kernel, which then reads them in the mount's
// place at the speed of the disk. Root alone may do so, from Linux 6.9 on;
// elsewhere, and once refused, files are read by requests.
type backing struct {
	allowed atomic.Bool
}

package fs

import (
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

func canPassthrough(caps uint64) bool { return caps&fuse.CAP_PASSTHROUGH != 0 }

// register makes a host file known to the kernel and returns its number there.
// It fails for a single file where that lies on a stacked file system.
func (b *backing) register(k *fuse.Server, fd uintptr) (int32, bool) {
	if !b.allowed.Load() {
		return 0, false
	}
	id, errno := k.RegisterBackingFd(&fuse.BackingMap{Fd: int32(fd)})
	if errno == unix.EPERM {
		b.allowed.Store(false)
	}
	return id, errno == 0
}

// unregister cannot fail but where the mount is gone.
func (b *backing) unregister(k *fuse.Server, id int32) { _ = k.UnregisterBackingFd(id) }

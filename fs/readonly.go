package fs

import (
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// readOnly answers what would change something with EROFS. The kernel asks for
// little of it, as it knows that the mount is read-only. What else the server
// does not answer is ENOSYS, with which the kernel does without from then on:
// no request at each close (FLUSH), none for holes (LSEEK), none for ACCESS.
type readOnly struct{ fuse.RawFileSystem }

func refuse() fuse.Status {
	status, _ := errno(nil, errReadOnly)
	return status
}

func (readOnly) SetAttr(<-chan struct{}, *fuse.SetAttrIn, *fuse.AttrOut) fuse.Status {
	return refuse()
}

func (readOnly) Mknod(<-chan struct{}, *fuse.MknodIn, string, *fuse.EntryOut) fuse.Status {
	return refuse()
}

func (readOnly) Mkdir(<-chan struct{}, *fuse.MkdirIn, string, *fuse.EntryOut) fuse.Status {
	return refuse()
}

func (readOnly) Unlink(<-chan struct{}, *fuse.InHeader, string) fuse.Status { return refuse() }

func (readOnly) Rmdir(<-chan struct{}, *fuse.InHeader, string) fuse.Status { return refuse() }

func (readOnly) Rename(<-chan struct{}, *fuse.RenameIn, string, string) fuse.Status {
	return refuse()
}

func (readOnly) Link(<-chan struct{}, *fuse.LinkIn, string, *fuse.EntryOut) fuse.Status {
	return refuse()
}

func (readOnly) Symlink(<-chan struct{}, *fuse.InHeader, string, string, *fuse.EntryOut) fuse.Status {
	return refuse()
}

func (readOnly) SetXAttr(<-chan struct{}, *fuse.SetXAttrIn, string, []byte) fuse.Status {
	return refuse()
}

func (readOnly) RemoveXAttr(<-chan struct{}, *fuse.InHeader, string) fuse.Status { return refuse() }

func (readOnly) Create(<-chan struct{}, *fuse.CreateIn, string, *fuse.CreateOut) fuse.Status {
	return refuse()
}

func (readOnly) Tmpfile(<-chan struct{}, *fuse.CreateIn, *fuse.CreateOut) fuse.Status {
	return refuse()
}

func (readOnly) Write(<-chan struct{}, *fuse.WriteIn, []byte) (uint32, fuse.Status) {
	return 0, refuse()
}

func (readOnly) Fallocate(<-chan struct{}, *fuse.FallocateIn) fuse.Status { return refuse() }

func (readOnly) Fsync(<-chan struct{}, *fuse.FsyncIn) fuse.Status { return fuse.OK }

func (readOnly) FsyncDir(<-chan struct{}, *fuse.FsyncIn) fuse.Status { return fuse.OK }

func (readOnly) Flush(<-chan struct{}, *fuse.FlushIn) fuse.Status { return fuse.ENOSYS }

// Ioctl has no command to offer. ENOSYS would be shown to the program.
func (readOnly) Ioctl(<-chan struct{}, *fuse.IoctlIn, []byte, *fuse.IoctlOut, []byte) fuse.Status {
	return fuse.Status(syscall.ENOTTY)
}

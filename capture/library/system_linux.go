package library

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reflink makes to, a new file in another folder, share the data of from. A file
// that is left from a failure is no part of any tree. It works with bare descriptors:
// an os.File would cost three more calls for each, and there are 500,000 files.
func reflink(fromDir, toDir *os.File, from, to string) error {
	const flags = unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC
	in, err := unix.Openat(int(fromDir.Fd()), from, flags|unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer unix.Close(in)
	create := func() (int, error) {
		return unix.Openat(int(toDir.Fd()), to, flags|unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, sealedMode)
	}
	out, err := create()
	if errors.Is(err, unix.EEXIST) {
		if err := unix.Unlinkat(int(toDir.Fd()), to, 0); err != nil {
			return err
		}
		out, err = create()
	}
	if err != nil {
		return err
	}
	return errors.Join(unix.IoctlFileClone(out, in), unix.Close(out))
}

// fuseMagic is f_type of every FUSE file system (statfs(2)).
const fuseMagic = 0x65735546

// syncsWhole tells whether syncVolume reaches the disk: the kernel does not pass
// a syncfs on to the servers of FUSE file systems.
func syncsWhole(dir *os.File) (bool, error) {
	var fs unix.Statfs_t
	err := unix.Fstatfs(int(dir.Fd()), &fs)
	return fs.Type != fuseMagic, err
}

// syncVolume makes durable all that was written to the file system of a folder.
// It also tells, since Linux 5.8, of writes that failed since dir was opened.
func syncVolume(dir *os.File) error { return unix.Syncfs(int(dir.Fd())) }

// syncFile makes one file durable.
func syncFile(f *os.File) error { return f.Sync() }

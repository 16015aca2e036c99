package library

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reflink makes to, in another folder, share the data of from. What stands
// under that name before and after a failure is no part of any tree.
func reflink(fromDir, toDir *os.File, from, to string) (err error) {
	in, err := openFile(fromDir, from, unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := openFile(toDir, to, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, sealedMode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return unix.IoctlFileClone(int(out.Fd()), int(in.Fd()))
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

package mobilebackup2

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Every step into the tree is one openat from the folder above, which follows no
// link. os.Root, whose handle the first step starts from, follows those that stay
// inside, opens each folder of a path anew for each call, and does not move from
// one folder to another; a small file would cost it 20 system calls instead of 4.

// maxDirs is how many folders stay open: the 256 of a backup, twice while the phone
// moves its files into place, and what is around them.
const maxDirs = 600

// dirsShare is the part of the files that the process may have open which one tree
// takes at most: several phones are backed up side by side.
const dirsShare = 8

// openDirs are the folders of a tree that are open, by path.
type openDirs struct {
	top   *os.File // the folder around the backup
	fds   map[string]int
	limit int
}

func newDirs(root *os.Root) (openDirs, error) {
	top, err := root.Open(".")
	if err != nil {
		return openDirs{}, err
	}
	d := openDirs{top: top, fds: map[string]int{}, limit: maxDirs}
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err == nil && files.Cur/dirsShare < maxDirs {
		d.limit = int(files.Cur / dirsShare)
	}
	return d, nil
}

// room closes all when a path or two more might be too many. What opened before is
// then no longer valid, so it comes first in an operation.
func (d *openDirs) room() {
	if len(d.fds)+2*(maxDepth+1) > d.limit {
		d.forget()
	}
}

// forget closes all: paths have other meanings now.
func (d *openDirs) forget() {
	for _, fd := range d.fds {
		_ = unix.Close(fd) // a folder that was only read
	}
	clear(d.fds)
}

func (d *openDirs) close() error {
	d.forget()
	return d.top.Close()
}

// at is the descriptor of a folder, valid until the next room or forget. With
// create, those that are not there are made.
func (d *openDirs) at(path string, create bool) (int, error) {
	if path == "" {
		return int(d.top.Fd()), nil
	}
	if fd, ok := d.fds[path]; ok {
		return fd, nil
	}
	dir, name := split(path)
	above, err := d.at(dir, create)
	if err != nil {
		return -1, err
	}
	fd, err := openDir(above, name)
	if create && errors.Is(err, unix.ENOENT) {
		err = retry(func() error { return unix.Mkdirat(above, name, 0o700) })
		if err == nil || errors.Is(err, unix.EEXIST) {
			fd, err = openDir(above, name)
		}
	}
	if err != nil {
		return -1, fmt.Errorf("open a folder: %w", err)
	}
	d.fds[path] = fd
	return fd, nil
}

func openDir(above int, name string) (int, error) {
	return openAt(above, name, unix.O_RDONLY|unix.O_DIRECTORY, 0)
}

// openAt opens a file or folder, but never through a link.
func openAt(dir int, name string, flags int, mode uint32) (fd int, err error) {
	err = retry(func() error {
		fd, err = unix.Openat(dir, name, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, mode)
		return err
	})
	return fd, err
}

// retry repeats a call for as long as a signal cuts it short.
func retry(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// stat looks at an entry of a folder, without following a link.
func stat(dir int, name string) (st unix.Stat_t, err error) {
	err = retry(func() error { return unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW) })
	return st, err
}

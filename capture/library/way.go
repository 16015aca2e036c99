package library

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// A Way is how a tree is cloned.
type Way string

// The ways, the best first. A file system that has none of the first two costs
// a whole copy a snapshot.
const (
	Reflink Way = "reflink" // the files are others and share their data until one is written
	Link    Way = "link"    // the files are the same ones
	Copy    Way = "copy"
)

// probe finds the best way that there is below a folder, by trying: what a file
// system says of itself is not always so.
func (k disk) probe(root *os.Root) (Way, error) {
	const one, other = tempPrefix + "probe", tempPrefix + "probe-clone"
	remove := func() error { return errors.Join(k.remove(root, one), k.remove(root, other)) }
	if err := remove(); err != nil {
		return "", err
	}
	if err := k.do("write", one, func() error { return root.WriteFile(one, make([]byte, 4096), fileMode) }); err != nil {
		return "", err
	}
	way := Copy
	dir, err := root.Open(".")
	if err != nil {
		return "", err
	}
	defer dir.Close()
	if err := reflink(dir, dir, one, other); err == nil {
		way = Reflink
	} else if err := k.remove(root, other); err != nil {
		return "", err
	} else if hardLinks(dir, one, other) {
		way = Link
	}
	return way, remove()
}

// hardLinks tells whether a second name of a file is the same file.
func hardLinks(dir *os.File, one, other string) bool {
	fd := int(dir.Fd())
	var a, b unix.Stat_t
	err := errors.Join(
		unix.Linkat(fd, one, fd, other, 0),
		unix.Fstatat(fd, one, &a, unix.AT_SYMLINK_NOFOLLOW),
		unix.Fstatat(fd, other, &b, unix.AT_SYMLINK_NOFOLLOW),
	)
	return err == nil && a.Ino == b.Ino && a.Nlink == 2
}

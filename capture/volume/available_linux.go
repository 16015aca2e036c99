// Package volume tells what room a file system has.
package volume

import "golang.org/x/sys/unix"

// Available is how many bytes may be written to a file system. Its blocks are
// counted in f_frsize; f_bsize, which can be more, is the size to read and write by
// (statvfs(3)).
func Available(st *unix.Statfs_t) uint64 { return st.Bavail * uint64(st.Frsize) }

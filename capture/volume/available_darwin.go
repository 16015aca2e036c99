// Package volume tells what room a file system has.
package volume

import "golang.org/x/sys/unix"

// Available is how many bytes may be written to a file system. It leaves out what
// macOS would purge for us: only its own frameworks tell that (pymobiledevice3 issue
// 1769).
func Available(st *unix.Statfs_t) uint64 { return st.Bavail * uint64(st.Bsize) }

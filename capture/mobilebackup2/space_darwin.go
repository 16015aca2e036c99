package mobilebackup2

import "golang.org/x/sys/unix"

// available leaves out what macOS would purge for us: only its own frameworks
// tell that (pymobiledevice3 issue 1769).
func available(st *unix.Statfs_t) uint64 { return st.Bavail * uint64(st.Bsize) }

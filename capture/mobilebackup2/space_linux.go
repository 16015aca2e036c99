package mobilebackup2

import "golang.org/x/sys/unix"

func available(st *unix.Statfs_t) uint64 { return st.Bavail * uint64(st.Frsize) }

package passwd

import "golang.org/x/sys/unix"

// notDumpable closes what RLIMIT_CORE leaves open: a core_pattern that pipes
// into a program is asked whatever the limit is. It also keeps other processes
// of the same user from reading this one's memory through /proc or ptrace.
//
// The flag belongs to this process image and exec resets it: fusermount3, which
// is setuid and gets /dev/fuse over a socket, works as before. What changes is that
// root owns this process's files under /proc, so that lsof or fuser of the same
// user no longer list what it has open.
func notDumpable() error {
	return unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}

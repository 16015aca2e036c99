//go:build !linux

package passwd

// notDumpable has nothing to add to RLIMIT_CORE on this system.
func notDumpable() error { return nil }

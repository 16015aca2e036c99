package main

import (
	iofs "io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ibfs/backupfmt/backuptest"
)

// TestSignalsFailNothing reads in a thread that gets one signal after the
// other, none of which ends it: no call ends with EINTR, which programs do not
// expect of a file system.
func TestSignalsFailNothing(t *testing.T) {
	s := backuptest.Sample()
	s.Password = "secret"
	at := mounted(t, written(t, s))
	got := make(chan os.Signal, 1)
	signal.Notify(got, unix.SIGUSR1)
	defer signal.Stop(got)

	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	thread, done := unix.Gettid(), make(chan struct{})
	var sender sync.WaitGroup
	sender.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				_ = unix.Tgkill(os.Getpid(), thread, unix.SIGUSR1)
				_ = unix.Nanosleep(&unix.Timespec{Nsec: 20_000}, nil)
			}
		}
	})
	failed := 0
	for until := time.Now().Add(2 * time.Second); time.Now().Before(until); {
		err := filepath.WalkDir(at, func(path string, d iofs.DirEntry, err error) error {
			if err == nil && !callAll(path, d.Type()) {
				failed++
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	close(done)
	sender.Wait()
	if failed > 0 {
		t.Errorf("calls failed on %d entries", failed)
	}
}

// callAll makes the calls that programs make on an entry, without those tries
// over that package os makes.
func callAll(path string, typ iofs.FileMode) (ok bool) {
	buf := make([]byte, 64<<10)
	if unix.Lstat(path, new(unix.Stat_t)) != nil {
		return false
	}
	switch typ {
	case iofs.ModeSymlink:
		_, err := unix.Readlink(path, buf)
		return err == nil
	case iofs.ModeDir:
		return true
	}
	if _, err := unix.Lgetxattr(path, "user.ibfs.fileid", buf); err != nil && err != unix.ENODATA {
		return false
	}
	fd, err := unix.Open(path, unix.O_RDONLY, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	_, err = unix.Read(fd, buf)
	return err == nil
}

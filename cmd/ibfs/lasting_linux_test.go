package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ibfs/backupfmt/backuptest"
)

var readersTime = flag.Duration("readers", 10*time.Second, "how long TestManyReaders reads")

// TestManyReaders has 16 processes read the same and different files while
// others list: none gets an error, and the mount does not grow.
func TestManyReaders(t *testing.T) {
	s := backuptest.Sample()
	s.Password = "secret"
	at := mounted(t, written(t, s))
	length := *readersTime
	if testing.Short() {
		length = 5 * time.Second
	}
	pid := pidOf(t, at)
	readAndList(t, at, length/2)
	warm := statusOf(t, pid, "VmRSS")
	readAndList(t, at, length/2)
	end := statusOf(t, pid, "VmRSS")
	t.Logf("VmRSS %d KiB after %v, %d KiB after %v", warm, length/2, end, length)
	if end > warm+warm/10+8<<10 {
		t.Error("the mount grew")
	}
}

// readAndList runs the readers for a while. Half of them drop what the kernel
// keeps of a file before they read it, so that the mount has to give it.
func readAndList(t *testing.T, at string, length time.Duration) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range 20 {
		what := `find . -type f -path '*Domains*' -exec cat {} + | md5sum`
		switch {
		case i >= 16:
			what = `ls -lR . | md5sum`
		case i%4 == 0:
			what = `for f in ./*/latest/Domains/MediaDomain/Media/Recordings/*; do dd if="$f" iflag=nocache count=0 status=none; md5sum <"$f"; done`
		case i%4 == 1:
			what = `find . -type f -path '*/Sizes/*' -exec md5sum {} + | sort | md5sum`
		}
		wg.Go(func() {
			script := fmt.Sprintf(`end=$(($(date +%%s%%N) + %d)); while [ $(date +%%s%%N) -lt $end ]; do %s || echo failed >&2; done | sort -u`, length.Nanoseconds(), what)
			cmd := exec.Command("sh", "-c", script)
			cmd.Dir = at
			out, err := cmd.CombinedOutput()
			if err != nil || strings.Count(string(out), "\n") != 1 { // the same sum each time
				t.Errorf("reader %d: %v: %s", i, err, out)
			}
		})
	}
	wg.Wait()
}

// TestUnpluggedDisk pulls the disk out that the backups are on, in two ways,
// and puts it back: reads give EIO meanwhile, nothing hangs, and all is well
// again afterwards.
func TestUnpluggedDisk(t *testing.T) {
	t.Run("it fails", func(t *testing.T) { unplug(t, "secret", (*disk).fail) })
	t.Run("it is unmounted as well", func(t *testing.T) { unplug(t, "", (*disk).pull) })
}

func contentOf(b backuptest.Backup, path string) []byte {
	i := slices.IndexFunc(b.Files, func(f backuptest.File) bool { return f.Path == path })
	return b.Files[i].Content
}

func unplug(t *testing.T, password string, pull func(*disk)) {
	d := newDisk(t)
	b := backuptest.Sample()
	b.Password = password
	writeTo(t, d.at+"/MobileSync/"+backuptest.FileID("x", "y"), b)
	at := mounted(t, d.at+"/MobileSync")
	domains := filepath.Join(at, "Anna’s iPhone/latest/Domains")
	checkContents(t, b, domains)
	held, err := os.Open(domains + "/MediaDomain/Media/Recordings/20240601.m4a")
	if err != nil {
		t.Fatal(err)
	}

	pull(d)
	began := time.Now()
	for _, f := range b.Files {
		if f.IsDir() || f.IsLink() || len(f.Content) == 0 {
			continue
		}
		path := filepath.Join(domains, f.Domain, f.Path)
		if got, err := os.ReadFile(path); !errors.Is(err, syscall.EIO) {
			t.Errorf("%s: %d bytes, %v, want EIO", path, len(got), err)
		}
	}
	if err := unix.Fadvise(int(held.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		t.Fatal(err)
	}
	got, want := make([]byte, 4096), contentOf(b, "Media/Recordings/20240601.m4a")[1<<20:][:4096]
	if _, err := held.ReadAt(got, 1<<20); !errors.Is(err, syscall.EIO) && !bytes.Equal(got, want) { // the kernel may still have it
		t.Errorf("a file that is open: %v, and other bytes than its own", err)
	}
	time.Sleep(lookAgain + time.Second) // it looks for backups meanwhile
	if _, err := os.ReadDir(domains); err != nil {
		t.Error("what is known is no longer listed:", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}

	held.Close() // all who have a plain file open share its host file, the one that is gone

	d.pull()
	d.plug()
	waitFor(t, "all can be read again", func() bool {
		got, err := os.ReadFile(domains + "/HomeDomain/Library/SMS/sms.db")
		return err == nil && len(got) > 0
	})
	checkDomains(t, b, domains)
}

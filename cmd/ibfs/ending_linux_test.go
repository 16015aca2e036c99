package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// inFront mounts in the foreground, and has a program hold a file of the mount
// open.
func inFront(t *testing.T) (at string, mount, holder *exec.Cmd, stderr *bufio.Reader) {
	t.Helper()
	needFUSE(t)
	ownHome(t)
	at = filepath.Join(t.TempDir(), "mount")
	mount = exec.Command(exe(t), "mount", "-f", "--backups", written(t, note("secret")), "--password-file", passwordFile(t, "secret"), at)
	mount.Env = append(os.Environ(), asCommand+"=1")
	errs, err := mount.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, mount)
	waitFor(t, "it is mounted", func() bool { _, err := os.Stat(at + "/" + notePath); return err == nil })
	holder = exec.Command("sh", "-c", `exec 3<"$0"; exec sleep 60`, filepath.Join(at, notePath))
	holder.Dir = "/"
	start(t, holder)
	waitFor(t, "it holds the file", func() bool {
		target, err := os.Readlink("/proc/" + strconv.Itoa(holder.Process.Pid) + "/fd/3")
		return err == nil && strings.HasPrefix(target, at)
	})
	return at, mount, holder, bufio.NewReader(errs)
}

func start(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
}

// TestEndInUse interrupts a mount that is in use: it tells by whom, and ends
// when that ends, or at the next signal, and leaves nothing behind.
func TestEndInUse(t *testing.T) {
	for name, further := range map[string]func(mount, holder *exec.Cmd){
		"closed":        func(_, holder *exec.Cmd) { _ = holder.Process.Kill() },
		"closed late":   func(_, holder *exec.Cmd) { time.Sleep(lastTry + time.Second); _ = holder.Process.Kill() },
		"at once again": func(mount, _ *exec.Cmd) { _ = mount.Process.Signal(unix.SIGINT) },
		"again later":   func(mount, _ *exec.Cmd) { time.Sleep(lastTry + time.Second); _ = mount.Process.Signal(unix.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			at, mount, holder, stderr := inFront(t)
			_ = mount.Process.Signal(unix.SIGINT)
			line, err := stderr.ReadString('\n')
			want := "ibfs: warning: " + at + " is in use: sleep (" + strconv.Itoa(holder.Process.Pid) + ") has open " + notePath[:5]
			if err != nil || !strings.HasPrefix(line, want) || !strings.Contains(line, "the next Ctrl-C") {
				t.Errorf("%v: %q, want %q", err, line, want)
			}
			further(mount, holder)
			waitForEnd(t, mount.Process.Pid)
			if err := mount.Wait(); err != nil {
				t.Errorf("it ends with %v", err)
			}
			if _, err := os.Lstat(at); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("it leaves its folder: %v", err)
				_ = unix.Unmount(at, unix.MNT_DETACH)
			}
		})
	}
}

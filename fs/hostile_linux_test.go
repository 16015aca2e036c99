package fs

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func read(path string) error {
	_, err := os.ReadFile(path)
	return err
}

func TestMisbehavingEntriesCostThemselvesAlone(t *testing.T) {
	s := serve(t, "hostile", "")
	for name, want := range map[string]error{
		"panic in lookup": syscall.EIO, "panic in attr": syscall.EIO, "panic in open": syscall.EIO, "panic in read": syscall.EIO,
		"error in read": syscall.EIO, "ends early": syscall.EIO, "missing": syscall.EIO, "gone": syscall.EIO, "good": nil,
		"panic in readdir/inside": nil, "error in readdir/inside": nil, "block in readdir/inside": nil, "bad names/inside": nil,
	} {
		for range 3 {
			if err := read(s.path(name)); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
		}
	}
	for name, want := range map[string]error{"panic in readdir": syscall.EIO, "error in readdir": syscall.EIO, "bad names": nil} {
		entries, err := os.ReadDir(s.path(name))
		if !errors.Is(err, want) || err == nil && (len(entries) != 1 || entries[0].Name() != "inside") {
			t.Errorf("list %s: %v, %v; want %v", name, entries, err, want)
		}
	}
	if _, err := exec.Command("getfattr", "-d", s.path("panic in xattrs")).Output(); err != nil {
		t.Error(err)
	}
	logged := s.logged()
	for _, part := range []string{`path="/ends early"`, `path=/missing`, `path="/error in read"`, "bad sector", "panic=open"} {
		if !strings.Contains(logged, part) {
			t.Errorf("no %q in the log:\n%s", part, logged)
		}
	}
	if n := strings.Count(logged, `path="/ends early"`); n != 1 {
		t.Errorf("logged %d times", n)
	}
}

// A program that waits can be ended, and its request ends with it.
func TestBlockedRequestsCanBeInterrupted(t *testing.T) {
	s := serve(t, "hostile", "")
	for _, c := range [][]string{
		{"cat", "block in open"}, {"stat", "block in attr"}, {"stat", "block in lookup"}, {"ls", "block in readdir"}, {"ls", "block in parent"},
	} {
		cmd := exec.Command(c[0], s.path(c[1]))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			t.Errorf("%s %s did not block: %v", c[0], c[1], err)
			continue
		case <-time.After(200 * time.Millisecond):
		}
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			t.Errorf("%s %s goes on after SIGTERM", c[0], c[1])
			cmd.Process.Kill()
			<-ended
		}
	}
}

// The mount ends also while requests are blocked in the tree.
func TestUnmountWhileBlocked(t *testing.T) {
	s := serve(t, "hostile", "")
	var cmds []*exec.Cmd
	for range 4 {
		cmd := exec.Command("cat", s.path("block in open"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, cmd)
	}
	time.Sleep(200 * time.Millisecond)
	if got := s.tell("unmount"); !strings.Contains(got, ErrBusy.Error()) {
		t.Errorf("it says %q", got)
	}
	for _, cmd := range cmds {
		cmd.Process.Kill()
		cmd.Wait()
	}
	waitFor(t, "it unmounts", func() bool { return s.tell("unmount") == "done" })
}

func TestUnmountByForce(t *testing.T) {
	s := serve(t, "hostile", "")
	cmd := exec.Command("cat", s.path("block in open"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	if out, err := exec.Command("umount", "-l", "-f", s.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	cmd.Wait()
	s.end()
}

func TestMountRefuses(t *testing.T) {
	needFUSE(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ path, want string }{
		"nothing there": {filepath.Join(dir, "none"), "mount on " + filepath.Join(dir, "none") + ": no such file or directory"},
		"a file":        {file, "mount on " + file + ": not a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Mount(oddTree(""), c.path, Options{}); err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

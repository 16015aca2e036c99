package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/control"
)

// patience is how long a command may take before it counts as hanging.
const patience = time.Minute

// exe is this test binary, which is the command where asCommand says so.
func exe(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// ibfs runs the command, as a process, and returns what it printed.
func ibfs(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return program(t, exe(t), args...)
}

// program runs a program that must end in time.
func program(t *testing.T, name string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience) // also in a cleanup, when the test's own has ended
	defer stop()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), asCommand+"=1", "LC_ALL=C.UTF-8")
	cmd.WaitDelay = time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatalf("%s %q hangs: %s", filepath.Base(name), args, errs.String())
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// quiet runs a program, which must end well and complain of nothing.
func quiet(t *testing.T, name string, args ...string) (stdout string) {
	t.Helper()
	stdout, stderr, code := program(t, name, args...)
	if code != 0 || stderr != "" {
		t.Errorf("%s %q: exit code %d: %s", name, args, code, stderr)
	}
	return stdout
}

// fails runs the command, which must end with a code and just two lines.
func fails(t *testing.T, code int, text, hint string, args ...string) {
	t.Helper()
	_, stderr, got := ibfs(t, args...)
	lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
	if got != code || len(lines) != 2 || !strings.HasPrefix(lines[0], "ibfs: error: ") || !strings.Contains(lines[0], text) ||
		!strings.HasPrefix(lines[1], "ibfs: hint: ") || !strings.Contains(lines[1], hint) {
		t.Errorf("ibfs %q: exit code %d\n%swant %d, an error with %q and a hint with %q", args, got, stderr, code, text, hint)
	}
}

// needFUSE skips a test where mounts are turned off, by name.
func needFUSE(t *testing.T) {
	t.Helper()
	if os.Getenv("IBFS_TEST_FUSE") == "0" {
		t.Skip("IBFS_TEST_FUSE=0 turns mounts off")
	}
}

// needRoot skips a test that only root can do.
func needRoot(t *testing.T, why string) {
	t.Helper()
	needFUSE(t)
	if os.Geteuid() != 0 {
		t.Skip("needs root " + why)
	}
}

// needs fails a test where a program is missing that `.ci/install test` brings.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Fatalf("%v; run: make test", err)
		}
	}
}

// mounted mounts the backups in a folder with the password "secret" and
// returns the mountpoint. The mount must end well when the test does.
func mounted(t *testing.T, backups string, args ...string) (at string) {
	t.Helper()
	return mountedBy(t, []string{exe(t)}, backups, args...)
}

// mountedBy is mounted by a program that runs the command.
func mountedBy(t *testing.T, by []string, backups string, args ...string) (at string) {
	t.Helper()
	needFUSE(t)
	ownHome(t)
	at = filepath.Join(t.TempDir(), "my mount")
	args = append(append(by[1:len(by):len(by)], "mount", "--backups", backups, "--password-file", passwordFile(t, "secret\n"), at), args...)
	if _, stderr, code := program(t, by[0], args...); code != 0 {
		t.Fatalf("mount: exit code %d: %s", code, stderr)
	}
	t.Cleanup(func() { unmounted(t, at) })
	return at
}

// ownHome gives what the test runs folders of its own.
func ownHome(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv("HOME", dir)
	for _, v := range []string{"XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"} {
		at := filepath.Join(dir, v)
		if err := os.Mkdir(at, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv(v, at)
	}
	t.Setenv("IBFS_PASSWORD_FILE", "")
	t.Setenv("IBFS_BACKUPS", "")
	return dir
}

// unmounted ends a mount that the test has not ended itself. The folder that
// was made for it goes, and its process ends.
func unmounted(t *testing.T, at string) {
	t.Helper()
	if _, err := os.Stat(at); errors.Is(err, iofs.ErrNotExist) {
		return
	}
	pid := pidOf(t, at)
	if _, stderr, code := ibfs(t, "unmount", at); code != 0 {
		t.Errorf("unmount: exit code %d: %s", code, stderr)
		program(t, "umount", "-l", at)
	}
	if _, err := os.Stat(at); !errors.Is(err, iofs.ErrNotExist) {
		t.Errorf("the folder made for the mount is still there: %v", err)
	}
	waitForEnd(t, pid)
}

// waitForEnd waits until a process is gone, or would be if it were reaped.
func waitForEnd(t *testing.T, pid int) {
	t.Helper()
	waitFor(t, "the process ends", func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err != nil || bytes.Contains(stat, []byte(") Z "))
	})
}

// pidOf is the process that serves a mountpoint.
func pidOf(t *testing.T, at string) int {
	t.Helper()
	folders, err := control.Folders(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	all, err := control.List(context.Background(), folders)
	for _, m := range all {
		if m.Mountpoint == at {
			return m.PID
		}
	}
	t.Fatalf("no process serves %s (%v)", at, err)
	return 0
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 400 {
		if done() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s: not within 10 s", what)
}

// written writes a backup into a new folder, alone in its parent.
func written(t *testing.T, b backuptest.Backup) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "backup")
	writeTo(t, dir, b)
	return dir
}

func writeTo(t *testing.T, dir string, b backuptest.Backup) {
	t.Helper()
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
}

// passwordFile writes a file that holds a password.
func passwordFile(t *testing.T, content string) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// testdata is a folder of the real data, which may not lie in the repository.
func testdata(t *testing.T, name string) (dir string) {
	t.Helper()
	base := os.Getenv("IBFS_TESTDATA")
	if base == "" {
		base = "../../../shared/testdata"
	}
	dir, err := filepath.Abs(filepath.Join(base, name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no sample data %s: %v", name, err)
	}
	return dir
}

// xattr is an extended attribute of an entry, and whether it has it.
func xattr(t *testing.T, path, name string) (value []byte, ok bool) {
	t.Helper()
	buf := make([]byte, 64<<10)
	n, err := unix.Lgetxattr(path, name, buf)
	if err != nil {
		return nil, false
	}
	return buf[:n], true
}

// statusOf is a number of a process's status, such as "VmRSS" in KiB.
func statusOf(t *testing.T, pid int, field string) (n int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			if _, err := fmt.Sscan(rest, &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("process %d has no %s", pid, field)
	return 0
}

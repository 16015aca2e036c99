package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"ibfs/backupfmt/backuptest"
)

// TestNothingIsWritten follows a mount in front and one in the background, a
// walk and a full read with strace: no file is opened for writing, made, moved
// or removed but in the folder of the control socket.
func TestNothingIsWritten(t *testing.T) {
	needFUSE(t)
	needs(t, "strace")
	for name, front := range map[string][]string{"in front": {"--foreground"}, "in the background": nil} {
		t.Run(name, func(t *testing.T) {
			b := backuptest.Sample()
			b.Password = "secret"
			dir, trace, at := written(t, b), filepath.Join(t.TempDir(), "trace"), filepath.Join(t.TempDir(), "mount")
			before := listOf(t, dir)
			state := ownHome(t)
			args := append([]string{"-f", "-qq", "-y", "-o", trace, "-e", "trace=%file,write,pwrite64,writev,pwritev,ftruncate,bind",
				exe(t), "mount", "--backups", dir, "--password-file", passwordFile(t, "secret"), at}, front...)
			cmd := exec.Command("strace", args...)
			cmd.Env = append(os.Environ(), asCommand+"=1")
			var errs bytes.Buffer
			cmd.Stderr = &errs
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "the mount is there", func() bool { _, err := os.Stat(filepath.Join(at, "Anna’s iPhone/latest/Domains")); return err == nil })
			quiet(t, "sh", "-c", `find "$0" -type f -exec cat {} + >/dev/null && getfattr -R -P -h -d --absolute-names "$0" >/dev/null`, at)
			quiet(t, exe(t), "unmount", at)
			if err := cmd.Wait(); err != nil {
				t.Errorf("%v: %s", err, errs.String())
			}
			checkTrace(t, trace, state, at)
			if after := listOf(t, dir); after != before {
				t.Errorf("the backup's folder has changed:\n%s\nbefore:\n%s", after, before)
			}
		})
	}
}

var (
	traceCall   = regexp.MustCompile(`^\d+ +(?:<\.\.\. )?([a-z0-9]+)`)
	traceFile   = regexp.MustCompile(`"([^"]*)"`)
	traceTarget = regexp.MustCompile(`^\d+ +[a-z0-9]+\(\d+<([^>]*)>`)
)

// checkTrace reads what strace wrote.
func checkTrace(t *testing.T, trace, state, at string) {
	t.Helper()
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	for line := range strings.Lines(string(text)) {
		call := traceCall.FindStringSubmatch(line)
		if call == nil || strings.Contains(line, "resumed>") { // the beginning of that one was a line of its own
			continue
		}
		name, changes := "", false
		if f := traceFile.FindStringSubmatch(line); f != nil {
			name = f[1]
		}
		switch call[1] {
		case "open", "openat", "openat2":
			opened++
			changes = strings.Contains(line, "O_WRONLY") || strings.Contains(line, "O_RDWR") || strings.Contains(line, "O_CREAT")
		case "creat", "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat",
			"truncate", "chmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchownat", "utimensat", "mknod", "mknodat", "setxattr", "lsetxattr", "bind":
			changes = true
		case "write", "pwrite64", "writev", "pwritev", "ftruncate":
			if target := traceTarget.FindStringSubmatch(line); target != nil {
				name, changes = target[1], strings.HasPrefix(target[1], "/")
			}
		}
		allowed := name == "/dev/fuse" || name == "/dev/null" || strings.HasPrefix(name, "/dev/pts/") || name == at || strings.HasPrefix(name, state+"/") ||
			strings.Contains(line, "/proc/self/fd/") && call[1] == "bind" || strings.Contains(line, "<"+state) // the socket's long way
		if changes && !allowed {
			t.Errorf("a write: %s", strings.TrimSpace(line))
		}
	}
	if opened < 50 {
		t.Errorf("the trace has %d opens", opened)
	}
}

// TestReadOnly refuses every kind of write.
func TestReadOnly(t *testing.T) {
	at := mounted(t, written(t, note("")))
	for name, err := range map[string]error{
		"create":   os.WriteFile(at+"/new", nil, 0o600),
		"truncate": os.Truncate(filepath.Join(at, notePath), 0),
		"remove":   os.Remove(filepath.Join(at, notePath)),
		"mkdir":    os.Mkdir(at+"/new", 0o700),
		"rename":   os.Rename(at+"/Phone", at+"/Other"),
	} {
		if !errors.Is(err, syscall.EROFS) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

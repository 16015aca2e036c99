package main

import (
	"bytes"
	"errors"
	"io"
	iofs "io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ibfs/backupfmt/backuptest"
)

// ibfs runs the command, as a process, and returns what it printed.
func ibfs(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Args[0] = "ibfs"
	cmd.Env = append(os.Environ(), asCommand+"=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// mounted mounts the backups in a folder with the password "secret" and
// returns the mountpoint. The mount must end well when the test does.
func mounted(t *testing.T, backups string) string {
	t.Helper()
	if os.Getenv("IBFS_TEST_FUSE") == "0" {
		t.Skip("IBFS_TEST_FUSE=0: nothing is mounted")
	}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "mount")
	if _, stderr, code := ibfs(t, "mount", "--backups", backups, "--password-file", password, at); code != 0 {
		t.Fatalf("mount: exit code %d: %s", code, stderr)
	}
	t.Cleanup(func() {
		exe, _ := os.Executable()
		cmd := exec.Command(exe, "unmount", at) // the test's context has ended
		cmd.Env = append(os.Environ(), asCommand+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("unmount: %v: %s", err, out)
		}
		if _, err := os.Stat(at); !errors.Is(err, iofs.ErrNotExist) {
			t.Errorf("the folder made for the mount is still there: %v", err)
		}
	})
	return at
}

// quiet runs a client, which must end well and complain of nothing.
func quiet(t *testing.T, name string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil || errs.Len() > 0 {
		t.Errorf("%s %q: %v: %s", name, args, err, errs.String())
	}
	return out.String()
}

// TestClients mounts every generation, plain and encrypted, side by side, and
// copies and walks it with the programs that people use (FC-24, FC-32).
func TestClients(t *testing.T) {
	library := t.TempDir()
	backups := map[string]backuptest.Backup{}
	for name, b := range backuptest.Variants(backuptest.Sample()) {
		b.DeviceName = name
		b.UDID = backuptest.FileID("device", name)
		backups[name] = b
		if err := backuptest.Write(filepath.Join(library, b.UDID), b); err != nil {
			t.Fatal(err)
		}
	}
	at := mounted(t, library)
	copies := t.TempDir()
	quiet(t, "cp", "-a", at+"/.", filepath.Join(copies, "cp"))
	quiet(t, "rsync", "-aX", at+"/", filepath.Join(copies, "rsync")+"/")
	if err := os.Mkdir(filepath.Join(copies, "tar"), 0o700); err != nil {
		t.Fatal(err)
	}
	quiet(t, "sh", "-c", `tar -C "$0" -cf - . | tar -C "$1" -xf -`, at, filepath.Join(copies, "tar"))
	quiet(t, "du", "-s", at)
	quiet(t, "getfattr", "--absolute-names", "-R", "-h", "-d", "-m", "-", at)
	found := strings.Count(quiet(t, "find", at, "-path", "*/Domains/*", "-type", "f"), "\n")
	want := 0
	for name, b := range backups {
		for f := range b.Rows() {
			if f.Mode&0xF000 == 0x4000 || f.Target != "" {
				continue
			}
			want++
			content := contentOf(t, f)
			for _, client := range []string{at, copies + "/cp", copies + "/rsync", copies + "/tar"} {
				path := filepath.Join(client, name, "latest/Domains", f.Domain, f.Path)
				checkCopy(t, path, content, f.ModTime)
			}
		}
	}
	if found != want {
		t.Errorf("find counts %d files, want %d", found, want)
	}
}

func contentOf(t *testing.T, f backuptest.File) []byte {
	t.Helper()
	if f.Source == nil {
		return f.Content
	}
	b, err := io.ReadAll(f.Source())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func checkCopy(t *testing.T, path string, content []byte, at time.Time) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%s: %d bytes, %v, want %d", path, len(got), err, len(content))
		return
	}
	fi, err := os.Stat(path)
	if err != nil || fi.Size() != int64(len(content)) || at.Unix() > 0 && !fi.ModTime().Equal(at) {
		t.Errorf("%s: %v, %v, want %d bytes of %v", path, fi, err, len(content), at)
	}
}

// TestRealBackup mounts the manifest of a real phone, of which few blobs are
// there: those read as they are, an empty file is empty, and all others cannot
// be read, which is EIO and never zeros.
func TestRealBackup(t *testing.T) {
	dir := os.Getenv("IBFS_TESTDATA")
	if dir == "" {
		dir = "../../../shared/testdata"
	}
	dir, err := filepath.Abs(filepath.Join(dir, "ios14-backup"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the real backup is not here:", err)
	}
	before := treeOf(t, dir)
	at := mounted(t, dir)
	domains := filepath.Join(at, "iPhone/latest/Domains")
	var files, folders, links, read, empty int
	err = filepath.WalkDir(domains, func(path string, d iofs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			folders++
			return nil
		case d.Type() == iofs.ModeSymlink:
			links++
			return nil
		}
		files++
		got, err := os.ReadFile(path)
		id := attribute(t, path, "user.ibfs.fileid")
		blob, blobErr := os.ReadFile(filepath.Join(dir, id[:2], id))
		switch {
		case blobErr == nil && err == nil && bytes.Equal(got, blob):
			read++
		case blobErr != nil && err == nil && len(got) == 0:
			empty++
		case blobErr != nil && errors.Is(err, syscall.EIO):
		default:
			t.Errorf("%s: %d bytes, %v; its blob: %d bytes, %v", path, len(got), err, len(blob), blobErr)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if folders--; files != 1089 || folders != 2618 || links != 14 || read != 10 { // not counting Domains itself
		t.Errorf("%d files, %d folders, %d links, %d read, %d empty; want 1089, 2618, 14, 10", files, folders, links, read, empty)
	}
	if after := treeOf(t, dir); after != before {
		t.Errorf("the backup's folder has changed:\n%s\nbefore:\n%s", after, before)
	}
}

func attribute(t *testing.T, path, name string) string {
	t.Helper()
	buf := make([]byte, 100)
	n, err := unix.Getxattr(path, name, buf)
	if err != nil {
		t.Fatalf("%s: %s: %v", path, name, err)
	}
	return string(buf[:n])
}

func treeOf(t *testing.T, dir string) string {
	t.Helper()
	return quiet(t, "find", dir, "-printf", "%p %s %T@ %C@\n")
}

// TestNothingIsWritten follows a mount, a walk and a full read with strace: no
// file is opened for writing but the control socket's folder.
func TestNothingIsWritten(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getenv("IBFS_TEST_FUSE") == "0" {
		t.Skip("IBFS_TEST_FUSE=0: nothing is mounted")
	}
	b := backuptest.Sample()
	b.Password = "secret"
	dir, log, at := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "trace"), filepath.Join(t.TempDir(), "mount")
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", state)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "strace", "-f", "-qq", "-o", log, "-e", "trace=open,openat,openat2,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2",
		exe, "mount", "--foreground", "--backups", dir, "--password-file", password, at)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { _, err := os.Stat(filepath.Join(at, "Anna’s iPhone/latest/Domains")); return err == nil })
	quiet(t, "sh", "-c", `find "$0" -type f -exec cat {} + >/dev/null`, at)
	if _, stderr, code := ibfs(t, "unmount", at); code != 0 {
		t.Errorf("unmount: %d: %s", code, stderr)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	trace, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(trace)) {
		writes := strings.Contains(line, "O_WRONLY") || strings.Contains(line, "O_RDWR") || strings.Contains(line, "O_CREAT") ||
			!strings.Contains(line, "open") && !strings.Contains(line, "ENOENT") && !strings.Contains(line, "EEXIST")
		allowed := strings.Contains(line, state) || strings.Contains(line, `"/dev/fuse"`) || strings.Contains(line, `"/dev/null"`) ||
			strings.Contains(line, at) || !strings.Contains(line, "(")
		if writes && !allowed {
			t.Errorf("a write: %s", strings.TrimSpace(line))
		}
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for range 200 {
		if done() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("it did not happen within 10 s")
}

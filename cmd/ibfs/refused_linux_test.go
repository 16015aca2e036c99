package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRefusedMountpoints tells what stands in the way of a mount.
func TestRefusedMountpoints(t *testing.T) {
	dir, full := written(t, note("")), t.TempDir()
	if err := os.WriteFile(full+"/file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	at := mounted(t, dir)
	loop := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ at, text, hint string }{
		"not empty":        {full, "the folder is not empty", "name an empty folder"},
		"a file":           {full + "/file", "it is not a folder", "name an empty folder"},
		"mounted already":  {at, "backups are mounted there already", "ibfs unmount '" + at + "'"},
		"in that mount":    {at + "/Phone", "", ""},
		"another mount":    {"/proc", "something else is mounted there already (proc)", "name another folder"},
		"the backup":       {dir, "lie in each other", "outside of"},
		"in the backup":    {dir + "/new", "lie in each other", "outside of"},
		"a shard of it":    {filepath.Dir(blobOf(dir)), "lie in each other", "outside of"},
		"around it":        {filepath.Dir(dir), "lie in each other", "beside"},
		"no parent":        {full + "/a/b/c", "there is no such folder", "make"},
		"links in a loop":  {loop, "too many levels of symbolic links", "name a folder"},
		"a dangling link":  {linkTo(t, full+"/gone"), "there is no such folder", "the link leads to"},
		"a link to a file": {linkTo(t, full+"/file"), "it is not a folder", "name an empty folder"},
	} {
		t.Run(name, func(t *testing.T) { fails(t, exitMountpoint, c.text, c.hint, "mount", "--backups", dir, c.at) })
	}
	t.Run("no backups", func(t *testing.T) {
		fails(t, exitNotFound, "no such file", "spelled", "mount", "--backups", full+"/none", full+"/mount")
		fails(t, exitUsage, "--backups names no folder", "ibfs mount --help", "mount", "--backups", "", full+"/mount")
	})
	if left, err := os.ReadDir(full); err != nil || len(left) != 1 {
		t.Errorf("folders that were made for nothing: %v, %v", left, err)
	}
}

func linkTo(t *testing.T, target string) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestWrongPasswordMounts does not mount what the password that was given does
// not open, unless it opens another.
func TestWrongPasswordMounts(t *testing.T) {
	needFUSE(t)
	ownHome(t)
	dir, at := written(t, note("secret")), filepath.Join(t.TempDir(), "mount")
	fails(t, exitPassword, "the backup password is wrong", "passcode", "mount", "--backups", dir, "--password-file", passwordFile(t, "no"), at)
	fails(t, exitPassword, "empty", "never empty", "mount", "--backups", dir, "--password-file", passwordFile(t, "\n"), at)
	fails(t, exitNotFound, "no such file", "spelled", "mount", "--backups", dir, "--password-file", at+"/none", at)
	fails(t, exitUsage, "--password-file and --password-command exclude each other", "--help", "mount", "--password-file", "x", "--password-command", "y", at)
	if _, err := os.Stat(at); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder that was made for nothing: %v", err)
	}
}

// TestBusy names who keeps a mount from being unmounted, which stays.
func TestBusy(t *testing.T) {
	at := mounted(t, written(t, note("")))
	holder := exec.Command("sh", "-c", `exec 3<"$0"; cd /; echo ready; exec sleep 60`, filepath.Join(at, notePath))
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	defer holder.Wait()
	defer holder.Process.Kill()
	_, _ = out.Read(make([]byte, 10))
	fails(t, exitBusy, "files or folders of the mount are in use", fmt.Sprintf("close what uses it: sleep (%d)", holder.Process.Pid), "unmount", at)
	if got, err := os.ReadFile(filepath.Join(at, notePath)); err != nil || len(got) == 0 {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}

// TestNotMounted unmounts what is no mount of ours.
func TestNotMounted(t *testing.T) {
	ownHome(t)
	for _, at := range []string{t.TempDir(), "/proc", filepath.Join(t.TempDir(), "none")} {
		fails(t, exitNotMounted, "nothing of ibfs is mounted there", "", "unmount", at)
	}
	fails(t, exitNotMounted, "no mount of ibfs is running there", "another user", "unlock")
}

// TestDeadMount takes away what a mount leaves whose process was killed: by an
// unmount, and by the next mount.
func TestDeadMount(t *testing.T) {
	dir := written(t, note(""))
	at := mounted(t, dir)
	kill := func() {
		pid := pidOf(t, at)
		if err := unix.Kill(pid, unix.SIGKILL); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the mount is dead", func() bool { _, err := os.Stat(at); return errors.Is(err, syscall.ENOTCONN) })
	}
	kill()
	quiet(t, exe(t), "mount", "--backups", dir, at)
	if got, err := os.ReadFile(filepath.Join(at, notePath)); err != nil || len(got) == 0 {
		t.Errorf("mounted over the dead one: %q, %v", got, err)
	}
	kill()
	quiet(t, exe(t), "unmount", at)
	if err := os.Remove(at); err != nil {
		t.Errorf("the folder of the dead mount: %v", err)
	}
}

// TestEndings ends a mount in all the ways that there are; its process and its
// folder go.
func TestEndings(t *testing.T) {
	dir := written(t, note("secret"))
	for name, end := range map[string]func(at string, pid int){
		"umount":      func(at string, _ int) { quiet(t, "umount", at) },
		"fusermount3": func(at string, _ int) { quiet(t, "fusermount3", "-u", at) },
		"SIGTERM":     func(_ string, pid int) { _ = unix.Kill(pid, unix.SIGTERM) },
		"SIGINT":      func(_ string, pid int) { _ = unix.Kill(pid, unix.SIGINT) },
		"SIGQUIT":     func(_ string, pid int) { _ = unix.Kill(pid, unix.SIGQUIT) },
	} {
		t.Run(name, func(t *testing.T) {
			if name == "umount" && os.Geteuid() != 0 {
				t.Skip("needs root: umount lets others end their mounts by fusermount3")
			}
			at := mounted(t, dir)
			pid := pidOf(t, at)
			end(at, pid)
			waitForEnd(t, pid)
			if _, err := os.Stat(at); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the folder: %v", err)
			}
		})
	}
}

// elsewhere runs the command in a mount namespace of its own that a line of
// shell prepares. Its second argument is a folder where all may mount.
func elsewhere(t *testing.T, prepare string, args ...string) (stderr string, code int) {
	t.Helper()
	needRoot(t, "to change what this machine has")
	_, stderr, code = program(t, "unshare", append([]string{"-m", "sh", "-c", prepare + ` exec "$0" "$@"`, exe(t)}, args...)...)
	return stderr, code
}

const bareDev = `dev=$(mktemp -d) && mount -t tmpfs none "$dev" && mknod -m 666 "$dev/null" c 1 3 && %s mount --move "$dev" /dev || exit 99;`

// TestWithoutFUSE mounts where that cannot be.
func TestWithoutFUSE(t *testing.T) {
	dir, at := written(t, note("")), filepath.Join(t.TempDir(), "mount")
	ownHome(t)
	for name, c := range map[string]struct {
		prepare, text, hint string
	}{
		"no /dev/fuse":     {fmt.Sprintf(bareDev, ""), "this system has no FUSE", "ibfs doctor"},
		"no kernel module": {fmt.Sprintf(bareDev, `mknod "$dev/fuse" c 10 255 &&`), "this system has no FUSE", "ibfs doctor"},
		"in a container":   {"exec 3<&-; set -- --bounding-set=-sys_admin --inh-caps=-sys_admin \"$0\" \"$@\"; exec setpriv \"$@\";", "mounting is not permitted here", "container"},
	} {
		t.Run(name, func(t *testing.T) {
			stderr, code := elsewhere(t, c.prepare, "mount", "--backups", dir, at)
			if code != exitFUSE || !strings.Contains(stderr, c.text) || !strings.Contains(stderr, c.hint) || strings.Count(stderr, "\n") != 2 {
				t.Errorf("exit code %d\n%s", code, stderr)
			}
			if _, err := os.Stat(at); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the folder that was made for nothing: %v", err)
			}
		})
	}
}

// TestBeingWritten mounts a backup that is not finished, and one whose index
// comes later.
func TestBeingWritten(t *testing.T) {
	library := t.TempDir()
	b := note("")
	b.State = "uploading"
	writeTo(t, library+"/one", b)
	second := note("")
	second.DeviceName, second.UDID = "Second", strings.Repeat("b", 40)
	half := t.TempDir()
	writeTo(t, half, second)
	if err := os.Rename(half+"/Manifest.db", half+".db"); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(library+"/two", os.DirFS(half)); err != nil {
		t.Fatal(err)
	}
	at := mounted(t, library)
	if about, err := os.ReadFile(at + "/Phone/latest/About this backup.txt"); err != nil || !strings.Contains(string(about), "did not finish") {
		t.Errorf("About: %s, %v", about, err)
	}
	if _, stderr, code := ibfs(t, "list", "--backups", library); code != 0 || !strings.Contains(stderr, "two: this backup never finished") {
		t.Errorf("list: %d, %s", code, stderr)
	}
	fails(t, exitNotFound, "this backup never finished", "back up again", "info", library+"/two")
	if err := os.Rename(half+".db", library+"/two/Manifest.db"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "it shows once it has its index", func() bool {
		_, err := os.Stat(at + "/Second/latest/Domains/HomeDomain")
		return err == nil
	})
}

// TestMountsAtOnce has several mounts begin on one folder: one of them is made.
func TestMountsAtOnce(t *testing.T) {
	needFUSE(t)
	ownHome(t)
	dir, at := written(t, note("")), t.TempDir()
	codes := make(chan int, 4)
	for range cap(codes) {
		go func() {
			_, _, code := ibfs(t, "mount", "--backups", dir, at)
			codes <- code
		}()
	}
	made := 0
	for range cap(codes) {
		if <-codes == 0 {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d mounts are made", made)
	}
	if _, stderr, code := ibfs(t, "unmount", at); code != 0 {
		t.Errorf("unmount: %d: %s", code, stderr)
	}
	if _, err := os.Stat(at + "/Phone"); err == nil {
		t.Error("another mount lies below")
	}
}

// TestUnmountFromInside ends a mount that the command was started in, and says
// which one a folder is part of.
func TestUnmountFromInside(t *testing.T) {
	at := mounted(t, written(t, note("")))
	_, stderr, code := program(t, "sh", "-c", `cd "$1/Phone" && exec "$0" unmount .`, exe(t), at)
	if code != exitNotMounted || !strings.Contains(stderr, "it is part of the mount at "+at+": `ibfs unmount '"+at+"'`") {
		t.Errorf("a folder of it: %d, %s", code, stderr)
	}
	_, stderr, code = program(t, "sh", "-c", `cd "$1/Phone" && "$0" unmount "$1"; r=$?; cd /; exit $r`, exe(t), at)
	if code != exitBusy || !strings.Contains(stderr, ": sh (") || strings.Contains(stderr, ";") {
		t.Errorf("from a shell in it: %d, %s", code, stderr)
	}
	quiet(t, "sh", "-c", `cd "$1/Phone" && exec "$0" unmount ..`, exe(t), at)
	if _, err := os.Stat(at); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

// TestUnmountOfAnother tells a plain user whose the mount is.
func TestUnmountOfAnother(t *testing.T) {
	u := newPlainUser(t)
	ownHome(t)
	at := u.dir + "/root"
	if _, stderr, code := ibfs(t, "mount", "--allow-other", "--backups", u.dir+"/backup", at); code != 0 {
		t.Fatal(stderr)
	}
	t.Cleanup(func() { quiet(t, exe(t), "unmount", at) })
	out, code := u.run("666", "ibfs unmount root")
	if want := "ibfs: error: DIR/root: the mount is another user's\nibfs: hint: user 0 or root can end it"; code != exitFailed || out != want {
		t.Errorf("%d, %s, want %s", code, out, want)
	}
}

// TestHints say what to do where a password or a file is not what it was taken for.
func TestHints(t *testing.T) {
	ownHome(t)
	dir := written(t, note("secret"))
	cat := []string{"cat", "--backups", dir, notePath}
	fails(t, exitPassword, "the password command failed: exit status 3", "exit status 0", append(cat, "--password-command", "exit 3")...)
	fails(t, exitFailed, "is a directory", "name a file", append(cat, "--password-file", dir)...)
	fails(t, exitFailed, "is a folder", "`ibfs ls`", "cat", "--backups", written(t, note("")), noteFolder)
	fails(t, exitUsage, "--forget and --save exclude each other", "--help", "unlock", "--forget", "--save")
}

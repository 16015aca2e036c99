package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A plainUser is nobody, with a copy of the command, a home and a backup, in a
// mount namespace where /dev/fuse has the mode that udev gives it.
type plainUser struct {
	*testing.T
	dir string // has bin/ibfs, home, backup and root's own folder
}

func newPlainUser(t *testing.T) plainUser {
	t.Helper()
	needRoot(t, "to become another user")
	dir, err := os.MkdirTemp("", "ibfs-plain") //nolint:usetesting // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	writeTo(t, dir+"/backup", note("secret"))
	quiet(t, "sh", "-c", `cd "$1" && mkdir bin home root dev && cp "$0" bin/ibfs && printf secret >password &&
		chown -R 65534 home && chmod -R a+rX .`, exe(t), dir)
	return plainUser{t, dir}
}

// run runs a line of shell as nobody, with no more environment than a login.
func (u plainUser) run(mode, line string) (output string, code int) {
	u.Helper()
	cmd := exec.Command("unshare", "-m", "sh", "-c", `
		mount -t tmpfs -o dev none "$0/dev" && mknod -m "$1" "$0/dev/fuse" c 10 229 && mount --bind "$0/dev/fuse" /dev/fuse && cd "$0" || exit 99
		exec setpriv --reuid=65534 --regid=65534 --clear-groups env -i HOME="$0/home" PATH="$0/bin:/usr/bin:/bin" `+asCommand+`=1 sh -c "$2"`,
		u.dir, mode, line)
	out, _ := cmd.CombinedOutput()
	return strings.ReplaceAll(strings.TrimSpace(string(out)), u.dir, "DIR"), cmd.ProcessState.ExitCode()
}

// TestPlainUser has somebody who is not root do all that there is to do.
func TestPlainUser(t *testing.T) {
	u := newPlainUser(t)
	out, code := u.run("666", `set -e
		ibfs mount --backups backup --password-file password home/mnt 2>/dev/null
		ls home/mnt
		cat home/mnt/`+notePath+`; echo
		stat -c '%u %a' home/mnt/`+notePath+`
		ibfs unlock
		ibfs unmount home/mnt
		ls -A home | grep -v local || true
		ibfs mount --backups backup home/mnt >/dev/null 2>&1
		ibfs unlock --password-file password
		fusermount3 -u home/mnt
		ibfs export --backups backup --password-file password `+noteFolder+` home/out`)
	want := `Mounted on DIR/home/mnt.
Phone
bplist00 lower
65534 444
Nothing is locked.
Unlocked Phone/2026-11-20_08-15-02 in DIR/home/mnt.
2 files copied, 28 B.`
	if code != 0 || out != want {
		t.Errorf("exit code %d\n%s\nwant\n%s", code, out, want)
	}
}

// TestPlainUserIsRefused tells a plain user what is missing.
func TestPlainUserIsRefused(t *testing.T) {
	u := newPlainUser(t)
	closed := u.dir + "/closed"
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	const mount = "ibfs mount --backups backup --password-file password "
	for name, c := range map[string]struct {
		mode, line string
		code       int
		text, hint string
	}{
		"a closed device":        {"600", mount + "home/mnt", exitFUSE, "/dev/fuse is closed to you", "chmod 0666 /dev/fuse"},
		"root's folder":          {"666", mount + "root", exitMountpoint, "cannot be written by you", "mount on a folder of your own"},
		"a folder in root's":     {"666", mount + "root/mnt", exitMountpoint, "permission denied", "name a folder where you may make one"},
		"a folder in none":       {"666", mount + "closed/mnt", exitMountpoint, "permission denied", "name a folder"},
		"allow-other":            {"666", mount + "--allow-other home/mnt", exitFUSE, "user_allow_other", "/etc/fuse.conf"},
		"backups of another":     {"666", "ibfs list --backups closed", exitFailed, "permission denied", "check that you may read it"},
		"a password of another":  {"666", "ibfs mount --backups backup --password-file closed/pw home/mnt", exitFailed, "permission denied", "check that you may read it"},
		"an export to another's": {"666", "ibfs export --backups backup --password-file password Phone root/out", exitFailed, "permission denied", ""},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := plainUser{t, u.dir}.run(c.mode, c.line)
			lines := strings.Split(out, "\n")
			if code != c.code || len(lines) != 2 || !strings.HasPrefix(lines[0], "ibfs: error: ") || !strings.Contains(lines[0], c.text) || !strings.Contains(lines[1], c.hint) {
				t.Errorf("exit code %d\n%s\nwant %d, %q, %q", code, out, c.code, c.text, c.hint)
			}
		})
	}
}

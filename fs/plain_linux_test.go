package fs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// plainUser runs commands as nobody, in a mount namespace of its own, in which
// /dev/fuse has the mode that udev gives it.
type plainUser struct {
	*testing.T
	dir  string // has the test binary, and mnt, the user's own folder
	mode string // of /dev/fuse
	root string // a line that root runs in the namespace meanwhile
}

func newPlainUser(t *testing.T) plainUser {
	needFUSE(t)
	if os.Geteuid() != 0 {
		t.Skip("needs root to become another user")
	}
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // it is closed to others
		t.Fatal(err)
	}
	u := plainUser{t, dir, "666", ""}
	line := `chmod 755 "$1" && cp "$2" "$1/test" && chmod 755 "$1/test" && cd "$1" && mkdir mnt host dev && chown 65534 mnt && echo text >host/file`
	if out, err := exec.Command("sh", "-c", line, "sh", dir, os.Args[0]).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	return u
}

// run starts a shell in the namespace as nobody, without an environment.
func (u plainUser) run(line string) (string, error) {
	u.Helper()
	out, err := exec.Command("unshare", "-m", "sh", "-c", `
		mount -t tmpfs -o dev none "$1/dev" && mknod -m "$3" "$1/dev/fuse" c 10 229 &&
		mount --bind "$1/dev/fuse" /dev/fuse && cd / || exit 1
		sh -c "$4" sh "$1" &
		setpriv --reuid=65534 --regid=65534 --clear-groups env -i sh -c "$2" sh "$1"`,
		"sh", u.dir, line, u.mode, u.root).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// FC-23, FC-29
func TestPlainUser(t *testing.T) {
	u := newPlainUser(t)
	u.root = `sleep 0.8; LC_ALL=C ls "$1/mnt" 2>&1 >/dev/null | sed "s/.*: /root: /"`
	// The server ends with its standard input.
	out, err := u.run(`{ sleep 1.2; cat "$1/mnt/file" >&2; stat -c '%u %a' "$1/mnt/file" >&2; grep -c " $1/mnt fuse.ibfs ro,nosuid,nodev" /proc/mounts >&2; :; } |
		IBFS_TEST_SERVE=host IBFS_TEST_ARG="$1/host" "$1/test" "$1/mnt"`)
	if want := "ready\nroot: Permission denied\ntext\n65534 444\n1"; err != nil || out != want {
		t.Errorf("%v, %q, want %q", err, out, want)
	}
}

func TestPlainUserIsToldOfABusyMount(t *testing.T) {
	u := newPlainUser(t)
	out, err := u.run(`{ sleep 1; exec 4<"$1/mnt/file"; echo unmount; sleep 1; exec 4<&-; echo unmount; :; } |
		IBFS_TEST_SERVE=host IBFS_TEST_ARG="$1/host" "$1/test" "$1/mnt"`)
	if want := "ready\nunmount " + u.dir + "/mnt: " + ErrBusy.Error() + "\ndone"; err != nil || out != want {
		t.Errorf("%v, %q, want %q", err, out, want)
	}
}

func TestPlainUserIsToldWhatIsMissing(t *testing.T) {
	u := newPlainUser(t)
	mount := `IBFS_TEST_SERVE=odd "$1/test" "$1/mnt" </dev/null`
	for name, c := range map[string]struct {
		mode, line string
		want       error
	}{
		"a closed device":      {"600", mount, ErrDevice},
		"allow-other":          {"666", `IBFS_TEST_SERVE=odd "$1/test" "$1/mnt" allow-other </dev/null`, ErrAllowOther},
		"a folder of another":  {"666", `IBFS_TEST_SERVE=odd "$1/test" "$1/host" </dev/null`, ErrNotOwner},
		"a folder in /tmp":     {"666", `IBFS_TEST_SERVE=odd "$1/test" /tmp </dev/null`, ErrNotOwner},
		"nothing: it mounts":   {"666", mount, nil},
		"nothing, a long PATH": {"666", `PATH=/none:/none/bin ` + mount, nil},
	} {
		t.Run(name, func(t *testing.T) {
			u := plainUser{t, u.dir, c.mode, ""}
			out, err := u.run(c.line)
			if c.want == nil && err != nil || c.want != nil && !strings.Contains(out, c.want.Error()) {
				t.Errorf("%v %s; want %v", err, out, c.want)
			}
		})
	}
}

func TestUserAllowOther(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "fuse.conf")
	for text, want := range map[string]bool{
		"": false, "#user_allow_other\n": false, "# x\n  user_allow_other\nmount_max = 9": true, "user_allow_other_not": false,
	} {
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := userAllowOther(conf); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if userAllowOther(conf + "none") {
		t.Error("without a file")
	}
}

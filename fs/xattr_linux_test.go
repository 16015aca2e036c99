package fs

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func listed(t *testing.T, path string) []string {
	t.Helper()
	buf := make([]byte, 64<<10)
	n, err := unix.Llistxattr(path, buf)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	names := strings.Split(string(buf[:n]), "\x00")
	slices.Sort(names)
	return names[1:]
}

// FC-24
func TestXattrs(t *testing.T) {
	s := serve(t, "xattrs", "")
	for name, want := range map[string]int{"many": 41, "long": 2, "none": 0, "dir": 41, "link": 0} {
		if got := listed(t, s.path(name)); len(got) != want {
			t.Errorf("%s: %d names %.200q", name, len(got), got)
		}
	}
	if got := listed(t, s.path("flood")); len(got) != 65535/106 || !strings.HasPrefix(got[0], "user.0") {
		t.Errorf("flood: %d names", len(got))
	}
	buf := make([]byte, 64<<10)
	for _, c := range []struct {
		file, name string
		room       int
		n          int
		err        error
	}{
		{"many", "user.ios.com.apple.n07", 100, 3, nil},
		{"many", "user.ios.com.apple.n07", 0, 3, nil},
		{"many", "user.ios.com.apple.n07", 2, 0, syscall.ERANGE},
		{"many", "user.ios.empty", 100, 0, nil},
		{"many", "user.ios.none", 100, 0, syscall.ENODATA},
		{"many", "user.ios.none", 0, 0, syscall.ENODATA},
		{"many", "security.selinux", 100, 0, syscall.ENOTSUP},
		{"many", "system.posix_acl_access", 100, 0, syscall.ENOTSUP},
		{"long", "user.ios.60k", 64 << 10, 60 << 10, nil},
		{"long", "user.ios.60k", 1000, 0, syscall.ERANGE},
		{"long", "user.ios.100k", 64 << 10, 0, syscall.ENODATA},
		{"dir", "user.ios.com.apple.n01", 100, 3, nil},
	} {
		n, err := unix.Lgetxattr(s.path(c.file), c.name, buf[:c.room])
		if !errors.Is(err, c.err) || c.err == nil && n != c.n {
			t.Errorf("%s %s, room %d: %d, %v; want %d, %v", c.file, c.name, c.room, n, err, c.n, c.err)
		}
	}
	if n, err := unix.Lgetxattr(s.path("many"), "user.ios.com.apple.n07", buf); err != nil || !bytes.Equal(buf[:n], []byte{0, 'x', 7}) {
		t.Errorf("%q, %v", buf[:n], err)
	}
	if _, err := unix.Llistxattr(s.path("many"), buf[:3]); !errors.Is(err, syscall.ERANGE) {
		t.Errorf("a list without room: %v", err)
	}
}

// FC-24, FC-32
func TestProgramsCopyXattrsInSilence(t *testing.T) {
	s := serve(t, "xattrs", "")
	if out := s.sh("getfattr -d -m - many none dir; getfattr -h -d -m - link"); strings.Count(out, "user.ios.com.apple.n") != 80 {
		t.Errorf("getfattr: %s", out)
	}
	for _, line := range []string{`cp -a many none dir link "$1"`, `rsync -aX many none dir link "$1"/`} {
		dst := t.TempDir()
		if out := s.sh(line, dst); out != "" {
			t.Errorf("%s says %s", line, out)
		}
		if got := listed(t, dst+"/many"); len(got) != 41 {
			t.Errorf("%s copied %d names", line, len(got))
		}
	}
}

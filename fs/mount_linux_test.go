package fs

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ibfs/fs/vtree/vtreetest"
)

func TestTestTreesAreSound(t *testing.T) {
	vtreetest.Check(t, oddTree(""))
	vtreetest.Check(t, xattrTree(""))
	vtreetest.Check(t, sizesTree(""))
}

func TestMountShowsWhatTheTreeHas(t *testing.T) {
	s := serve(t, "odd", "")
	names := append(slices.Clone(oddNames), "dirs", "links", "before 1970", "no time")
	slices.Sort(names)
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, names) {
		t.Errorf("listed %q\nwant   %q", got, names)
	}
	for i, name := range oddNames {
		info, err := os.Lstat(s.path(name))
		if err != nil {
			t.Error(err)
			continue
		}
		if want := int64(i * i * i * i); info.Size() != want || info.Mode() != 0o444 || !info.ModTime().Equal(oddTime(i)) {
			t.Errorf("%q: size %d, mode %v, time %v; want %d, %v", name, info.Size(), info.Mode(), info.ModTime(), want, oddTime(i))
		}
		st := info.Sys().(*syscall.Stat_t)
		if st.Nlink != 1 || int(st.Uid) != os.Getuid() || st.Blocks != (st.Size+511)/512 || st.Ino != uint64(3<<30+3+4*i) {
			t.Errorf("%q: %+v", name, st)
		}
		if target, err := os.Readlink(s.path("links", name)); err != nil || target != "../"+name {
			t.Errorf("link %q: %q, %v", name, target, err)
		}
		if b, err := os.ReadFile(s.path("dirs", name, "inside")); err != nil || string(b) != name {
			t.Errorf("file in %q: %q, %v", name, b, err)
		}
	}
	if info, err := os.Stat(s.path("before 1970")); err != nil || info.ModTime().Unix() != -86400 {
		t.Error(info.ModTime(), err)
	}
	if info, err := os.Stat(s.path("no time")); err != nil || info.ModTime().Unix() != 0 {
		t.Error(info.ModTime(), err)
	}
}

// FC-26
func TestListingsAgreeWithStat(t *testing.T) {
	for _, tree := range []string{"odd", "xattrs", "sizes"} {
		s := serve(t, tree, "")
		seen := map[uint64]string{}
		err := filepath.WalkDir(s.dir, func(path string, d iofs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := os.Lstat(path)
			if err != nil {
				return err
			}
			if path != s.dir && d.Type() != info.Mode().Type() {
				t.Errorf("%s: %v listed, %v by lstat", path, d.Type(), info.Mode().Type())
			}
			ino := info.Sys().(*syscall.Stat_t).Ino
			if other, ok := seen[ino]; ok {
				t.Errorf("%s and %s have number %d", path, other, ino)
			}
			seen[ino] = path
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		// d_ino is st_ino.
		s.sh(`ls -fi dirs 2>/dev/null | while read -r ino name; do [ "$name" = . -o "$name" = .. ] && [ "$(stat -c %i "dirs/$name")" != "$ino" ] && echo "$name $ino" && exit 1; done; true`)
	}
}

func TestProgramsCopyTheTree(t *testing.T) {
	s := serve(t, "odd", "")
	for name, line := range map[string]string{
		"cp -a":     `cp -a . "$1"`,
		"rsync -aX": `rsync -aX ./ "$1/"`,
		"tar":       `tar -cf - --xattrs . | tar -xf - --warning=no-timestamp -C "$1"`,
	} {
		t.Run(name, func(t *testing.T) {
			dst := t.TempDir()
			s := &served{TB: t, dir: s.dir, log: s.log}
			if out := s.sh(line, dst); out != "" {
				t.Errorf("it says %q", out)
			}
			list := `find . -printf '%y %m %s %T@ %l %P\0' | sort -z | tr '\0' '\n' | sed 's/^d \(.*\) [0-9]* /d \1 /'`
			here, there := s.sh(list+` | sed 's/^d \([0-9]*\) [0-9]* /d \1 /'`), (&served{TB: t, dir: dst}).sh(list+` | sed 's/^d \([0-9]*\) [0-9]* /d \1 /'`)
			if here != there {
				t.Errorf("the mount has\n%s\nthe copy has\n%s", here, there)
			}
			s.sh(`diff -r --no-dereference . "$1"`, dst)
		})
	}
}

func TestNothingCanBeChanged(t *testing.T) {
	s := serve(t, "odd", "")
	file, dir := s.path("A"), s.path("dirs")
	now := time.Now()
	for name, do := range map[string]func() error{
		"create":      func() error { _, err := os.Create(s.path("new")); return err },
		"open rw":     func() error { _, err := os.OpenFile(file, os.O_RDWR, 0); return err },
		"open w":      func() error { _, err := os.OpenFile(file, os.O_WRONLY, 0); return err },
		"truncate":    func() error { return os.Truncate(file, 0) },
		"open trunc":  func() error { _, err := os.OpenFile(file, os.O_RDONLY|os.O_TRUNC, 0); return err },
		"mkdir":       func() error { return os.Mkdir(s.path("new"), 0o777) },
		"unlink":      func() error { return syscall.Unlink(file) },
		"rmdir":       func() error { return syscall.Rmdir(s.path("dirs", "A")) },
		"rename":      func() error { return os.Rename(file, s.path("B")) },
		"link":        func() error { return os.Link(file, s.path("B")) },
		"symlink":     func() error { return os.Symlink("x", s.path("B")) },
		"chmod":       func() error { return os.Chmod(file, 0o777) },
		"chown":       func() error { return os.Lchown(dir, 1, 1) },
		"utimes":      func() error { return os.Chtimes(file, now, now) },
		"mknod":       func() error { return syscall.Mknod(s.path("B"), syscall.S_IFIFO|0o666, 0) },
		"setxattr":    func() error { return syscall.Setxattr(file, "user.x", []byte("x"), 0) },
		"removexattr": func() error { return syscall.Removexattr(file, "user.x") },
	} {
		t.Run(name, func(t *testing.T) {
			if err := do(); !errors.Is(err, syscall.EROFS) {
				t.Errorf("%v, want EROFS", err)
			}
		})
	}
}

func TestReadOnlyOpensOfAllKinds(t *testing.T) {
	s := serve(t, "odd", "")
	for _, flags := range []int{os.O_APPEND, syscall.O_NONBLOCK, syscall.O_NOFOLLOW, os.O_SYNC, syscall.O_NOATIME} {
		f, err := os.OpenFile(s.path("A"), os.O_RDONLY|flags, 0)
		if err != nil {
			t.Errorf("flags %#x: %v", flags, err)
			continue
		}
		f.Close()
	}
}

// FC-25: what sqlite3 does before it reads.
func TestLocksSucceed(t *testing.T) {
	s := serve(t, "odd", "")
	f, err := os.Open(s.path("A"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lock := syscall.Flock_t{Type: syscall.F_RDLCK, Start: 0x40000002, Len: 510}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &lock); err != nil {
		t.Error("fcntl:", err)
	}
	for _, how := range []int{syscall.LOCK_SH, syscall.LOCK_EX, syscall.LOCK_UN} {
		if err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB); err != nil {
			t.Error("flock:", err)
		}
	}
}

// FC-29
func TestMountTable(t *testing.T) {
	s := serve(t, "odd", "")
	b, err := os.ReadFile("/proc/mounts")
	if err != nil {
		t.Fatal(err)
	}
	i := strings.Index(string(b), " "+s.dir+" ")
	line := string(b)[strings.LastIndexByte(string(b)[:i], '\n')+1:]
	line, _, _ = strings.Cut(line, "\n")
	for _, part := range []string{`/backups,\040of\040anna `, " fuse.ibfs ", "ro,", "nosuid", "nodev", "default_permissions"} {
		if !strings.Contains(line, part) {
			t.Errorf("no %q in %s", part, line)
		}
	}
}

func TestStatfs(t *testing.T) {
	s := serve(t, "odd", "")
	want := "4096 2442 0 0 42 0 255"
	if got := s.sh("stat -f -c '%S %b %f %a %c %d %l' ."); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := s.sh("df --output=pcent,target . | tail -1"); got != fmt.Sprintf("100%% %s", s.dir) {
		t.Errorf("df: %s", got)
	}
}

func TestBusyIsTold(t *testing.T) {
	s := serve(t, "odd", "")
	f, err := os.Open(s.path("A"))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.tell("unmount"); !strings.Contains(got, ErrBusy.Error()) {
		t.Errorf("it says %q", got)
	}
	f.Close()
	if got := s.tell("unmount"); got != "done" {
		t.Errorf("it says %q", got)
	}
}

// A container that was started after the mount has it, too.
func TestUnmountWhileAnotherNamespaceShowsIt(t *testing.T) {
	s := serve(t, "odd", "")
	other := exec.Command("unshare", "-m", "--propagation", "private", "sleep", "60")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if got := s.tell("unmount"); !strings.Contains(got, ErrHeld.Error()) {
		t.Errorf("it says %q", got)
	}
	other.Process.Kill()
	other.Wait()
	waitFor(t, "it ends", func() bool { return s.tell("unmount") == "done" })
}

func TestUnmountLeavesAnotherMountInItsPlaceAlone(t *testing.T) {
	s := serve(t, "odd", "")
	root := &served{TB: t, dir: "/", log: s.log}
	root.sh(`{ umount "$1" || { sleep 0.3; umount "$1"; }; } && mount -t tmpfs none "$1"`, s.dir)
	if got := s.tell("unmount"); got != "done" && !strings.Contains(got, ErrHeld.Error()) {
		t.Errorf("it says %q", got)
	}
	root.sh(`umount "$1"`, s.dir)
}

func TestUnmountByOthers(t *testing.T) {
	for _, line := range []string{`umount "$1"`, `fusermount3 -u "$1"`, `umount -l "$1"`} {
		s := serve(t, "odd", "")
		if out, err := (&served{TB: t, dir: "/"}).try(line, s.dir); err != nil {
			t.Errorf("%s: %v %s", line, err, out)
		}
		s.end()
	}
}

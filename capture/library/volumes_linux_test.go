package library

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// newVolume is a new file system of some MiB, on a file.
func newVolume(t *testing.T, kind string, mib int64, options ...string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting a file system takes root")
	}
	image, at := filepath.Join(t.TempDir(), "image"), t.TempDir()
	if err := errors.Join(os.WriteFile(image, nil, 0o600), os.Truncate(image, mib<<20)); err != nil {
		t.Fatal(err)
	}
	command(t, "mkfs."+kind, append(options, image)...)
	loop := strings.TrimSpace(command(t, "losetup", "--find", "--show", image))
	t.Cleanup(func() { command(t, "losetup", "--detach", loop) })
	if kind == "exfat" {
		command(t, "mount.exfat-fuse", loop, at)
	} else {
		command(t, "mount", loop, at)
	}
	t.Cleanup(func() { command(t, "umount", at) })
	return at
}

func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", name, args, err, out)
	}
	return string(out)
}

// FC-40, FC-41: the way is the best that the file system has, found by trying;
// snapshots are whole and stay as they are in each.
func TestFileSystems(t *testing.T) {
	tests := []struct {
		kind    string
		mib     int64
		options []string
		want    Way
		modes   bool
	}{
		{"btrfs", 128, []string{"-q"}, Reflink, true},
		{"xfs", 320, []string{"-q"}, Reflink, true},
		{"ext4", 16, []string{"-q"}, Link, true},
		{"exfat", 16, nil, Copy, false},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			d := device(t, libraryAt(t, newVolume(t, tt.kind, tt.mib, tt.options...)))
			w := lock(t, d)
			defer w.Close()
			before := map[string]map[string]string{}
			const large = "ff/ff00000000000000000000000000000000000000"
			for n := 1; n <= 3; n++ {
				i := incoming(t, w)
				if err := run(i, n); err != nil {
					t.Fatal(err)
				}
				if n == 1 {
					write(t, i, large, strings.Repeat("x", 1<<20))
				}
				s := publish(t, i, day(n))
				before[s.Path] = frozen(t, s.Path)
				if s.Way != tt.want {
					t.Errorf("cloned by %s, want %s", s.Way, tt.want)
				}
				if own := s.OwnBytes < 1<<20; own != (n > 1 && tt.want != Copy) {
					t.Errorf("snapshot %d: %d own of %d", n, s.OwnBytes, s.Bytes)
				}
				if fi, err := os.Stat(s.Path + "/" + large); err != nil || (fi.Mode().Perm() == sealedMode) != tt.modes {
					t.Errorf("%v, %v", fi.Mode(), err)
				}
				if n > 1 && tt.want == Reflink {
					if extents := command(t, "filefrag", "-v", s.Path+"/"+large); !strings.Contains(extents, "shared") {
						t.Errorf("no shared extents: %s", extents)
					}
				}
			}
			for path, was := range before {
				if !maps.Equal(frozen(t, path), was) {
					t.Errorf("%s has changed", path)
				}
			}
			all, err := d.Snapshots()
			if err != nil {
				t.Fatal(err)
			}
			if u, err := d.Usage(t.Context(), all...); err != nil || u.Exact != (tt.want != Reflink) || u.Own == 0 {
				t.Errorf("usage %+v, %v", u, err)
			}
			if err := w.Delete(t.Context(), all[0].Name, false); err != nil {
				t.Error(err)
			}
		})
	}
}

// FC-39: a file that has all the links it may have is copied, and the run goes on.
func TestTooManyLinks(t *testing.T) {
	at := newVolume(t, "ext4", 32, "-q")
	d := device(t, libraryAt(t, at))
	w := lock(t, d)
	defer w.Close()
	s := backup(t, w, 1)
	full := filepath.Join(s.Path, blob(5))
	if err := os.Mkdir(at+"/many", 0o700); err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		err := os.Link(full, fmt.Sprint(at, "/many/", n))
		if errors.Is(err, unix.EMLINK) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	before := frozen(t, s.Path)
	i := incoming(t, w)
	if i.Way != Link || i.Copied != 1 || !maps.Equal(read(t, i.Dir()), content(1)) {
		t.Errorf("%s, %d copied, %v", i.Way, i.Copied, read(t, i.Dir()))
	}
	if err := run(i, 2); err != nil {
		t.Fatal(err)
	}
	if s := publish(t, i, day(2)); !maps.Equal(read(t, s.Path), content(2)) {
		t.Errorf("got %v", read(t, s.Path))
	}
	if !maps.Equal(frozen(t, s.Path), before) {
		t.Error("the first snapshot has changed")
	}
}

func TestDiskFull(t *testing.T) {
	for _, kind := range []string{"exfat", "ext4"} {
		t.Run(kind, func(t *testing.T) {
			at := newVolume(t, kind, 16)
			d := device(t, libraryAt(t, at))
			w := lock(t, d)
			defer w.Close()
			i := incoming(t, w)
			write(t, i, blob(1), strings.Repeat("x", 4<<20))
			s := publish(t, i, day(1))
			before := frozen(t, s.Path)
			fill(t, at+"/other")
			_, err := w.Incoming(t.Context(), IncomingOptions{})
			if !errors.Is(err, ErrNoSpace) {
				t.Errorf("got %v", err)
			}
			if err := os.Remove(at + "/other"); err != nil {
				t.Fatal(err)
			}
			i = incoming(t, w)
			if err := run(i, 1); err != nil {
				t.Fatal(err)
			}
			fill(t, at+"/other")
			if _, err := i.Publish(t.Context(), PublishOptions{Taken: day(2), Verify: good}); !errors.Is(err, ErrNoSpace) {
				t.Errorf("got %v", err)
			}
			if got := names(t, d); len(got) != 1 || !maps.Equal(frozen(t, s.Path), before) {
				t.Errorf("snapshots %v", got)
			}
			if err := os.Remove(at + "/other"); err != nil {
				t.Fatal(err)
			}
			publish(t, i, day(2))
		})
	}
}

// fill writes until no byte is left.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; size /= 2 {
		for err == nil {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, unix.ENOSPC) {
			t.Fatal(err)
		}
		err = nil
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
}

// A library that cannot be written to shows its snapshots, and says so when it
// is asked for more.
func TestReadOnly(t *testing.T) {
	at := newVolume(t, "ext4", 16, "-q")
	d := device(t, libraryAt(t, at))
	w := lock(t, d)
	s := backup(t, w, 1)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	command(t, "mount", "-o", "remount,ro", at)
	l, err := Create(at, Options{})
	if err != nil {
		t.Fatal(err)
	}
	d = device(t, l)
	if got := names(t, d); len(got) != 1 {
		t.Errorf("snapshots %v", got)
	}
	if u, err := d.Usage(t.Context(), s); err != nil || u.Bytes != s.Bytes {
		t.Errorf("usage %+v, %v", u, err)
	}
	if _, err := d.Lock(t.Context()); !errors.Is(err, ErrReadOnly) || !errors.Is(err, unix.EROFS) {
		t.Errorf("lock: %v", err)
	}
	if _, err := Create(at+"/other", Options{}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("create: %v", err)
	}
}

// A folder of the device on another volume is refused before anything is done.
func TestOtherVolume(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting a file system takes root")
	}
	d := device(t, newLibrary(t))
	at := filepath.Join(d.Dir(), snapshotsDir)
	if err := os.MkdirAll(at, 0o700); err != nil {
		t.Fatal(err)
	}
	command(t, "mount", "-t", "tmpfs", "none", at)
	defer command(t, "umount", at)
	if _, err := d.Lock(t.Context()); !errors.Is(err, ErrOtherVolume) {
		t.Errorf("got %v", err)
	}
}

// On btrfs not a byte can be written to a full disk, and not even the word of who
// has the lock; to delete a snapshot is what makes room.
func TestDeleteOnAFullDisk(t *testing.T) {
	at := newVolume(t, "btrfs", 128, "-q")
	d := device(t, libraryAt(t, at))
	w := lock(t, d)
	first := backup(t, w, 1)
	backup(t, w, 2)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	fill(t, at+"/other")
	w = lock(t, d)
	defer w.Close()
	if err := w.Delete(t.Context(), first.Name, false); err != nil {
		t.Error(err)
	}
}

package capture_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/capture"
	"ibfs/capture/fakedevice"
	"ibfs/capture/library"
)

// FC-40, FC-41: on a file system without links the newest snapshot is copied, which is
// told once a run, and the report says so.
func TestCopyIsToldFC40(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting a file system takes root")
	}
	image, at := filepath.Join(t.TempDir(), "image"), t.TempDir()
	if err := errors.Join(os.WriteFile(image, nil, 0o600), os.Truncate(image, 2<<30)); err != nil {
		t.Fatal(err)
	}
	command := func(name string, args ...string) string {
		t.Helper()
		out, err := exec.Command(name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v: %s", name, args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	command("mkfs.exfat", image)
	loop := command("losetup", "--find", "--show", image)
	t.Cleanup(func() { command("losetup", "--detach", loop) })
	command("mount.exfat-fuse", loop, at)
	t.Cleanup(func() { command("umount", at) })

	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(3))}})
	var err error
	if b.lib, err = library.Create(filepath.Join(at, "library"), library.Options{}); err != nil {
		t.Fatal(err)
	}
	b.backup.Library = b.lib
	for run, want := range []int{0, 1, 2} { // the first has nothing to copy
		if r := b.mustRun(); r.Way != library.Copy {
			t.Errorf("run %d: %+v", run, r)
		}
		told := 0
		for _, e := range b.events {
			if e.Step == capture.Cloning && strings.Contains(e.Warning, "full size") {
				told++
			}
		}
		if told != want {
			t.Errorf("run %d: told %d times in all", run, told)
		}
	}
}

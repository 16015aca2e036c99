package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ibfs/capture/fakedevice"
)

// What a phone cannot go on from is dropped: the error of a run that went on and
// ended alike says how.
func TestDeleteUnfinished(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna’s iPhone"}
	library := plugIn(t, p)
	works(t, "backup")
	cutOff := func() (stderr string) {
		t.Helper()
		p.SetScript(fakedevice.Fault{Before: fakedevice.StepMove, Do: fakedevice.Cut()})
		_, stderr, code := ibfs(t, "backup")
		if code != exitPhone {
			t.Fatalf("exit code %d\n%s", code, stderr)
		}
		return stderr
	}
	fails(t, exitNotFound, "no run has left anything", "--library", "delete", "--yes", "--unfinished", p.Name)
	if first := cutOff(); strings.Contains(first, "--unfinished") {
		t.Errorf("the first that was cut off is given up:\n%s", first)
	}
	if second := cutOff(); !strings.Contains(second, "if it ends so again, `ibfs delete --unfinished PHONE`") {
		t.Errorf("the second does not say how to begin anew:\n%s", second)
	}
	for _, name := range []string{"anna's iphone", p.UDID[:12], filepath.Join(library, p.UDID)} {
		stdout, stderr := works(t, "delete", "--yes", "--unfinished", name)
		if !strings.Contains(stderr, "that frees") || !strings.Contains(stdout, "begins from the last snapshot") {
			t.Errorf("%s: it says:\n%s%s", name, stderr, stdout)
		}
		if left, err := filepath.Glob(filepath.Join(library, p.UDID, "incoming", "*")); err != nil || len(left) > 0 {
			t.Errorf("%s: left: %q, %v", name, left, err)
		}
		fails(t, exitNotFound, "no run has left anything", "--library", "delete", "--yes", "--unfinished", name)
		cutOff()
	}
	if n := len(snapshotNames(t, library, p.UDID)); n != 1 {
		t.Errorf("%d snapshots", n)
	}
	fails(t, exitUsage, "--force and --unfinished exclude each other", "--help", "delete", "--force", "--unfinished", p.Name)
}

// A deletion that ended midway says what has become of the snapshot, and the same
// command goes on with it.
func TestDeleteGoesOn(t *testing.T) {
	needRoot(t, "a file that cannot be removed is a mount")
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	library := plugIn(t, p)
	works(t, "backup")
	works(t, "backup")
	for i, left := range []int{1, 0} { // beside another, and the last of the phone
		going := snapshotNames(t, library, p.UDID)[0]
		inside := filepath.Join(going, "held")
		if err := os.Mkdir(inside, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount("tmpfs", inside, "tmpfs", 0, ""); err != nil {
			t.Fatal(err)
		}
		inTrash := filepath.Join(library, p.UDID, "trash", filepath.Base(going)+".1", "held")
		t.Cleanup(func() { _ = unix.Unmount(inTrash, 0) })
		name := p.Name + "@" + filepath.Base(going)
		if i == 1 {
			name = going // by its path
		}
		_, stderr, code := ibfs(t, "delete", "--yes", "--force", name)
		if code != exitFailed || !strings.Contains(stderr, "busy\nibfs: hint: it is gone; the rest of its files goes with the next `ibfs delete` or `ibfs backup`\n") {
			t.Errorf("exit code %d\n%s", code, stderr)
		}
		if err := unix.Unmount(inTrash, 0); err != nil {
			t.Fatal(err)
		}
		fails(t, exitNotFound, "no", "", "delete", "--yes", "Ben@2026-11-20_08-15-02")
		if _, stderr := works(t, "delete", "--yes", "--force", name); !strings.Contains(stderr, "the rest of what an earlier delete left is removed") {
			t.Errorf("it says:\n%s", stderr)
		}
		if trash, err := filepath.Glob(filepath.Join(library, p.UDID, "trash", "*")); err != nil || len(trash) > 0 {
			t.Errorf("in the trash: %q, %v", trash, err)
		}
		if n := len(snapshotNames(t, library, p.UDID)); n != left {
			t.Errorf("%d snapshots, want %d", n, left)
		}
		fails(t, exitNotFound, "no", "", "delete", "--yes", "--force", name)
	}
	f := explain(about("x", &deletedInPart{context.Canceled}))
	if f.Code != exitInterrupted || f.Text != "interrupted" || !strings.Contains(f.Hint, "it is gone") {
		t.Errorf("after Ctrl-C: %+v", f)
	}
}

package backupfmt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
)

// TestIdleHoldsNothing: of a backup that nobody reads no file is open, and it is
// read as before when somebody does.
func TestIdleHoldsNothing(t *testing.T) {
	dir := t.TempDir()
	b := small()
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	opened := openDir(t, dir, "")
	for range 2 {
		checkFile(t, opened, b.Files[3])
		if len(openBelow(t, dir)) == 0 {
			t.Error("nothing is held open while it is in use")
		}
		for deadline := time.Now().Add(20 * time.Second); len(openBelow(t, dir)) > 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("still open: %q", openBelow(t, dir))
			}
		}
	}
	if _, err := opened.Index(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// openBelow lists what this process has open below a folder.
func openBelow(t *testing.T, dir string) (all []string) {
	t.Helper()
	const own = "/proc/self/fd"
	fds, err := os.ReadDir(own)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if name, err := os.Readlink(filepath.Join(own, fd.Name())); err == nil && strings.HasPrefix(name, dir) {
			all = append(all, name)
		}
	}
	return all
}

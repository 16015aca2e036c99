package snaptree

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// TestRefreshPasses looks again while the disk ails or too many files are open:
// what was there stays, and what is new comes once it can be read.
func TestRefreshPasses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, device string) {
		b := backuptest.Backup{UDID: "00008110-00000000000000" + device, DeviceName: device}
		if err := backuptest.Write(filepath.Join(dir, name), b); err != nil {
			t.Fatal(err)
		}
	}
	write("some/old", "0A")
	tree, err := New(t.Context(), Options{Places: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	old := tree.snapshots[0]
	write("some/new", "0B")
	all, err := tree.finder.Find(t.Context(), dir)
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	unread := func(path, stamp string) backupfmt.Found {
		path = filepath.Join(dir, path)
		return backupfmt.Found{Path: path, Stamp: stamp, Err: fmt.Errorf("read %s: %w", path, syscall.EMFILE)}
	}
	for name, c := range map[string]struct {
		found    []backupfmt.Found
		problems int
	}{
		"neither can be read":     {[]backupfmt.Found{unread("some/old", all[0].Stamp), unread("some/new", all[1].Stamp)}, 2},
		"nor can what holds them": {[]backupfmt.Found{unread("some", "")}, 1},
	} {
		tree.settle(c.found, nil, map[string]bool{})
		if s := tree.snapshots; len(tree.devices) != 1 || len(s) != 1 || s[0] != old || len(tree.problems) != c.problems {
			t.Errorf("%s: %d devices, %d snapshots, problems %v", name, len(tree.devices), len(s), tree.problems)
		}
	}
	tree.settle(all, nil, map[string]bool{})
	if s := tree.snapshots; len(s) != 2 || s[0] != old || s[1].device.name != "0B" || len(tree.problems) != 0 {
		t.Errorf("%d snapshots, problems %v", len(s), tree.problems)
	}
}

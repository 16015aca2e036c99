package mobilebackup2

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/capture/devicelink/devicelinktest"
)

// published makes a snapshot, and a working tree of hard links to its files.
func published(t *testing.T) (snapshot, work string, before map[string]string) {
	t.Helper()
	snapshot, work = t.TempDir(), t.TempDir()
	before = finishedBackup(t, snapshot)
	for name := range before {
		var err error
		if strings.HasSuffix(name, "/") {
			err = os.MkdirAll(filepath.Join(work, name), 0o700)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range before {
		if !strings.HasSuffix(name, "/") {
			if err := os.Link(filepath.Join(snapshot, name), filepath.Join(work, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return snapshot, work, before
}

// TestCutAtEveryByte cuts the phone's side of a run at each byte. The run fails, no
// published file changes, no half file shows, and the next run ends well.
func TestCutAtEveryByte(t *testing.T) {
	whole := fullRun(map[string]string{"old": "new content", "added": "x", "empty": ""})
	snapshot, work, before := published(t)
	step := 1
	if testing.Short() {
		step = 13
	}
	for n := 0; n < len(whole); n += step {
		tree := openTree(t, work, TreeOptions{})
		if _, _, err := run(t, whole[:n], tree, BackupOptions{}); err == nil {
			t.Fatalf("cut at byte %d of %d: no error", n, len(whole))
		}
		if err := tree.Close(); err != nil {
			t.Fatalf("cut at byte %d: %v", n, err)
		}
		if _, err := os.Lstat(filepath.Join(work, tree.staging)); err == nil {
			t.Fatalf("cut at byte %d: files of ours are left", n)
		}
		if n%97 == 0 {
			mustEqual(t, "the snapshot", files(t, snapshot), before)
		}
	}
	tree := openTree(t, work, TreeOptions{})
	if _, _, err := run(t, fullRun(map[string]string{"old": "new content", "added": "x", "empty": ""}), tree, BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	mustEqual(t, "the snapshot", files(t, snapshot), before)
	if got := files(t, work)[udid+"/"+shard("added")]; got != "x" {
		t.Errorf("the added file is %q", got)
	}
}

// TestBytewise gives the run a byte at a time.
func TestBytewise(t *testing.T) {
	_, tree := workingTree(t)
	conn := &devicelinktest.Conn{Script: fullRun(map[string]string{"a": "hello"}), Step: 1}
	client, err := Start(t.Context(), conn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Backup(t.Context(), udid, tree, BackupOptions{}); err != nil {
		t.Fatal(err)
	}
}

package mobilebackup2

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	iofs "io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"ibfs/capture/devicelink/bplist"
	"ibfs/capture/devicelink/devicelinktest"
)

const udid = "00008101-000A1D2E0C01001E"

// workingTree is a folder for a tree, and the tree.
func workingTree(t *testing.T) (string, *Tree) {
	t.Helper()
	dir := t.TempDir()
	return dir, openTree(t, dir, TreeOptions{})
}

func openTree(t testing.TB, dir string, o TreeOptions) *Tree {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := OpenTree(t.Context(), root, udid, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
		root.Close()
	})
	return tree
}

// files is all that lies below a folder: path to content; folders end in "/".
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d iofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			found[name+"/"] = ""
		case d.Type().IsRegular():
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			found[name] = string(b)
		default:
			found[name] = d.Type().String()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func status(state string) string {
	return string(bplist.Encode(map[string]any{"SnapshotState": state, "UUID": "A", "Version": "3.3", "BackupState": "new", "IsFullBackup": true}))
}

// finishedBackup makes a small finished backup and returns its files.
func finishedBackup(t testing.TB, dir string) map[string]string {
	t.Helper()
	for name, content := range map[string]string{
		"Status.plist": status("finished"), "Manifest.plist": "m", "Manifest.db": "d",
		"Info.plist": "i", shard("old"): "old", shard("kept"): "kept",
	} {
		write(t, filepath.Join(dir, udid, name), content)
	}
	return maps.Clone(files(t, dir))
}

// shard is the place of a file in a backup.
func shard(name string) string {
	sum := sha1.Sum([]byte("HomeDomain-" + name))
	id := hex.EncodeToString(sum[:])
	return id[:2] + "/" + id
}

// fullRun is what a phone sends in a full backup of some files.
func fullRun(content map[string]string) devicelinktest.Script {
	var s devicelinktest.Script
	s.Open()
	s.Hello()
	s.Message("DLContentsOfDirectory", "")
	s.Message("DLContentsOfDirectory", udid)
	s.Message("DLMessageDownloadFiles", []any{udid + "/Status.plist", udid + "/Manifest.plist", udid + "/Manifest.db"}, map[string]any{}, 0.0)
	s.Message("DLMessageCreateDirectory", udid+"/Snapshot", map[string]any{}, 0.0)
	s.Message("DLMessageGetFreeDiskSpace")
	s.Message("DLMessagePurgeDiskSpace", 1<<30, 0)
	moves := map[string]any{}
	for name := range content {
		place := shard(name)
		s.Message("DLMessageCreateDirectory", udid+"/Snapshot/"+place[:2], map[string]any{}, 0.0)
		moves[udid+"/Snapshot/"+place] = udid + "/" + place
	}
	s.Upload(10, 1000)
	for name, c := range content {
		if c == "" {
			s.File(udid + "/Snapshot/" + shard(name))
			continue
		}
		s.File(udid+"/Snapshot/"+shard(name), c[:len(c)/2], c[len(c)/2:])
	}
	s.EndFiles()
	s.Upload(85, 3)
	s.File(udid+"/Snapshot/Manifest.plist", "manifest")
	s.File(udid+"/Snapshot/Manifest.db", "database")
	s.File(udid+"/Status.plist", status("finished"))
	s.EndFiles()
	moves[udid+"/Snapshot/Manifest.plist"] = udid + "/Manifest.plist"
	moves[udid+"/Snapshot/Manifest.db"] = udid + "/Manifest.db"
	s.Message("DLMessageMoveItems", moves, map[string]any{}, 65.0)
	s.Message("DLMessageRemoveItems", []any{udid + "/Snapshot", udid + "/" + shard("old")}, map[string]any{}, 100.0)
	s.Message("DLMessageDownloadFiles", []any{udid + "/Status.plist"}, map[string]any{}, -1.0)
	s.Message("DLContentsOfDirectory", udid)
	s.Final(0, "")
	return s
}

// run plays a script to a backup.
func run(t *testing.T, s devicelinktest.Script, tree *Tree, o BackupOptions) (*devicelinktest.Conn, *Result, error) {
	t.Helper()
	conn := &devicelinktest.Conn{Script: s}
	client, err := Start(t.Context(), conn, Options{})
	if err != nil {
		return conn, &Result{}, err
	}
	result, err := client.Backup(t.Context(), udid, tree, o)
	client.Close()
	return conn, result, err
}

func mustEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s is\n%v\nwant\n%v", what, got, want)
	}
}

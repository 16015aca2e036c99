package mobilebackup2

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ibfs/capture/capturetest"
	"ibfs/capture/devicelink"
	"ibfs/capture/devicelink/devicelinktest"
)

func openOverlay(t testing.TB, dir string) *Overlay {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	o, err := OpenOverlay(root, udid)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
		root.Close()
	})
	return o
}

// shown is all that a phone sees below a folder of a store: path to content; folders
// end in "/".
func shown(t testing.TB, s devicelink.Store, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := s.List(dir, func(e devicelink.Entry) error {
		path := strings.TrimPrefix(dir+"/"+e.Name, "/")
		if _, twice := found[path]; twice {
			t.Errorf("%s is listed twice", path)
		}
		if e.Kind == devicelink.Directory {
			found[path+"/"] = ""
			return nil
		}
		r, err := s.Open(path)
		if err != nil {
			return fmt.Errorf("%s is listed: %w", path, err)
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		if int64(len(b)) != e.Size {
			t.Errorf("%s has %d bytes, listed are %d", path, len(b), e.Size)
		}
		found[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range maps.Clone(found) {
		if folder, ok := strings.CutSuffix(path, "/"); ok {
			maps.Copy(found, shown(t, s, folder))
		}
	}
	return found
}

// TestOverlay lets a phone turn a backup upside down. It sees what it did, and the
// backup is as it was.
func TestOverlay(t *testing.T) {
	dir := t.TempDir()
	finishedBackup(t, dir)
	backup := filepath.Join(dir, "the folder's name is of no account")
	if err := os.Rename(filepath.Join(dir, udid), backup); err != nil {
		t.Fatal(err)
	}
	before := capturetest.Frozen(t, dir)
	old, kept := udid+"/"+shard("old"), udid+"/"+shard("kept")

	conn := &devicelinktest.Conn{}
	s := &conn.Script
	s.Open()
	s.Hello()
	s.Message("DLContentsOfDirectory", "")
	s.Message("DLMessageCopyItem", udid, udid+"/../copy")
	s.Message("DLMessageCopyItem", udid+"/Info.plist", udid+"/copies/Info.plist")
	s.Message("DLMessageMoveItems", map[string]any{old: kept, udid + "/Info.plist": udid + "/x/y"}, map[string]any{}, 0.0)
	s.Message("DLMessageCreateDirectory", udid+"/empty", map[string]any{}, 0.0)
	s.Upload(10, 10)
	s.File(udid+"/x/new", "new ", "content")
	s.File(udid+"/Status.plist", "over the old one")
	s.EndFiles()
	s.Message("DLMessageRemoveItems", []any{udid + "/Manifest.db", udid + "/none"}, map[string]any{}, 0.0)
	s.Message("DLMessageDownloadFiles", []any{kept, udid + "/x/new"}, map[string]any{}, 0.0)
	s.Final(0, "")
	client, err := Start(t.Context(), conn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := openOverlay(t, backup)
	if _, err := client.Restore(t.Context(), "another", o, RestoreOptions{}); !errors.Is(err, devicelink.ErrRefused) {
		t.Errorf("error %v", err)
	}
	want := map[string]string{
		udid + "/": "", udid + "/Manifest.plist": "m", udid + "/Status.plist": "over the old one",
		udid + "/copies/": "", udid + "/copies/Info.plist": "i", udid + "/x/": "", udid + "/x/y": "i", udid + "/x/new": "new content",
		udid + "/empty/": "", kept: "old", filepath.Dir(kept) + "/": "", filepath.Dir(old) + "/": "",
	}
	mustEqual(t, "what the phone sees", shown(t, o, ""), want)
	mustEqual(t, "the backup", capturetest.Frozen(t, dir), before)
	if err := o.Finished(); !errors.Is(err, ErrUnfinished) {
		t.Errorf("finished without its index: %v", err)
	}
}

// TestOverlayScratch leaves no name on any disk while a phone writes, and takes up
// what it discards.
func TestOverlayScratch(t *testing.T) {
	dir, temp := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	finishedBackup(t, dir)
	o := openOverlay(t, filepath.Join(dir, udid))
	for range 100 {
		w, err := o.Create(udid + "/x")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Create(udid + "/y"); !errors.Is(err, errWriting) {
			t.Errorf("a second file at the same time: %v", err)
		}
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		w.Discard(t.Context())
	}
	if err := createFile(o, udid+"/x"); err != nil {
		t.Fatal(err)
	}
	mustEqual(t, "the folder for what is temporary", files(t, temp), map[string]string{"./": ""})
	if fi, err := o.scratch.Stat(); err != nil || fi.Size() > 1<<20 || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi, err)
	}
	mustEqual(t, "x", shown(t, o, "")[udid+"/x"], "evil")
}

// TestOverlayBound forgets nothing and takes no more memory than it may.
func TestOverlayBound(t *testing.T) {
	dir := t.TempDir()
	finishedBackup(t, dir)
	o := openOverlay(t, filepath.Join(dir, udid))
	o.nodes = maxNodes - 100
	var err error
	for i := 0; err == nil && i < 1000; i++ { // each copies all that were made before
		err = errors.Join(o.MakeDir(fmt.Sprintf("%s/a/%d", udid, i)), o.Copy(t.Context(), udid+"/a", fmt.Sprintf("%s/b%d", udid, i)))
	}
	if !errors.Is(err, unix.ENOSPC) || devicelink.Code(err) != -15 {
		t.Errorf("error %v", err)
	}
	if got := shown(t, o, "")[udid+"/"+shard("kept")]; got != "kept" {
		t.Errorf("the backup shows %q", got)
	}
}

// FuzzOverlay does the same to an overlay and to a tree that is a copy of the backup:
// a phone cannot tell one from the other.
func FuzzOverlay(f *testing.F) {
	random := rand.NewChaCha8([32]byte{})
	for range 40 {
		ops := make([]byte, 36)
		random.Read(ops)
		f.Add(ops)
	}
	f.Add([]byte{0, 1, 2, 1, 2, 3, 2, 0, 9, 3, 4, 0, 4, 2, 1})
	f.Add([]byte{4, 0, 0, 3, 1, 0, 1, 5, 6, 2, 5, 7, 0, 6, 1})
	f.Add([]byte{1, 1, 4, 0, 4, 0, 1, 4, 8, 2, 9, 3, 1, 8, 9, 4, 3, 0, 3, 8, 0})
	names := []string{
		udid, udid + "/Info.plist", udid + "/ab", udid + "/ab/one", udid + "/ab/two", udid + "/cd", udid + "/cd/deep/three",
		udid + "/cd/deep", udid + "/new", udid + "/new/four", udid + "/ab/one/below",
	}
	f.Fuzz(func(t *testing.T, ops []byte) {
		backup, work := t.TempDir(), t.TempDir()
		for _, dir := range []string{backup, filepath.Join(work, udid)} {
			for name, content := range map[string]string{"Info.plist": "i", "ab/one": "1", "ab/two": "22", "cd/deep/three": "333"} {
				path := filepath.Join(dir, name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
		}
		before := capturetest.Frozen(t, backup)
		root, err := os.OpenRoot(work)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		tree, err := OpenTree(t.Context(), root, udid, TreeOptions{Reserve: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer tree.Close()
		o := openOverlay(t, backup)
		for len(ops) >= 3 {
			from, to := names[int(ops[1])%len(names)], names[int(ops[2])%len(names)]
			do := []func(devicelink.Store) error{
				func(s devicelink.Store) error { return s.MakeDir(to) },
				func(s devicelink.Store) error { return createFile(s, to) },
				func(s devicelink.Store) error { return s.Move(t.Context(), from, to) },
				func(s devicelink.Store) error { return s.Copy(t.Context(), from, to) },
				func(s devicelink.Store) error { return s.Remove(t.Context(), to) },
			}[ops[0]%5]
			one, two := do(tree), do(o)
			if (one == nil) != (two == nil) && ops[0]%5 != 4 && from != to { // of what is not there, neither is of account
				t.Errorf("operation %d of %s, %s: %v, %v", ops[0]%5, from, to, one, two)
			}
			ops = ops[3:]
			if a, b := shown(t, tree, ""), shown(t, o, ""); !maps.Equal(a, b) {
				t.Fatalf("the tree shows\n%v\nand the overlay\n%v", a, b)
			}
		}
		if !maps.Equal(capturetest.Frozen(t, backup), before) {
			t.Error("the backup has changed")
		}
	})
}

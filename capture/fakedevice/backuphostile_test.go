package fakedevice_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture/fakedevice"
	"ibfs/capture/mobilebackup2"
)

// ours backs a phone up by ibfs's own client, into the folder root.
func ours(t *testing.T, p *fakedevice.Phone, root string) (*mobilebackup2.Result, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir, err := os.OpenRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	tree, err := mobilebackup2.OpenTree(t.Context(), dir, udid, mobilebackup2.TreeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	near, far := socketPair(t)
	served := make(chan error, 1)
	go func() { served <- p.ServeBackup(ctx, far) }()
	client, err := mobilebackup2.Start(ctx, near, mobilebackup2.Options{})
	if err != nil {
		<-served
		return nil, err
	}
	result, err := client.Backup(ctx, udid, tree, mobilebackup2.BackupOptions{})
	client.Close()
	<-served
	if err := tree.Close(); err != nil {
		t.Error(err)
	}
	return result, err
}

// A hostile phone reaches nothing outside the tree, the run is no success, and
// the next one is.
func TestHostilePhone(t *testing.T) {
	s := content(t, tiny())
	move := func(from, to string) fakedevice.Action {
		return fakedevice.Send("DLMessageMoveItems", map[string]any{from: to}, 0, 98.0)
	}
	remove := func(name string) fakedevice.Action {
		return fakedevice.Send("DLMessageRemoveItems", []string{name}, 0, 98.0)
	}
	actions := map[string]fakedevice.Action{
		"move the tree over a sibling": move(udid, "sibling"),
		"move a sibling in":            move("sibling", udid+"/sibling"),
		"move out":                     move(udid+"/Info.plist", "../victim"),
		"copy out":                     fakedevice.Send("DLMessageCopyItem", udid+"/Info.plist", "../victim", 0, 0.0),
		"copy in":                      fakedevice.Send("DLMessageCopyItem", "../victim", udid+"/stolen", 0, 0.0),
		"remove the root":              remove(""),
		"remove a sibling":             remove("sibling"),
		"remove outside":               remove(udid + "/../../victim"),
		"list outside":                 fakedevice.Send("DLContentsOfDirectory", udid+"/../.."),
		"download outside":             fakedevice.Download("../victim", "/etc/passwd"),
		"a message that holds itself":  fakedevice.Message(fakedevice.CyclicPlist()),
		"a message a million deep":     fakedevice.Message(fakedevice.NestedPlist(1_000_000)),
		"a message of 2^60 strings":    fakedevice.Message(fakedevice.ManifoldPlist(60)),
		"a message of 4 GB":            fakedevice.Raw([]byte("\xff\xff\xff\xfebplist00")),
		"a frame of length 0":          fakedevice.UploadFrames(udid+"/x", []byte{0, 0, 0, 0}),
		"a frame of no known code":     fakedevice.UploadFrames(udid+"/x", fakedevice.Frame(0x33, []byte("x"))),
		"a name of 4097 bytes":         fakedevice.Upload(udid+"/"+strings.Repeat("x", 4097-len(udid)-1), []byte("x")),
	}
	for _, name := range []string{
		"../victim", "/etc/victim", udid + "/../../victim", udid + "//x", udid + "/a\x00b", udid + `/a\b`,
		udid + "/" + strings.Repeat("x", 300), udid + "/./x", udid + strings.Repeat("/d", 100), "sibling/file", "", udid + "/link/x",
	} {
		actions[fmt.Sprintf("upload to %.40q", name)] = fakedevice.Upload(name, []byte("hostile"))
		actions[fmt.Sprintf("create %.40q", name)] = fakedevice.Send("DLMessageCreateDirectory", name, 0, 0.0)
	}
	for name, action := range actions {
		t.Run(name, func(t *testing.T) {
			outside := t.TempDir()
			root := filepath.Join(outside, "root")
			write(t, filepath.Join(outside, "victim"), "victim")
			write(t, filepath.Join(root, "sibling/file"), "sibling")
			write(t, filepath.Join(root, udid, "Info.plist"), "info")
			link := filepath.Join(root, udid, "link")
			p := phone(s,
				fakedevice.Fault{Before: fakedevice.StepUpload, Do: fakedevice.Call(func() {
					if err := os.Symlink(outside, link); err != nil {
						t.Error(err)
					}
				})},
				fakedevice.Fault{Before: fakedevice.StepUpload, Do: action})
			before := tree(t, outside)
			_, err := ours(t, p, root)
			for _, a := range last(t, p).Answers {
				if a.Bytes != 0 {
					t.Errorf("the host gave away %d bytes", a.Bytes)
				}
				if a.Code == 0 && err == nil {
					t.Errorf("%s was done: %+v", a.Message, a)
				}
			}
			if err := os.Remove(link); err != nil {
				t.Error(err)
			}
			if after := tree(t, outside); after != before {
				t.Errorf("outside of the tree is now %s, was %s", after, before)
			}
			if _, err := ours(t, p, root); err != nil {
				t.Errorf("the next run: %v", err)
			}
			holds(t, filepath.Join(root, udid), s)
		})
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tree tells what lies below a folder, but for the backup itself.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range []string{"*", "root/*", "root/sibling/*"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, _ := os.ReadFile(name) // a folder has none
			fmt.Fprintf(&all, "%s %q\n", strings.TrimPrefix(name, dir), data)
		}
	}
	return all.String()
}

// ibfs's own client takes what the other programs take.
func TestOursBacksUp(t *testing.T) {
	first, second := content(t, backuptest.Sample()), content(t, later())
	p, root := phone(first), t.TempDir()
	if err := os.Mkdir(filepath.Join(root, udid), 0o700); err != nil {
		t.Fatal(err)
	}
	for i, s := range []*fakedevice.State{first, second, second} {
		p.SetContent(fakedevice.Content{"": s})
		if _, err := ours(t, p, root); err != nil {
			t.Fatalf("run %d: %v", i, err)
		}
		holds(t, filepath.Join(root, udid), s)
		run := last(t, p)
		if want := []int{len(first.Files) - 3, 4, 0}[i]; run.Sent != want || run.Full != (i == 0) {
			t.Errorf("run %d: %+v", i, run)
		}
		if run.LongestFrame > 32<<10 {
			t.Errorf("run %d: a frame of %d bytes", i, run.LongestFrame)
		}
	}
}

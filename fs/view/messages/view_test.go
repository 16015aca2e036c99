package messages

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ibfs/fs/vtree"
	"ibfs/fs/vtree/vtreetest"
)

var update = flag.Bool("update", false, "write the golden files")

// golden holds text against a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; with -update it is written anew. It is now:\n%s", name, got)
	}
}

// listing is a line for each entry: mode, size, time in UTC, hash, path.
func listing(t *testing.T, tree vtree.Tree) string {
	t.Helper()
	var b strings.Builder
	fsys := vtree.FS(t.Context(), tree)
	err := iofs.WalkDir(fsys, ".", func(p string, d iofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		hash := "-"
		if info.Mode().IsRegular() {
			content, err := iofs.ReadFile(fsys, p)
			if err != nil {
				return err
			}
			if int64(len(content)) != info.Size() {
				t.Errorf("%s: %d bytes, its size is %d", p, len(content), info.Size())
			}
			hash = fmt.Sprintf("%x", sha256.Sum256(content))[:12]
		}
		fmt.Fprintf(&b, "%v %7d %s %-12s %s\n", info.Mode(), info.Size(), info.ModTime().UTC().Format(time.DateTime), hash, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func read(t testing.TB, tree vtree.Tree, name string) string {
	t.Helper()
	b, err := iofs.ReadFile(vtree.FS(t.Context(), tree), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEverything(t *testing.T) {
	tree := open(t, everything(columns18).backup(t))
	vtreetest.Check(t, tree)
	golden(t, "everything.tree", []byte(listing(t, tree)))
	for _, name := range []string{"Anna", "The gang", "+15550100"} {
		golden(t, name+".txt", []byte(read(t, tree, name+"/conversation.txt")))
	}
	golden(t, "Anna.html", []byte(read(t, tree, "Anna/conversation.html")))
}

// Every iOS from 6 shows the same messages, with what its columns tell.
func TestGenerations(t *testing.T) {
	for name, columns := range map[string]map[string]string{
		"6": columns6, "9": columns9, "11": columns11, "14": columns14, "16": columns16, "18": columns18,
	} {
		t.Run(name, func(t *testing.T) {
			tree := open(t, everything(columns).backup(t))
			anna := read(t, tree, "Anna/conversation.txt")
			for _, want := range []string{
				"2024-07-14 17:58  Anna: By SMS\n", "  Anna: Hello there, see https://example.com/a?b=1&c=2.\n", "  Me: Hi! 👋\n                  How are you?\n",
				"[attachments/IMG_0001 (2).heic] two [attachments/IMG_0001.HEIC]",
			} {
				if !strings.Contains(anna, want) {
					t.Errorf("no %q in:\n%s", want, anna)
				}
			}
			for _, p := range []string{"The gang/conversation.html", "Other/+15550100/attachments/lost.txt"} {
				read(t, tree, p)
			}
		})
	}
}

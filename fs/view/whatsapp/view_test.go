package whatsapp

import (
	"flag"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/transcript/transcripttest"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
)

func TestView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{
		View: View{}, Backup: func() backuptest.Backup { return everything(t).backup(t) },
		Databases: []viewtest.Place{{Domain: personal, Path: "ChatStorage.sqlite"}},
	})
}

// The databases beside the messages name people; without them the view is there.
func TestBeside(t *testing.T) {
	viewtest.Run(t, viewtest.Case{
		View: View{}, Backup: func() backuptest.Backup { return everything(t).backup(t) }, Fallback: true,
		Databases: []viewtest.Place{{Domain: personal, Path: "ContactsV2.sqlite"}, {Domain: personal, Path: "LID.sqlite"}, {Domain: personal, Path: "CallHistory.sqlite"}},
	})
}

// walk reads every file of a view, by path.
func walk(t testing.TB, v view.View, b backuptest.Backup) map[string]string {
	t.Helper()
	tree, err := v.Open(t.Context(), source(t, b))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	fsys := vtree.FS(t.Context(), tree)
	err = iofs.WalkDir(fsys, ".", func(p string, d iofs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := iofs.ReadFile(fsys, p)
		all[p] = string(b)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for name, text := range all {
		if strings.HasSuffix(name, ".html") {
			transcripttest.HTML(t, name, text, attachmentsDir)
		}
	}
	return all
}

// TestPages compares pages with those in testdata, which somebody has read.
func TestPages(t *testing.T) {
	all := walk(t, View{}, everything(t).backup(t))
	for file, path := range map[string]string{
		"Anna.html": "Anna Berg/conversation.html", "Anna.txt": "Anna Berg/conversation.txt", "Climbers.txt": "Climbers _ Thursday/conversation.txt",
		"Calls.csv": "Calls.csv",
	} {
		name := filepath.Join("testdata", file)
		if flag.Lookup("update").Value.String() == "true" {
			if err := os.WriteFile(name, []byte(all[path]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil || string(want) != all[path] {
			t.Errorf("%s is not that of %s (%v):\n%s", path, name, err, all[path])
		}
	}
}

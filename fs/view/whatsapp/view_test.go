package whatsapp

import (
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/transcript/transcripttest"
	"ibfs/fs/view/viewtest"
)

func TestView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{
		View: View{}, Backup: everything(t).backup(t),
		Databases: []view.Place{{Domain: personal, Path: "ChatStorage.sqlite"}},
	})
}

// The databases beside the messages name people; without them the view is there.
func TestBeside(t *testing.T) {
	viewtest.Run(t, viewtest.Case{
		View: View{}, Backup: everything(t).backup(t), Fallback: true,
		Databases: []view.Place{{Domain: personal, Path: "ContactsV2.sqlite"}, {Domain: personal, Path: "LID.sqlite"}, {Domain: personal, Path: "CallHistory.sqlite"}},
	})
}

// walk reads every file of a view, by path.
func walk(t testing.TB, v view.View, b backuptest.Backup) map[string]string {
	t.Helper()
	all := viewtest.Files(t, viewtest.Open(t, v, b, nil))
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
		viewtest.Golden(t, file, all[path])
	}
}

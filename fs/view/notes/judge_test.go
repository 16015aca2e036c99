package notes

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/backupfmt/backuptest/judge"
	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
)

// TestJudge holds what is shown against what apple-notes-parser reads of the same
// database. docs/views/notes.md lists where they differ and why.
func TestJudge(t *testing.T) {
	viewtest.Judges(t)
	t.Run("real, iOS 15", func(t *testing.T) {
		judgeStore(t, store15(viewtest.Real(t, "notes/ios15-checkpointed-NoteStore.sqlite")), 8, map[int64]string{30: "deleted for good"})
	})
	t.Run("made", func(t *testing.T) {
		p := everything(versions[3])
		// What it reads of every database, and what tells it the version.
		for _, c := range []string{"ZACCOUNT6", "ZATTACHMENT", "ZUSERRECORDNAME", "ZFILESIZE", "ZMODIFICATIONDATE", "ZREMOTEFILEURLSTRING", "ZMERGEABLEDATA2", "ZTOKENCONTENTIDENTIFIER", "ZDISPLAYTEXT"} {
			fmt.Fprintf(&p.sql, "ALTER TABLE ZICCLOUDSYNCINGOBJECT ADD COLUMN %s;\n", c)
		}
		p.sql.WriteString("UPDATE ZICCLOUDSYNCINGOBJECT SET ZMARKEDFORDELETION = coalesce(ZMARKEDFORDELETION, 0), " +
			"ZPARENT = CASE WHEN ZTITLE2 <> 'And round' THEN ZPARENT END, ZNAME = CASE WHEN Z_ENT = 13 THEN coalesce(ZNAME, ZIDENTIFIER) END;\n")
		byTitle := map[string]string{"Deleted for good": "deleted for good", "Damaged": "not packed", "In iCloud": "not on the phone"}
		b := p.backup(t)
		differs := map[int64]string{}
		for _, n := range notesOf(t, b) {
			if why := byTitle[n.Title]; why != "" {
				differs[n.Row] = why
			}
		}
		judgeStore(t, b, 10, differs)
	})
}

func notesOf(t *testing.T, b backuptest.Backup) []judge.Note {
	t.Helper()
	name := filepath.Join(t.TempDir(), dbPath)
	if err := os.WriteFile(name, b.Files[0].Content, 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := judge.Notes(t.Context(), name)
	if err != nil {
		t.Fatalf("%v (make test installs the judges, IBFS_TEST_JUDGES=0 does without)", err)
	}
	return all
}

// judgeStore wants each note that the judge reads to be shown, in its folder and
// with its text, but for those that are known to differ. The judge reads those
// of them that are packed, or locked.
func judgeStore(t *testing.T, b backuptest.Backup, want int, differs map[int64]string) {
	shown := viewtest.Files(t, open(t, b))
	judged := notesOf(t, b)
	if len(judged) < want {
		t.Errorf("it reads %d notes, want %d at least", len(judged), want)
	}
	for _, n := range judged {
		folder := n.Account
		for _, f := range n.Folders {
			folder += "/" + strings.ReplaceAll(strings.ReplaceAll(f, "/", "_"), "Papierkorb", trash)
		}
		var found []string
		for p, text := range shown {
			dir, name := filepath.Split(p)
			title, ok := strings.CutSuffix(name, ".html")
			if n.Locked {
				title, ok = strings.CutSuffix(name, lockedExt)
			}
			title = strings.TrimSuffix(title, " (2)")
			if ok && dir == folder+"/" && title == view.SafeName(n.Title) && (n.Locked || checkHTML(t, text) == strings.TrimRight(n.Text, "\n")) {
				found = append(found, p)
			}
			if ok && n.Locked && strings.Contains(text, n.Text) && n.Text != "" {
				t.Errorf("%s has the ciphertext", p)
			}
			if strings.Contains(text, "Pinned") != n.Pinned && slices.Contains(found, p) {
				t.Errorf("%s: pinned is %v", p, n.Pinned)
			}
		}
		if why := differs[n.Row]; (len(found) != 1) != (why != "") {
			t.Errorf("%q in %q, with %q: shown as %q (%s)", n.Title, folder, n.Text, found, why)
		}
	}
}

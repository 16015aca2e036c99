package notes

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
)

func both(t *testing.T) backuptest.Backup {
	b := everything(versions[3]).backup(t)
	o, err := old()
	if err != nil {
		t.Fatal(err)
	}
	b.Files = append(b.Files, o)
	return b
}

func TestView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{
		View: View{}, Backup: both(t), Zone: time.FixedZone("CET", 3600),
		Databases: []view.Place{{Domain: domain, Path: dbPath}, {Domain: oldDomain, Path: oldPath}},
	})
}

// Every iOS from 9 shows the same notes, as far as it has them.
func TestGenerations(t *testing.T) {
	var first map[string]string
	for _, v := range slices.Backward(versions) {
		t.Run(v.name, func(t *testing.T) {
			all := viewtest.Files(t, open(t, everything(v).backup(t)))
			if first == nil {
				first = all
			}
			if len(all) < 20 {
				t.Errorf("%d files: %q", len(all), slices.Sorted(maps.Keys(all)))
			}
			for p, text := range first {
				switch {
				case v.name == "9" && strings.Contains(p, "With files"), len(v.kinds) == len(kinds9) && strings.Contains(p, "In iCloud"), v.name == "11" && strings.Contains(text, "#hiking"):
				case all[p] != text && !(v.name <= "9" && strings.Contains(text, "Pinned")):
					t.Errorf("%s: %q, want %q", p, all[p], text)
				}
			}
		})
	}
}

// TestUnknownKinds is of rows that do not say what they are: they are shown as
// what they look like, and a text tells of it.
func TestUnknownKinds(t *testing.T) {
	for _, v := range versions[1:] {
		p := everything(v)
		sound := viewtest.Files(t, open(t, p.backup(t)))
		for name, statement := range map[string]string{
			"NULL": "UPDATE ZICCLOUDSYNCINGOBJECT SET Z_ENT = NULL", "of no kind": "UPDATE ZICCLOUDSYNCINGOBJECT SET Z_ENT = 999",
			"no kinds": "DELETE FROM Z_PRIMARYKEY", "no table of kinds": "DROP TABLE Z_PRIMARYKEY", "one kind is missing": "DELETE FROM Z_PRIMARYKEY WHERE Z_NAME = 'ICNote'",
			"a text that is no account's": fmt.Sprintf("UPDATE ZICCLOUDSYNCINGOBJECT SET Z_ENT = %d WHERE Z_ENT = %d", v.kinds["ICAccount"], v.kinds["ICNote"]),
		} {
			t.Run(v.name+" "+name, func(t *testing.T) {
				p := everything(v)
				p.sql.WriteString(";" + statement)
				all := viewtest.Files(t, open(t, p.backup(t)))
				if all[view.LostName] == "" {
					t.Error("no text tells of it")
				}
				delete(all, view.LostName)
				for path, text := range sound {
					if all[path] != text {
						t.Errorf("%s: %q, want %q", path, all[path], text)
					}
				}
				if len(all) != len(sound) {
					t.Errorf("%d files, want %d", len(all), len(sound))
				}
			})
		}
	}
}

// TestOldNames is of notes of iOS 8 and earlier without a title.
func TestOldNames(t *testing.T) {
	for content, want := range map[string]string{
		"<div><br></div><div>Milk &amp; <b>eggs</b></div>bread": "Milk & eggs",
		"<table><tr><td>a<td>b</table>":                         "a b",
		"<script>x</script>":                                    "a summary",
		"":                                                      "a summary",
	} {
		db := viewtest.Database(t, oldSQL+fmt.Sprintf(`DELETE FROM ZNOTE; DELETE FROM ZNOTEBODY; INSERT INTO ZNOTEBODY VALUES (9, 9, '%s');
			INSERT INTO ZNOTE (Z_PK, ZBODY, ZSTORE, ZSUMMARY) VALUES (9, 9, 1, 'a summary');`, content))
		all := viewtest.Files(t, open(t, backuptest.Backup{Files: []backuptest.File{{Domain: oldDomain, Path: oldPath, Content: db}}}))
		if all["On My iPhone/Notes/"+want+".md"] == "" {
			t.Errorf("%q: %q, want %q", content, slices.Sorted(maps.Keys(all)), want)
		}
	}
}

// TestOldTables tells the cells of a row apart.
func TestOldTables(t *testing.T) {
	for content, want := range map[string]string{
		"<table><tr><td>a<td>b</table>": "a\tb",
		"x<table><tr><th>a</th><th>b</th></tr><tr><td></td>\n<td>d</td></tr></table>y": "x\na\tb\nd\ny",
	} {
		if got := decodeHTML(content).text; got != want {
			t.Errorf("%q: %q, want %q", content, got, want)
		}
	}
}

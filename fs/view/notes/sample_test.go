package notes

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
	"ibfs/fs/vtree/vtreetest"
)

func open(t testing.TB, b backuptest.Backup) vtree.Tree {
	t.Helper()
	return viewtest.Open(t, View{}, b, nil)
}

func store15(content ...[]byte) backuptest.Backup {
	var b backuptest.Backup
	for i, c := range content {
		b.Files = append(b.Files, backuptest.File{Domain: domain, Path: dbPath + []string{"", "-wal"}[i], Content: c})
	}
	return b
}

// A real store of iOS 15. One note more is only marked as deleted, in the
// checkpointed one, and is gone from the other.
func TestRealIOS15(t *testing.T) {
	for name, b := range map[string]backuptest.Backup{
		"wal":          store15(viewtest.Real(t, "notes/ios15-NoteStore.sqlite"), viewtest.Real(t, "notes/ios15-NoteStore.sqlite-wal")),
		"checkpointed": store15(viewtest.Real(t, "notes/ios15-checkpointed-NoteStore.sqlite")),
	} {
		t.Run(name, func(t *testing.T) {
			tree := open(t, b)
			vtreetest.Check(t, tree)
			all := viewtest.Files(t, tree)
			want := []string{
				"iCloud/My New Folder/My Super Secret Note (locked).txt",
				"iCloud/Notes/My First Note.html", "iCloud/Notes/My First Note.md", "iCloud/Notes/My Secret Note (locked).txt",
				"iCloud/Notes/Secure iOS 15 Note (locked).txt", "iCloud/Notes/iOS 14 Locked Note (locked).txt", "iCloud/Notes/iOS 14 Note.html",
				"iCloud/Notes/iOS 14 Note.md", "iCloud/Notes/iOS 15 Note.html", "iCloud/Notes/iOS 15 Note.md",
			}
			if !slices.Equal(slices.Sorted(maps.Keys(all)), want) {
				t.Fatalf("%q", slices.Sorted(maps.Keys(all)))
			}
			if got, want := all["iCloud/Notes/My First Note.md"], "# My First Note\n\nThis is my first note.  Nothing special. \n"; got != want {
				t.Errorf("%q, want %q", got, want)
			}
			for _, want := range []string{"<h1 dir=\"auto\">My First Note</h1>", "Created 28 March 2020, 00:36 UTC"} {
				if !strings.Contains(all["iCloud/Notes/My First Note.html"], want) {
					t.Errorf("no %q in %s", want, all["iCloud/Notes/My First Note.html"])
				}
			}
		})
	}
}

func TestRealIOS18Shape(t *testing.T) {
	tree := open(t, store15(viewtest.Real(t, "notes/ios18-shape-NoteStore.sqlite")))
	vtreetest.Check(t, tree)
	all := viewtest.Files(t, tree)
	want := []string{
		"On My iPhone/Notes/Corrupt date.html", "On My iPhone/Notes/Corrupt date.md", "On My iPhone/Notes/Locked (locked).txt",
		"On My iPhone/Notes/Shopping.html", "On My iPhone/Notes/Shopping.md", "On My iPhone/Recipes/Corrupt body.html",
		"On My iPhone/Recipes/Corrupt body.md", "On My iPhone/Recipes/Empty.html", "On My iPhone/Recipes/Empty.md",
	}
	if !slices.Equal(slices.Sorted(maps.Keys(all)), want) {
		t.Fatalf("%q", slices.Sorted(maps.Keys(all)))
	}
	if got := all["On My iPhone/Notes/Shopping.md"]; got != "Shopping list  \nmilk  \neggs  \nbread\n" {
		t.Errorf("%q", got)
	}
}

// Tables and texts of apple_cloud_notes_parser's own tests.
func TestRealTables(t *testing.T) {
	for name, want := range map[string]struct {
		rtl   bool
		cells string
	}{
		"table":               {false, "Row 1 Column 1|Row 1 Column 2\nRow 2 Column 1|Row 2 Column 2"},
		"table_formats":       {false, "Bold|Italics\nBold italics|Underline\nMixed bold italics underline|"},
		"right_to_left_table": {true, "اول|\n|نهاية"},
	} {
		left := budget(maxUnpacked)
		got, err := decodeTable(viewtest.Real(t, "notes/blobs/"+name+"_gzipped.bin"), &left)
		if err != nil || got.rtl != want.rtl || cells(got) != want.cells {
			t.Errorf("%s: %q, right to left %v, %v", name, cells(got), got.rtl, err)
		}
	}
}

func cells(t table) string {
	var rows []string
	for _, r := range t.rows {
		var texts []string
		for _, c := range r {
			texts = append(texts, c.text)
		}
		rows = append(rows, strings.Join(texts, "|"))
	}
	return strings.Join(rows, "\n")
}

func TestRealTexts(t *testing.T) {
	for name, want := range map[string]string{
		"emoji_formatting_2": "> I am currently available for freelance [projects](<https://ciofecaforensics.com>)\n",
		"emoji_formatting_1": "<b><u>體驗</u></b><u>看法</u><i><u>覺得很大</u></i>\n",
		"block_quotes":       "> ```\n> This is a monostyled block quote\n",
		"html":               "\n&nbsp;&nbsp;\\<script src=‘evil.js’\\>\\</script\\>  \n",
		"list_indents":       "- [ ] Checklist\n    - [ ] Indented checklist 1\n        - [ ] Indented checklist 2 checked\n    - [ ] Indented 1\n\n* Dotted list\n",
		"wide_characters":    "6 character title  \n8 character body\n",
		"text_decorations":   "<b><i>Bold italic body</i></b>   \n<u>Underlined body</u>  \n~~Strikethrough body~~  \n",
		"color_formatting":   "- [ ] Checklist, unchecked, red in the middle\n- [x] Checklist, checked, red at the end\n\nSuper script <sup>red</sup>\n",
	} {
		left := budget(maxUnpacked)
		b, err := decodeBody(viewtest.Real(t, "notes/blobs/"+name+"_gzipped.bin"), &left)
		if got := string(renderMarkdown(pageOf(b), nil)); err != nil || !strings.Contains(got, want) {
			t.Errorf("%s, %v: no %q in\n%s", name, err, want, got)
		}
	}
}

// pageOf is a page of a text with nothing attached.
func pageOf(b body) *page {
	return &page{note: &note{title: "A note"}, body: b, object: func(string) *attachment { return nil }, used: map[*attachment]bool{}}
}

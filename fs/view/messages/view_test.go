package messages

import (
	iofs "io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
)

func read(t testing.TB, tree vtree.Tree, name string) string {
	t.Helper()
	b, err := iofs.ReadFile(vtree.FS(t.Context(), tree), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{
		View: View{}, Zone: berlin(t), Databases: []view.Place{{Domain: domain, Path: dbPath}},
		Backup: everything(columns18).backup(t),
	})
}

func TestPages(t *testing.T) {
	tree := open(t, everything(columns18).backup(t))
	for _, name := range []string{"Anna", "The gang", "+15550100"} {
		viewtest.Golden(t, name+".txt", read(t, tree, name+"/conversation.txt"))
	}
	viewtest.Golden(t, "Anna.html", read(t, tree, "Anna/conversation.html"))
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

// What sqlite3 says, asked by hand: ten messages, of chats most of which are
// empty; nine and a tapback in iOS 18's form. The sms.db of the iOS 14 backup
// has no chats.
func TestReal(t *testing.T) {
	for name, tt := range map[string]struct {
		file     string
		messages int
		files    map[string][]string // what must be in which
	}{
		"iOS 9": {"messages/macos10.11-chat.db", 10, map[string][]string{
			"447775455555/conversation.txt":          {"2015-11-22 19:09  447775455555: Hey Kenneth, it's Eireanne!", "  Me: Hi Eireanne, I would get one that has 8GB of ram."},
			"xxxxxx2015@icloud.com/conversation.txt": {"  xxxxxx2015@icloud.com: Did you try to send me a message?", "  Me: Yes, did you get it?\n                    read 2016-03-14 15:31"},
		}},
		"iOS 18": {"messages/ios18-shape-sms.db", 9, map[string][]string{
			"+15550001/conversation.txt":     {"  Me: Hello from the fixture\n", "❤️ +15550001", "[the text cannot be read]", "in reply to Me: “Hello from the fixture”", "[link]"},
			"Fixture Group/conversation.txt": {"[clip.jpg: never loaded to the phone]", "[photo.jpg: not in this backup]"},
		}},
		"iOS 14": {"ios14-backup/3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28", 1, map[string][]string{
			"Other/apple/conversation.txt": {"2019-08-30 01:13  apple: Please click here https://badbadbad.example.org/"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			all := viewtest.Files(t, open(t, backupOf(viewtest.Real(t, tt.file))))
			n := 0
			for path, text := range all {
				if strings.HasSuffix(path, ".txt") {
					n += strings.Count(text, "\n20")
				}
				checkFile(t, path, text)
			}
			if n != tt.messages {
				t.Errorf("%d messages, want %d", n, tt.messages)
			}
			for path, parts := range tt.files {
				for _, part := range parts {
					if !strings.Contains(all[path], part) {
						t.Errorf("%s has no %q:\n%.2000s", path, part, all[path])
					}
				}
			}
			if t.Failed() {
				t.Log(slices.Sorted(maps.Keys(all)))
			}
		})
	}
}

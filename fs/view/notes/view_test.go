package notes

import (
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

package mobilebackup2

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMoveFolder moves a folder's files as one only when nothing else would move, or be
// replaced, by it.
func TestMoveFolder(t *testing.T) {
	link := func(t *testing.T, at string) {
		t.Helper()
		if err := os.Symlink(t.TempDir(), at); err != nil {
			t.Fatal(err)
		}
	}
	deep := udid + strings.Repeat("/d", maxDepth-1)
	for name, tt := range map[string]struct {
		plant    func(t *testing.T, dir string) // in the backup's folder, which has Snapshot/ab/{1,2}
		from, to string                         // below the backup; "" are Snapshot/ab and ab
		names    []string                       // nil are 1 and 2
		moved    bool
	}{
		"to a new folder":       {moved: true},
		"to an empty folder":    {plant: func(t *testing.T, dir string) { mkdir(t, dir+"/ab") }, moved: true},
		"to a new one in a new": {to: udid + "/x/y", moved: true},
		"names in any order":    {names: []string{"2", "1"}, moved: true},
		"one is not named":      {names: []string{"1"}},
		"one is not there":      {names: []string{"1", "2", "3"}},
		"one is another":        {names: []string{"1", "3"}},
		"one is named twice":    {names: []string{"1", "1"}},
		"none is named":         {names: []string{}},
		"a folder in it":        {plant: func(t *testing.T, dir string) { mkdir(t, dir+"/Snapshot/ab/3") }, names: []string{"1", "2", "3"}},
		"a link in it":          {plant: func(t *testing.T, dir string) { link(t, dir+"/Snapshot/ab/3") }, names: []string{"1", "2", "3"}},
		"a file of ours in it":  {plant: func(t *testing.T, dir string) { write(t, dir+"/Snapshot/ab/.ibfs-3", "x") }, names: []string{"1", "2", ".ibfs-3"}},
		"to one with a file":    {plant: func(t *testing.T, dir string) { write(t, dir+"/ab/0", "x") }},
		"to one with a link":    {plant: func(t *testing.T, dir string) { mkdir(t, dir+"/ab"); link(t, dir+"/ab/0") }},
		"to a file":             {plant: func(t *testing.T, dir string) { write(t, dir+"/ab", "x") }},
		"to a link":             {plant: func(t *testing.T, dir string) { link(t, dir+"/ab") }},
		"through a link":        {plant: func(t *testing.T, dir string) { link(t, dir+"/l") }, to: udid + "/l/x"},
		"from a link":           {plant: func(t *testing.T, dir string) { link(t, dir+"/l") }, from: udid + "/l"},
		"from nothing":          {from: udid + "/none"},
		"to itself":             {to: udid + "/Snapshot/ab"},
		"into itself":           {to: udid + "/Snapshot/ab/x"},
		"out of itself":         {to: udid + "/Snapshot"},
		"to the backup":         {to: udid},
		"outside":               {to: "other"},
		"from outside":          {from: "other"},
		"up":                    {to: udid + "/../other"},
		"with nothing between":  {from: udid + "/Snapshot//ab"},
		"to where it is deep":   {to: deep},
		"of our own":            {to: udid + "/.ibfs-x"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			at := filepath.Join(dir, udid, "Snapshot/ab")
			write(t, at+"/1", "one")
			write(t, at+"/2", "two")
			write(t, dir+"/other/1", "other's")
			if tt.plant != nil {
				tt.plant(t, filepath.Join(dir, udid))
			}
			if tt.from == "" {
				tt.from = udid + "/Snapshot/ab"
			}
			if tt.to == "" {
				tt.to = udid + "/ab"
			}
			if tt.names == nil {
				tt.names = []string{"1", "2"}
			}
			before := files(t, dir)
			moved, err := openTree(t, dir, TreeOptions{}).MoveFolder(tt.from, tt.to, tt.names)
			if err != nil || moved != tt.moved {
				t.Fatalf("moved %v, error %v", moved, err)
			}
			after := files(t, dir)
			if !moved {
				mustEqual(t, "the tree", after, before)
				return
			}
			for _, name := range []string{"/1", "/2"} {
				before[tt.to+name] = before[tt.from+name]
				delete(before, tt.from+name)
			}
			for folder := tt.to; folder != udid; folder, _ = split(folder) {
				before[folder+"/"] = ""
			}
			mustEqual(t, "the tree", after, before)
		})
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

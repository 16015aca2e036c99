package photos_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree/vtreetest"
)

// realBackup is a backup of a real library, with a file for each of its photos
// that is not elsewhere on its computer.
func realBackup(t *testing.T, name string, wal bool) backuptest.Backup {
	t.Helper()
	db := backuptest.File{Domain: "CameraRollDomain", Path: "Media/PhotoData/Photos.sqlite", Content: viewtest.Real(t, "photos/"+name+"-Photos.sqlite")}
	b := backuptest.Backup{Files: []backuptest.File{db}}
	if wal {
		b.Files = append(b.Files, backuptest.File{Domain: db.Domain, Path: db.Path + "-wal", Content: viewtest.Real(t, "photos/"+name+"-Photos.sqlite-wal")})
	}
	table := "ZASSET"
	if strings.HasPrefix(name, "ios13") {
		table = "ZGENERICASSET"
	}
	c, err := viewtest.Source(t, b, nil).Backup.OpenDatabase(t.Context(), db.Domain, db.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for r, err := range c.Query(t.Context(), fmt.Sprintf("SELECT ZDIRECTORY || '/' || ZFILENAME FROM %s WHERE ZDIRECTORY NOT LIKE '/%%'", table)) {
		if err != nil {
			t.Fatal(err)
		}
		b.Files = append(b.Files, file(string(r.Bytes(0))))
	}
	return b
}

// expectations are what that project's tests expect.
type expectations struct {
	Albums      map[string]int    `json:"ALBUM_DICT"`
	Photos      int               `json:"PHOTOS_DB_LEN"`
	Trashed     int               `json:"PHOTOS_IN_TRASH_LEN"`
	NotTrashed  int               `json:"PHOTOS_NOT_IN_TRASH_LEN"`
	ByWhat      map[string]string `json:"UUID_DICT"`
	PumpkinFarm []string          `json:"UUID_PUMPKIN_FARM"`
	SortOrder   []string          `json:"ALBUM_SORT_ORDER"`
}

func TestRealLibraries(t *testing.T) {
	for _, name := range []string{"ios14", "ios15", "ios16"} {
		t.Run(name, func(t *testing.T) {
			var e expectations
			if err := json.Unmarshal(viewtest.Real(t, "photos/"+name+"-expected.json"), &e); err != nil {
				t.Fatal(err)
			}
			tree := open(t, realBackup(t, name, name == "ios15"))
			vtreetest.Check(t, tree)
			all := shown(t, tree)
			e.checkAlbums(t, all)
			e.checkPlaces(t, all)
			for path := range all {
				if strings.Contains(path, "read.txt") || strings.Contains(path, "shown.txt") {
					t.Errorf("%s: %s", path, all[path])
				}
			}
		})
	}
}

// count tells the photos of each album by the end of its path, and what stands
// in Missing.txt as being in it.
func (e expectations) checkAlbums(t *testing.T, all map[string]string) {
	t.Helper()
	got := map[string]int{}
	for path := range all {
		if rest, ok := strings.CutPrefix(path, "Albums/"); ok {
			dir := filepath.Base(filepath.Dir(rest))
			got[strings.TrimSuffix(dir, " (2)")]++
		}
	}
	for title, n := range e.Albums {
		safe := strings.ReplaceAll(title, "/", "_")
		gone := strings.Count(all["Missing.txt"], fmt.Sprintf("%q", title))
		if got[safe]+gone != n {
			t.Errorf("album %q has %d photos and %d that are not here, want %d", title, got[safe], gone, n)
		}
	}
	farm := slices.Clone(e.PumpkinFarm)
	if len(farm) != 3 {
		t.Fatal("nothing is expected of Pumpkin Farm")
	}
	for _, uuid := range farm {
		found := false
		for path, blob := range all {
			found = found || strings.HasPrefix(path, "Albums/Pumpkin Farm (2)/") && strings.Contains(blob, uuid)
		}
		if !found {
			t.Errorf("%s is not in Pumpkin Farm", uuid)
		}
	}
}

// checkPlaces looks for photos by their numbers where they should be, and where
// they should not.
func (e expectations) checkPlaces(t *testing.T, all map[string]string) {
	t.Helper()
	in := func(folder, uuid string) bool {
		for path, blob := range all {
			if strings.HasPrefix(path, folder+"/") && strings.Contains(blob, uuid) {
				return true
			}
		}
		return false
	}
	count := func(folder string) (n int) {
		for path := range all {
			if strings.HasPrefix(path, folder+"/") {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		folder, what string
		want         bool
	}{
		{"Favourites", "favorite", true}, {"Favourites", "not_favorite", false}, {"By date", "favorite", true}, {"By date", "not_intrash", true},
		{"Recently deleted", "intrash", true}, {"By date", "intrash", false}, {"Recently deleted", "not_intrash", false}, {"Hidden", "not_hidden", false},
		{"By date/Unknown date", "date_invalid", true}, {"Albums", "in_album", true},
	} {
		if e.ByWhat[c.what] == "" {
			t.Errorf("nothing is expected as %s", c.what)
		}
		if got := in(c.folder, e.ByWhat[c.what]); got != c.want {
			t.Errorf("%s is in %s: %v, want %v", c.what, c.folder, got, c.want)
		}
	}
	// The hidden one, and another, lie elsewhere on that computer.
	gone := strings.Count(all["Missing.txt"], "\n2")
	if trashed := count("Recently deleted"); trashed != e.Trashed || count("By date")+gone != e.NotTrashed || gone != 2 {
		t.Errorf("%d photos by date, %d are not here, %d in the trash; want %d and %d", count("By date"), gone, trashed, e.NotTrashed, e.Trashed)
	}
	if !strings.HasPrefix(all["Missing.txt"], fmt.Sprintf("2 of %d originals", e.Photos)) || strings.Count(all["Missing.txt"], "hidden") != 1 {
		t.Error(all["Missing.txt"])
	}
}

func TestRealOrderOfAlbum(t *testing.T) {
	var e expectations
	if err := json.Unmarshal(viewtest.Real(t, "photos/ios14-expected.json"), &e); err != nil {
		t.Fatal(err)
	}
	tree := open(t, realBackup(t, "ios14", false))
	all := shown(t, tree)
	var got []string
	for _, name := range names(t, tree, "Albums/Pumpkin Farm (2)") {
		got = append(got, strings.TrimSuffix(filepath.Base(all["Albums/Pumpkin Farm (2)/"+name]), ".jpeg"))
	}
	if !slices.Equal(got, e.SortOrder) {
		t.Errorf("got %q, want %q", got, e.SortOrder)
	}
}

func TestRealIOS13(t *testing.T) {
	tree := open(t, realBackup(t, "ios13", false))
	vtreetest.Check(t, tree)
	all := shown(t, tree)
	for _, c := range []struct {
		folder string
		want   []string
	}{
		{"Albums", []string{"Pumpkin Farm", "Test Album", "Test Album (2)", "Multi Keyword"}},
		{"Favourites", []string{"2019-04-15 14.40.24 wedding.jpeg"}},
		{"Albums/Pumpkin Farm", []string{"Pumkins1.jpeg", "Pumkins2.jpeg", "Pumpkins3.jpeg"}},
		{"By date/2019", []string{"2019-04", "2019-07"}},
	} {
		if got := names(t, tree, c.folder); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.folder, got, c.want)
		}
	}
	if !strings.Contains(all["Missing.txt"], "2018-09-28 15.39.59  Pumpkins4.jpg, ") {
		t.Error(all["Missing.txt"])
	}
}

func TestRealSharedAlbum(t *testing.T) {
	tree := open(t, realBackup(t, "ios13-shared", false))
	vtreetest.Check(t, tree)
	want(t, shown(t, tree),
		"Albums/Photo Shoot/48349797706_66AB5DAAFB_O.jpeg <- 3/37210110-E940-4227-92D3-45C40F68EB0A.jpeg",
		"By date/2019/2019-04/2019-04-15 17.10.46 48349797706_66AB5DAAFB_O.jpeg <- 3/37210110-E940-4227-92D3-45C40F68EB0A.jpeg",
		"Shared albums/osxphotos/35243F7D-88C4-4408-B516-C74406E90C15.JPG <- 17058154511/9F9A2608-AFE0-4232-A0DC-5ABA7317B978/35243F7D-88C4-4408-B516-C74406E90C15.JPG",
		"Shared albums/osxphotos/9D671650-B2FD-4760-84CA-FD25AF622C63.JPG <- 17058154511/9F9A2608-AFE0-4232-A0DC-5ABA7317B978/9D671650-B2FD-4760-84CA-FD25AF622C63.JPG",
	)
}

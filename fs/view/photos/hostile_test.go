package photos_test

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"

	iofs "io/fs"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/vtree"
)

// TestNoPathLeadsOut asks for files of other places: of no photo.
func TestNoPathLeadsOut(t *testing.T) {
	secret := backuptest.File{Domain: "HomeDomain", Path: "Library/secret.jpg", Content: []byte("secret")}
	var assets []asset
	for i, p := range [][2]string{
		{"../../HomeDomain/Library", "secret.jpg"}, {"/etc", "passwd"}, {"", "IMG_0001.JPG"}, {roll, "../100APPLE/IMG_0001.JPG"}, {roll, ".."}, {roll, ""}, {"DCIM", "100APPLE"},
		{roll + "/", "IMG_0001.JPG"}, {"./" + roll, "IMG_0001.JPG"}, {"..", "Media"}, {roll, "/IMG_0001.JPG"}, {"HomeDomain/Library", "secret.jpg"}, {"PhotoData/Mutations", "x"},
	} {
		assets = append(assets, asset{id: i + 1, dir: p[0], file: p[1], at: "2024-07-14 12:00:00"})
	}
	b := library(t, assets, "", roll+"/IMG_0001.JPG")
	b.Files = append(b.Files, secret)
	want(t, shown(t, open(t, b)), "Other/2020-02-03 04.05.06 IMG_0001.JPG <- "+roll+"/IMG_0001.JPG")
}

// TestOneFileOfManyRows shows a file once, however many rows have it.
func TestOneFileOfManyRows(t *testing.T) {
	var assets []asset
	for i := range 500 {
		assets = append(assets, asset{id: i + 1, dir: roll, file: "IMG_0001.JPG", original: fmt.Sprintf("%d.jpg", i), at: "2024-07-14 12:00:00"})
	}
	want(t, shown(t, open(t, library(t, assets, "", roll+"/IMG_0001.JPG"))), "By date/2024/2024-07/2024-07-14 12.00.00 0.jpg <- "+roll+"/IMG_0001.JPG")
}

func TestFoldersInCircles(t *testing.T) {
	var b strings.Builder
	b.WriteString("INSERT INTO ZGENERICALBUM (Z_PK, ZKIND, ZPARENTFOLDER, ZTITLE) VALUES (1, 4000, 1, 'Self'), (2, 4000, 3, 'Two'), (3, 4000, 2, 'Three'), (4, 2, 4, 'Album in itself'), (5, 2, 3, 'Inside')")
	for i := range 100 {
		fmt.Fprintf(&b, ", (%d, 4000, %d, 'deep')", 100+i, 99+i)
	}
	b.WriteString(", (300, 2, 199, 'Bottom'), (301, 2, 9223372036854775807, 'Orphan'), (302, 2, 4, 'In an album');")
	tree := open(t, library(t, []asset{{id: 1, dir: roll, file: "A.JPG"}}, b.String(), roll+"/A.JPG"))
	found := map[string]string{}
	deepest, folders := 0, 0
	fsys := vtree.FS(t.Context(), tree)
	err := iofs.WalkDir(fsys, "Albums", func(path string, d iofs.DirEntry, err error) error {
		folders++
		found[d.Name()] = path
		deepest = max(deepest, strings.Count(path, "/"))
		return err
	})
	if err != nil || deepest > 17 || folders != 1+3+2+100+3 {
		t.Errorf("%d folders, %d deep: %v", folders, deepest, err)
	}
	for name, path := range map[string]string{"Self": "Albums/Self", "Album in itself": "Albums/Album in itself", "Orphan": "Albums/Orphan", "In an album": "Albums/In an album", "Inside": "Albums/Three/Inside"} {
		if found[name] != path {
			t.Errorf("%s is at %q", name, found[name])
		}
	}
}

func TestManyOfOneName(t *testing.T) {
	const n = 5000
	statements := fmt.Sprintf(`
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d) INSERT INTO ZASSET (Z_PK, ZDIRECTORY, ZFILENAME, ZDATECREATED) SELECT i, 'DCIM/100APPLE', i||'.JPG', 7e8 FROM n;
		INSERT INTO ZADDITIONALASSETATTRIBUTES (ZASSET, ZORIGINALFILENAME) SELECT Z_PK, 'image.jpg' FROM ZASSET;
		INSERT INTO ZGENERICALBUM (Z_PK, ZKIND, ZTITLE) VALUES (1, 2, 'A'); INSERT INTO Z_33ASSETS SELECT 1, Z_PK, Z_PK FROM ZASSET;`, n)
	var paths []string
	for i := range n {
		paths = append(paths, fmt.Sprintf("%s/%d.JPG", roll, i+1))
	}
	all := names(t, open(t, library(t, nil, statements, paths...)), "Albums/A")
	if len(all) != n || all[0] != "image.jpg" || all[n-1] != fmt.Sprintf("image (%d).jpg", n) {
		t.Errorf("%d names, %q to %q", len(all), all[0], all[len(all)-1])
	}
}

// TestCutAtAnyPage shows every photo, by what the library says of it or by what
// its file does.
func TestCutAtAnyPage(t *testing.T) {
	var assets []asset
	var paths []string
	for i := range 400 {
		name := fmt.Sprintf("IMG_%04d.JPG", i)
		assets = append(assets, asset{id: i + 1, dir: roll, file: name, original: strings.Repeat("long name ", 10) + name, at: "2024-07-14 12:00:00"})
		paths = append(paths, roll+"/"+name)
	}
	b := library(t, assets, "INSERT INTO ZGENERICALBUM (Z_PK, ZKIND, ZTITLE) VALUES (1, 2, 'A'); INSERT INTO Z_33ASSETS SELECT 1, Z_PK, Z_PK FROM ZASSET;", paths...)
	db := &b.Files[len(b.Files)-1]
	whole, sound := db.Content, shown(t, open(t, b))
	const page = 4096
	for size := len(whole) % (3 * page); size <= len(whole); size += 3 * page {
		db.Content = whole[:size]
		all := shown(t, open(t, b))
		blobs := map[string]bool{}
		for path, blob := range all {
			if strings.HasPrefix(path, "By date/") {
				blobs[blob] = true
			}
		}
		if len(blobs) != len(paths) {
			t.Errorf("%d of %d bytes: %d photos by date", size, len(whole), len(blobs))
		}
		if all["Could not be read.txt"] == "" && !maps.Equal(all, sound) {
			t.Errorf("%d of %d bytes: nothing says what is lost", size, len(whole))
		}
	}
}

// TestMemory reads a library of far more rows than the backup has files.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	const n = 300_000
	tree := open(t, library(t, nil, fmt.Sprintf(`
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d)
		INSERT INTO ZASSET (Z_PK, ZDIRECTORY, ZFILENAME, ZDATECREATED, ZAVALANCHEUUID) SELECT i, 'DCIM/'||i, i||'.JPG', 7e8, 'burst '||i FROM n;
		INSERT INTO ZADDITIONALASSETATTRIBUTES (ZASSET, ZORIGINALFILENAME, ZTIMEZONENAME) SELECT Z_PK, 'image.jpg', 'Zone/'||Z_PK FROM ZASSET;`, n), roll+"/A.JPG"))
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := iofs.ReadDir(vtree.FS(ctx, tree), "."); err != nil {
		t.Fatal(err)
	}
	each := float64(heap()-before) / n
	t.Logf("%.0f bytes a row are kept", each)
	if each > 250 {
		t.Errorf("%.0f bytes a row", each)
	}
	runtime.KeepAlive(tree)
}

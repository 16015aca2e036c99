package photos

import (
	"errors"
	"fmt"
	"testing"

	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
)

// TestOneBound reads a library for whose tables together there is not enough
// room: what lies behind the bound is lost, and said to be.
func TestOneBound(t *testing.T) {
	src := viewtest.Source(t, viewtest.Databases(t, map[view.Place]string{{Domain: domain, Path: dbPath}: `
		CREATE TABLE ZASSET (Z_PK INTEGER PRIMARY KEY, ZDIRECTORY, ZFILENAME);
		CREATE TABLE ZADDITIONALASSETATTRIBUTES (Z_PK INTEGER PRIMARY KEY, ZASSET, ZORIGINALFILENAME);
		CREATE TABLE n (i INTEGER PRIMARY KEY); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100) INSERT INTO n SELECT i FROM c;
		INSERT INTO ZASSET SELECT i, 'DCIM/100APPLE', i || '.JPG' FROM n;
		INSERT INTO ZADDITIONALASSETATTRIBUTES SELECT i, i, printf('%.*c', 1000, 'x') FROM n`}), nil)
	db, err := src.Database(t.Context(), domain, dbPath)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	read := func(left int) (names int, lib *library) {
		lib = newLibrary(src)
		lib.Left = left
		if err := errors.Join(lib.readPhotos(t.Context(), db), lib.readNames(t.Context(), db)); err != nil {
			t.Fatal(err)
		}
		for _, p := range lib.photos {
			if p.name != "" {
				names++
			}
		}
		return names, lib
	}
	names, all := read(maxSize)
	if names != 100 || len(all.photos) != 100 || len(all.Lost) > 0 {
		t.Fatalf("%d photos, %d names, %v", len(all.photos), names, all.Lost)
	}
	taken := maxSize - all.Left
	for _, c := range []struct {
		name         string
		left, photos int
		names        bool
	}{{"none", 0, 0, false}, {"half of the photos", taken / 8, 60, false}, {"the photos and some names", taken / 2, 100, true}} {
		t.Run(c.name, func(t *testing.T) {
			names, lib := read(c.left)
			n := len(lib.photos)
			if n > c.photos || n < c.photos/2 || (names > 0) != c.names || names == 100 {
				t.Errorf("%d photos, %d names", n, names)
			}
			if !errors.Is(errors.Join(lib.Lost...), view.ErrTooLong) {
				t.Errorf("it is not said: %v", lib.Lost)
			}
		})
	}
}

// TestTooManyAlbums keeps the first of them.
func TestTooManyAlbums(t *testing.T) {
	src := viewtest.Source(t, viewtest.Databases(t, map[view.Place]string{{Domain: domain, Path: dbPath}: fmt.Sprintf(`
		CREATE TABLE ZGENERICALBUM (Z_PK INTEGER PRIMARY KEY, ZKIND INTEGER, ZTITLE);
		WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i <= %d) INSERT INTO ZGENERICALBUM SELECT i, 2, 'x' FROM c`, maxAlbums)}), nil)
	db, err := src.Database(t.Context(), domain, dbPath)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lib := newLibrary(src)
	if err := lib.readAlbums(t.Context(), db); err != nil || len(lib.albums) != maxAlbums || !errors.Is(errors.Join(lib.Lost...), view.ErrTooLong) {
		t.Errorf("%d albums, %v, %v", len(lib.albums), lib.Lost, err)
	}
}

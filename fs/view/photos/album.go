package photos

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"ibfs/fs/view"
)

// An album is a row of ZGENERICALBUM that is shown: an album or a folder of
// them.
type album struct {
	id     int64
	title  string
	kind   int64
	parent int64     // of the folder; the root's, or any other, is none
	made   time.Time // zero is unknown
}

// ZGENERICALBUM.ZKIND. All others are what the app makes by itself: its roots,
// imports, projects, progress, and albums that are searches.
//
// Source: PhotoLibraryServices' own names of the kinds; the same numbers in real
// databases from iOS 6 on.
const (
	kindAlbum        = 2
	kindShared       = 1505
	kindSynced       = 1550 // put there by a computer
	kindSyncedEvent  = 1551
	kindSyncedFolder = 1553
	kindFolder       = 4000
)

func (a *album) folder() bool { return a.kind == kindFolder || a.kind == kindSyncedFolder }

// maxAlbums bounds the albums, as folders of them can lie in each other.
const maxAlbums = 100_000

var errAlbums = fmt.Errorf("%w: more than %d albums", view.ErrTooLong, maxAlbums)

func (lib *library) readAlbums(ctx context.Context, db *view.Database) error {
	t, err := db.Table(ctx, "ZGENERICALBUM")
	if err != nil {
		return err
	}
	if err := t.Need("ZKIND", "ZTITLE"); err != nil {
		return err
	}
	columns := []string{
		"rowid",         // Z_PK
		"ZTITLE",        // what the person calls it
		"ZKIND",         // see the constants
		"ZPARENTFOLDER", // Z_PK of the folder; of a root, or NULL, at the top
		"ZTRASHEDSTATE", // 1 deleted
		"ZCREATIONDATE", // Cocoa seconds, or NULL
	}
	err = lib.Scan(ctx, db, t, columns, func(r view.Row) {
		a := album{id: r.Int(0), title: r.Text(1), kind: r.Int(2), parent: r.Int(3), made: r.Cocoa(5)}
		switch a.kind {
		case kindAlbum, kindShared, kindSynced, kindSyncedEvent, kindSyncedFolder, kindFolder:
		default:
			return
		}
		if r.Bool(4) {
			return
		}
		if len(a.title) > maxTitle {
			a.title = strings.ToValidUTF8(a.title[:maxTitle], "")
		}
		lib.albums = append(lib.albums, a)
	})
	if len(lib.albums) > maxAlbums {
		lib.albums = slices.Clone(lib.albums[:maxAlbums])
		lib.Lost = append(lib.Lost, errAlbums)
	}
	return err
}

const maxTitle = 1024 // bytes that are kept

func (lib *library) album(id int64) (int, bool) {
	return slices.BinarySearchFunc(lib.albums, id, func(a album, id int64) int { return cmp.Compare(a.id, id) })
}

// A member is a photo in an album.
type member struct {
	album, photo int32 // their places
	order        int64
}

// readMembers reads which photos are in which albums.
func (lib *library) readMembers(ctx context.Context, db *view.Database) error {
	if len(lib.albums) == 0 {
		return nil
	}
	j, err := findJoin(ctx, db)
	if err != nil {
		return err
	}
	err = lib.Scan(ctx, db, j.table, []string{j.album, j.photo, j.order}, func(r view.Row) {
		a, known := lib.album(r.Int(0))
		p, there := lib.photo(r.Int(1))
		if !known || !there || lib.albums[a].folder() {
			return
		}
		lib.members = append(lib.members, member{int32(a), int32(p), r.Int(2)})
	})
	lib.members = once(lib.members)
	return err
}

// once brings memberships into the order of the albums, each once.
func once(all []member) []member {
	slices.SortFunc(all, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.album, b.album), cmp.Compare(a.photo, b.photo), cmp.Compare(a.order, b.order))
	})
	all = slices.CompactFunc(all, func(a, b member) bool { return a.album == b.album && a.photo == b.photo })
	slices.SortFunc(all, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.album, b.album), cmp.Compare(a.order, b.order), cmp.Compare(a.photo, b.photo))
	})
	return all
}

// A join is the table of memberships, and its columns.
type join struct {
	table               view.Table
	album, photo, order string
}

var (
	joinTable   = regexp.MustCompile(`^Z_(\d+)ASSETS$`)
	albumColumn = regexp.MustCompile(`^Z_\d+ALBUMS$`)
)

// findJoin finds the table of memberships. Core Data names it, and its columns,
// after the numbers of the entities, which move with every model: "Z_28ASSETS"
// has "Z_28ALBUMS", "Z_3ASSETS" and "Z_FOK_3ASSETS". No other table of such a
// name has such columns; should one, the entity's own number decides.
func findJoin(ctx context.Context, db *view.Database) (join, error) {
	names, err := db.Tables(ctx)
	if err != nil {
		return join{}, err
	}
	var found []join
	for _, name := range names {
		if !joinTable.MatchString(name) {
			continue
		}
		t, err := db.Table(ctx, name)
		if err != nil {
			return join{}, err
		}
		j := join{table: t}
		for _, c := range t.Columns {
			switch {
			case albumColumn.MatchString(c):
				j.album = c
			case joinTable.MatchString(c):
				j.photo = c
			case strings.HasPrefix(c, "Z_FOK_"):
				j.order = c
			}
		}
		if j.album != "" && j.photo != "" {
			found = append(found, j)
		}
	}
	switch len(found) {
	case 0:
		return join{}, fmt.Errorf("%w: no table tells which photos are in which albums (Z_nASSETS)", view.ErrSchema)
	case 1:
		return found[0], nil
	}
	own, err := albumEntity(ctx, db)
	if err != nil {
		return join{}, err
	}
	for _, j := range found {
		if joinTable.FindStringSubmatch(j.table.Name)[1] == own {
			return j, nil
		}
	}
	return found[0], nil
}

// albumEntity is the number of the entity Album, as text.
func albumEntity(ctx context.Context, db *view.Database) (string, error) {
	t, err := db.Table(ctx, "Z_PRIMARYKEY")
	if err != nil {
		return "", err
	}
	for r, err := range db.Scan(ctx, t, "Z_ENT", "Z_NAME") {
		if err != nil {
			return "", err
		}
		if r.Text(1) == "Album" {
			return r.Text(0), nil
		}
	}
	return "", nil
}

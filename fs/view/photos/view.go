// Package photos is the view "Photos": what a person has in the Photos app.
//
//	Photos/By date/2024/2024-07/2024-07-14 18.03.55 IMG_0123.HEIC
//	Photos/Albums/<folder>/<album>/IMG_0123.HEIC
//	Photos/Shared albums/<album>/…
//	Photos/{Favourites,Videos,Screenshots,Hidden,Recently deleted,Other}/…
//	Photos/Bursts/2024-07-14 18.03.55/…
//	Photos/Missing.txt
//
// Every file is a row of the manifest under another name; only the texts are
// made. It knows Photos.sqlite of CameraRollDomain, by the tables and columns
// that it has, and the folders beside it. Without a database that it can use it
// shows what lies in DCIM and CPLAssets.
package photos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows the photo library.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Photos" }

const (
	domain = "CameraRollDomain"
	media  = "Media" // what the library's own paths are relative to
	dbPath = media + "/PhotoData/Photos.sqlite"
	dcim   = "DCIM"                // what the camera made
	cloud  = "PhotoData/CPLAssets" // originals that came down from iCloud
)

// Open finds the library's database, or folders of originals.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	place := func(path string) view.Place { return view.Place{Domain: domain, Path: path} }
	_, err := src.First(ctx, place(dbPath), place(media+"/"+dcim), place(media+"/"+cloud))
	if errors.Is(err, view.ErrAbsent) {
		return nil, fmt.Errorf("%w: no photo library and no camera folder; with iCloud Photos they may be in iCloud alone", view.ErrAbsent)
	}
	if err != nil {
		return nil, err
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	l := src.Layout(ctx)
	src.Backup.Prepare() // the database needs no index of the backup
	lib, err := load(ctx, src)
	switch {
	case view.Passing(err):
		return nil, err
	case errors.Is(err, view.ErrAbsent):
		lib = newLibrary(src)
	case err != nil:
		l.Lost("the photo library's own database, and with it albums, favourites, dates and names", err)
		lib = newLibrary(src)
	}
	for _, err := range lib.Lost {
		l.Lost("part of the photo library", err)
	}
	f, err := newFinder(ctx, src)
	if err != nil {
		return nil, err
	}
	if err := f.findAll(ctx, lib); err != nil {
		return nil, err
	}
	lib.sort()
	folders := lay(l.Root(), lib)
	if text := missing(lib); text != nil {
		l.Root().File(view.MissingName, vtree.Bytes(text), time.Time{})
		l.Keeps(int64(len(text)))
	}
	skeleton, err := l.Tree()
	if err != nil {
		return nil, err
	}
	return newTree(skeleton, f, lib, folders), nil
}

// load reads the library's database. What of it cannot be read is among its
// losses; the error is that of the whole.
func load(ctx context.Context, src *view.Source) (*library, error) {
	db, err := src.Database(ctx, domain, dbPath)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	lib := newLibrary(src)
	if err := lib.readPhotos(ctx, db); err != nil {
		return nil, err
	}
	if len(lib.photos) == 0 && len(lib.Lost) > 0 {
		return nil, lib.Lost[0]
	}
	for _, read := range []func(context.Context, *view.Database) error{lib.readNames, lib.readMasters, lib.readAlbums, lib.readMembers} {
		if err := read(ctx, db); view.Passing(err) {
			return nil, err
		} else if err != nil {
			lib.Lost = append(lib.Lost, err)
		}
	}
	return lib, ctx.Err()
}

// A library is what a database tells of photos and albums.
type library struct {
	view.Reading
	photos  []photo    // by id until they are sorted
	found   int        // the place of the one that was looked up last
	paths   []location // of the photos that a database tells of, by their places
	dirs    []string
	byDir   map[string]int32 // the places of dirs
	albums  []album          // by id
	members []member
	bursts  map[string]int32 // their numbers, from 1
	zones   zones
}

func newLibrary(src *view.Source) *library {
	return &library{Reading: view.Reading{Left: maxSize}, byDir: map[string]int32{}, bursts: map[string]int32{}, zones: zones{fallback: src.Zone}}
}

// A location is where the library says that an original lies.
type location struct {
	dir  int32  // ZDIRECTORY: its place in dirs, or -1
	name string // ZFILENAME
}

// maxSize bounds what is read of a library, in bytes. A photo takes about a
// thousand, and the largest libraries that are known of have some hundred
// thousand.
const maxSize = 1 << 30

// entry0 is no entry: the folder of all domains is no photo.
const entry0 = backupfmt.RootEntry

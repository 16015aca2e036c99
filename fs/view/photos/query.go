package photos

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"ibfs/fs/view"
)

// assetColumns are those of a photo: of ZASSET, or ZGENERICASSET up to iOS 13.
var assetColumns = []string{
	"rowid",              // Z_PK
	"ZDIRECTORY",         // below Media: "DCIM/100APPLE"
	"ZFILENAME",          // "IMG_0123.HEIC"
	"ZDATECREATED",       // of capture: Cocoa seconds, UTC
	"ZKIND",              // 0 picture, 1 movie
	"ZKINDSUBTYPE",       // 10 screenshot
	"ZFAVORITE",          // 0 or 1
	"ZHIDDEN",            // 0 or 1
	"ZTRASHEDSTATE",      // 1 in Recently Deleted
	"ZTRASHEDDATE",       // Cocoa seconds
	"ZVISIBILITYSTATE",   // 0 shown in the app, 2 not
	"ZHASADJUSTMENTS",    // up to iOS 17: 1 edited
	"ZADJUSTMENTSSTATE",  // since iOS 18: above 0 edited
	"ZAVALANCHEUUID",     // of a burst; NULL none
	"ZAVALANCHEPICKTYPE", // bits: see pick
	"ZSAVEDASSETTYPE",    // 4 of a shared album
	"ZMASTER",            // ZCLOUDMASTER.Z_PK
}

const (
	kindVideo         = 1
	subtypeScreenshot = 10
	savedShared       = 4
)

// readPhotos reads the photos, and where their files should be.
func (lib *library) readPhotos(ctx context.Context, db *view.Database) error {
	t, err := db.Table(ctx, "ZASSET", "ZGENERICASSET")
	if err != nil {
		return err
	}
	if err := t.Need("ZDIRECTORY", "ZFILENAME"); err != nil {
		return err
	}
	knowsEdits := t.Has("ZHASADJUSTMENTS") || t.Has("ZADJUSTMENTSSTATE")
	return lib.Scan(ctx, db, t, assetColumns, func(r view.Row) {
		p := photo{id: r.Int(0), master: r.Int(16), rank: pick(r.Int(14)).rank()}
		p.setTaken(seconds(r, 3))
		p.mark(video, r.Int(4) == kindVideo)
		p.mark(screenshot, r.Int(5) == subtypeScreenshot)
		p.mark(favourite, r.Bool(6))
		p.mark(hidden, r.Bool(7))
		p.mark(trashed, r.Bool(8))
		p.mark(unseen, r.Bool(10))
		p.mark(edited, r.Bool(11) || r.Int(12) > 0 || !knowsEdits)
		p.mark(shared, r.Int(15) == savedShared)
		if t := seconds(r, 9); !t.IsZero() {
			p.deleted = uint32(t.Unix() / secondsPerDay)
		}
		if id := r.Text(13); id != "" && len(id) <= maxUUID {
			p.burst = lib.burst(id)
		}
		lib.photos = append(lib.photos, p)
		lib.paths = append(lib.paths, location{lib.dir(r.Text(1)), r.Text(2)})
	})
}

const (
	secondsPerDay = 24 * 60 * 60
	maxUUID       = 64      // bytes; real ones have 36
	maxBursts     = 1 << 18 // the frames of further ones are photos like all others
)

// seconds is an instant in seconds since 2001, or zero. Unlike Row.Cocoa it
// knows no other unit, as a camera may make up any date, and takes the years
// that pictures on paper are of.
func seconds(r view.Row, i int) time.Time {
	const epoch, most = 978307200, 1e11 // 2001-01-01 UTC in Unix seconds
	v := r.Float(i)
	if v == 0 || math.Abs(v) > most {
		return time.Time{}
	}
	whole := math.Floor(v)
	t := time.Unix(epoch+int64(whole), int64((v-whole)*1e9)).UTC()
	if t.Year() < 1900 || t.Year() > 2100 {
		return time.Time{}
	}
	return t
}

// maxDirs bounds the folders that the files of a library lie in. A real one has
// some hundred.
const maxDirs = 100_000

// dir is the place of a folder in dirs.
func (lib *library) dir(name string) int32 {
	i, known := lib.byDir[name]
	if !known {
		if len(lib.dirs) == maxDirs {
			return -1
		}
		i = int32(len(lib.dirs))
		lib.byDir[name] = i
		lib.dirs = append(lib.dirs, name)
	}
	return i
}

// burst is the number of a burst.
func (lib *library) burst(id string) int32 {
	n := lib.bursts[id]
	if n == 0 && len(lib.bursts) < maxBursts {
		n = int32(len(lib.bursts) + 1)
		lib.bursts[id] = n
	}
	return n
}

// photo is the place of a photo by its id, while they are in that order. Most
// tables tell of photos in the same order: it is the one behind the last.
func (lib *library) photo(id int64) (int, bool) {
	if next := lib.found + 1; next < len(lib.photos) && lib.photos[next].id == id {
		lib.found = next
		return next, true
	}
	i, ok := slices.BinarySearchFunc(lib.photos, id, func(p photo, id int64) int { return cmp.Compare(p.id, id) })
	if ok {
		lib.found = i
	}
	return i, ok
}

// readNames reads original names and time zones.
func (lib *library) readNames(ctx context.Context, db *view.Database) error {
	for i := range lib.photos { // those that the table does not know
		lib.photos[i].ahead = lib.zones.ahead(lib.photos[i].taken(), nil, "")
	}
	t, err := db.Table(ctx, "ZADDITIONALASSETATTRIBUTES")
	if err != nil {
		return err
	}
	if err := t.Need("ZASSET"); err != nil {
		return err
	}
	columns := []string{
		"ZASSET",            // the photo's Z_PK
		"ZORIGINALFILENAME", // may be NULL
		"ZTIMEZONEOFFSET",   // seconds ahead of UTC; may be NULL
		"ZTIMEZONENAME",     // "Europe/Oslo", "GMT-0400"; may be NULL
		"ZORIGINALFILESIZE", // bytes
	}
	return lib.Scan(ctx, db, t, columns, func(r view.Row) {
		i, ok := lib.photo(r.Int(0))
		if !ok {
			return
		}
		p := &lib.photos[i]
		if name := r.Text(1); name != "" {
			p.name = name
		}
		var offset *int64
		if v := r.Float(2); r.IsNumber(2) && math.Abs(v) <= maxAhead {
			seconds := int64(v)
			offset = &seconds
		}
		p.ahead = lib.zones.ahead(p.taken(), offset, r.Text(3))
		p.size = max(r.Int(4), 0)
	})
}

// readMasters reads original names that iCloud has.
func (lib *library) readMasters(ctx context.Context, db *view.Database) error {
	wanted := map[int64][]int32{} // photos by their master
	for i := range lib.photos {
		if p := &lib.photos[i]; p.master != 0 && p.name == "" {
			wanted[p.master] = append(wanted[p.master], int32(i))
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	t, err := db.Table(ctx, "ZCLOUDMASTER")
	if errors.Is(err, view.ErrSchema) {
		return nil // iOS 7 and earlier
	}
	if err != nil {
		return err
	}
	return lib.Scan(ctx, db, t, []string{"rowid", "ZORIGINALFILENAME"}, func(r view.Row) {
		if name := r.Text(1); name != "" {
			for _, i := range wanted[r.Int(0)] {
				lib.photos[i].name = name
			}
		}
	})
}

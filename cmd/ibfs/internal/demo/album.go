package demo

import (
	"image"
	"image/draw"
	"path"
	"slices"
	"time"

	"ibfs/backupfmt/backuptest"
)

// What Anna did with some of her photos, by their numbers.
var (
	livePhotos   = []uint64{16, 18, 41, 59, 99, 112, 113, 132, 154}
	editedPhotos = []uint64{38, 71, 113, 151}
	hiddenPhotos = []uint64{11, 157}

	// The phone keeps no more of these than a small version; of the last, not even that.
	iCloudPhotos = []uint64{2, 10, 3}

	deletedPhotos = map[uint64]time.Time{
		148: time.Date(2026, 11, 10, 21, 4, 0, 0, time.UTC),
		156: time.Date(2026, 11, 19, 7, 30, 0, 0, time.UTC),
	}
)

func (s *shot) live() bool      { return slices.Contains(livePhotos, s.seed) }
func (s *shot) edited() bool    { return slices.Contains(editedPhotos, s.seed) }
func (s *shot) hidden() bool    { return slices.Contains(hiddenPhotos, s.seed) }
func (s *shot) favourite() bool { return s.seed%9 == 0 }
func (s *shot) away() bool      { return slices.Contains(iCloudPhotos, s.seed) }

// original is what a shot was called first.
func (s *shot) original() string {
	if s.saved {
		return s.at.Format("PHOTO-2006-01-02-15-04-05.jpg")
	}
	return s.name
}

// beside are the files that a photo has beside its own: the movie of a Live
// Photo, and what it was edited to.
func (s *shot) beside(img *image.RGBA) ([]backuptest.File, error) {
	var files []backuptest.File
	add := func(name string, content []byte, later time.Duration) {
		files = append(files, backuptest.File{Domain: "CameraRollDomain", Path: path.Join("Media", name), Content: content, ModTime: s.at.Add(later)})
	}
	if s.live() {
		movie, err := pan(img, s.at)
		if err != nil {
			return nil, err
		}
		add(path.Join(cameraFolder, s.stem()+".MOV"), movie, time.Second)
	}
	if !s.edited() {
		return files, nil
	}
	const later = time.Hour
	folder := path.Join("PhotoData/Mutations", cameraFolder, s.stem(), "Adjustments")
	grey := greyed(img)
	content, err := encodeJPEG(grey, 85)
	if err != nil {
		return nil, err
	}
	add(folder+"/FullSizeRender.jpg", content, later)
	if s.live() {
		movie, err := pan(grey, s.at)
		if err != nil {
			return nil, err
		}
		add(folder+"/FullSizeRender.mov", movie, later)
	}
	return files, nil
}

// A picture is an image that can be cut.
type picture interface {
	image.Image
	SubImage(image.Rectangle) image.Image
}

// pan is a movie that looks along a picture.
func pan(img picture, at time.Time) ([]byte, error) {
	var m quickTime
	window := image.Rect(0, 0, movieWidth, movieHeight)
	room := img.Bounds().Size().Sub(window.Size())
	const frames = 18
	for i := range frames {
		frame, err := encodeJPEG(img.SubImage(window.Add(room.Mul(i).Div(frames))), 75)
		if err != nil {
			return nil, err
		}
		m.frames = append(m.frames, frame)
	}
	return m.encode(at), nil
}

// greyed is a picture without its colours.
func greyed(img *image.RGBA) picture {
	out := image.NewGray(img.Rect)
	draw.Draw(out, out.Rect, img, image.Point{}, draw.Src)
	return out
}

// The kinds of albums.
const (
	userAlbum    = 2
	projectsRoot = 3998
	albumsRoot   = 3999
	albumFolder  = 4000
)

// The numbers of entities in that model.
const (
	albumEntity  = 33
	folderEntity = 41
)

// library is what the Photos app knows of the camera roll: iOS 26 calls the
// table of who is in which album Z_33ASSETS.
func library(p *phone) ([]backuptest.File, error) {
	s := newScript(librarySchema)
	s.insert("Z_METADATA", "Z_VERSION, Z_UUID", 1, uuid("photo library"))
	for _, e := range []struct {
		number int
		name   string
	}{{1, "AdditionalAssetAttributes"}, {3, "Asset"}, {32, "GenericAlbum"}, {albumEntity, "Album"}, {folderEntity, "Folder"}} {
		s.insert("Z_PRIMARYKEY", "Z_ENT, Z_NAME, Z_SUPER, Z_MAX", e.number, e.name, 0, 0)
	}
	sizes := map[string]int{}
	for _, f := range p.camera {
		sizes[path.Base(f.Path)] = len(f.Content)
	}
	album := func(pk, kind int, title any, parent any) {
		ent := albumEntity
		if kind >= projectsRoot {
			ent = folderEntity
		}
		s.insert("ZGENERICALBUM", "Z_PK, Z_ENT, Z_OPT, ZKIND, ZTRASHEDSTATE, ZTITLE, ZPARENTFOLDER, ZUUID", pk, ent, 1, kind, 0, title, parent, uuid("album", literal(pk)))
	}
	album(1, albumsRoot, nil, nil)
	album(2, projectsRoot, nil, nil)
	album(3, albumFolder, "Trips", 1)
	album(4, userAlbum, "For the wall", 1)
	albums := map[string]int{}
	var last time.Time
	for i, shot := range roll() {
		pk := i + 1
		if !p.has(shot.at) {
			break
		}
		s.addShot(pk, shot, p, sizes[shot.name])
		last = shot.at
		if shot.album != "" && albums[shot.album] == 0 {
			albums[shot.album] = 5 + len(albums)
			album(albums[shot.album], userAlbum, shot.album, 3)
		}
		if in := albums[shot.album]; in != 0 && shot.screen == nil {
			s.insert("Z_33ASSETS", "Z_33ALBUMS, Z_3ASSETS, Z_FOK_3ASSETS", in, pk, 1024*pk)
		}
		if shot.favourite() && shot.screen == nil {
			s.insert("Z_33ASSETS", "Z_33ALBUMS, Z_3ASSETS, Z_FOK_3ASSETS", 4, pk, -1024*pk) // the newest first
		}
	}
	db, err := s.database("CameraRollDomain", "Media/PhotoData/Photos.sqlite", last.Add(time.Minute))
	return []backuptest.File{db}, err
}

// addShot adds a photo as the library has it.
func (s *script) addShot(pk int, shot shot, p *phone, size int) {
	kind, subtype, playback, uti := 0, 0, 1, "public.jpeg"
	switch {
	case shot.movie:
		kind, subtype, playback, uti = 1, 100, 4, "com.apple.quicktime-movie"
	case shot.screen != nil:
		subtype, uti = 10, "public.png"
	case shot.live():
		subtype, playback = 2, 3
	}
	latitude, longitude := -180.0, -180.0
	if shot.place != nil {
		latitude, longitude = shot.place.north, shot.place.east
	}
	var trashed any
	if at, ok := deletedPhotos[shot.seed]; ok && p.has(at) {
		trashed = cocoa(at)
	}
	var burst any
	visibility, adjusted := 0, 0
	if shot.pick != 0 {
		burst = uuid("burst")
	}
	if shot.pick == unpicked {
		visibility = 2
	}
	if shot.edited() {
		adjusted = 2
	}
	s.insert("ZASSET", "Z_PK, Z_ENT, Z_OPT, ZKIND, ZKINDSUBTYPE, ZPLAYBACKSTYLE, ZFAVORITE, ZHIDDEN, ZTRASHEDSTATE, ZTRASHEDDATE, ZVISIBILITYSTATE, ZADJUSTMENTSSTATE, "+
		"ZSAVEDASSETTYPE, ZCOMPLETE, ZAVALANCHEUUID, ZAVALANCHEPICKTYPE, ZADDITIONALATTRIBUTES, ZDATECREATED, ZADDEDDATE, ZMODIFICATIONDATE, "+
		"ZLATITUDE, ZLONGITUDE, ZDIRECTORY, ZFILENAME, ZUNIFORMTYPEIDENTIFIER, ZUUID",
		pk, 3, 1, kind, subtype, playback, shot.favourite(), shot.hidden(), trashed != nil, trashed, visibility, adjusted,
		3, 1, burst, shot.pick, pk, cocoa(shot.at), cocoa(shot.at.Add(time.Second)), cocoa(shot.at.Add(time.Second)),
		latitude, longitude, cameraFolder, shot.name, uti, uuid("asset", shot.name))
	if shot.away() {
		size = 2_000_000 + 12_345*int(shot.seed)
	}
	_, ahead := shot.at.Zone()
	s.insert("ZADDITIONALASSETATTRIBUTES", "Z_PK, Z_ENT, Z_OPT, ZASSET, ZORIGINALFILESIZE, ZTIMEZONEOFFSET, ZTIMEZONENAME, ZORIGINALFILENAME, ZEXIFTIMESTAMPSTRING",
		pk, 1, 1, pk, size, ahead, shot.zone, shot.original(), shot.at.Format("2006:01:02 15:04:05"))
}

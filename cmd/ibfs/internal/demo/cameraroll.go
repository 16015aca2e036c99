package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"path"
	"runtime"
	"sync"
	"time"

	"ibfs/backupfmt/backuptest"
)

// The camera's picture, as it is stored, and the thumbnail's share of it.
const (
	photoWidth, photoHeight = 720, 540
	thumbnailPart           = 4
)

// photos are what the Photos app shows, so far.
func photos(p *phone) ([]backuptest.File, error) {
	var files []backuptest.File
	for _, f := range p.camera {
		if p.has(f.ModTime) {
			files = append(files, f)
		}
	}
	return files, nil
}

// lastPhoto is the last that the camera took before a time.
func (p *phone) lastPhoto(before time.Time) backuptest.File {
	var last backuptest.File
	for _, f := range p.camera {
		if string(f.Xattrs[creatorAttribute]) == cameraApp && path.Ext(f.Path) == ".JPG" && f.ModTime.Before(before) {
			last = f
		}
	}
	return last
}

// cameraRoll makes all that was ever shot: the files, and a thumbnail of each.
func cameraRoll() ([]backuptest.File, error) {
	shots := roll()
	developed := make([][]backuptest.File, len(shots))
	errs := make([]error, len(shots))
	var wait sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				developed[i], errs[i] = shots[i].develop()
			}
		})
	}
	for i := range shots {
		next <- i
	}
	close(next)
	wait.Wait()
	var files []backuptest.File
	for i, s := range shots {
		if errs[i] != nil {
			return nil, fmt.Errorf("make %s: %w", s.name, errs[i])
		}
		files = append(files, developed[i]...)
	}
	return files, nil
}

// develop makes a shot's file and its thumbnail.
func (s shot) develop() ([]backuptest.File, error) {
	var content []byte
	var img *image.RGBA
	var err error
	switch {
	case s.movie:
		content, img, err = makeMovie(s)
	case s.screen != nil:
		img = s.screen.draw(s)
		content, err = encodePNG(img)
	default:
		content, img, err = s.photo()
	}
	if err != nil {
		return nil, err
	}
	file := func(name string, content []byte, later time.Duration) backuptest.File {
		return backuptest.File{Domain: "CameraRollDomain", Path: path.Join("Media", name), Content: content, ModTime: s.at.Add(later)}
	}
	small := func(name string, part int) (backuptest.File, error) {
		content, err := encodeJPEG(smaller(img, part), 75)
		return file(path.Join("PhotoData/Thumbnails/V2", cameraFolder, s.name, name), content, time.Minute), err
	}
	if s.away() {
		if s.seed == iCloudPhotos[len(iCloudPhotos)-1] {
			return nil, nil
		}
		thumbnail, err := small("5005.JPG", 2)
		return []backuptest.File{thumbnail}, err
	}
	thumbnail, err := small("5003.JPG", thumbnailPart)
	if err != nil {
		return nil, err
	}
	original := file(path.Join(cameraFolder, s.name), content, 0)
	original.Birth, original.Changed = s.at, s.at.Add(2*time.Second)
	if original.Xattrs, err = s.xattrs(); err != nil {
		return nil, err
	}
	beside, err := s.beside(img)
	return append([]backuptest.File{original, thumbnail}, beside...), err
}

const cameraFolder = "DCIM/100APPLE"

// photo takes a photo. Some are taken upright; the camera stores them lying,
// and says so. What came by WhatsApp has no Exif.
func (s shot) photo() (content []byte, upright *image.RGBA, err error) {
	rnd := rand.New(rand.NewPCG(s.seed, 1))
	portrait := rnd.IntN(4) == 0
	width, height := photoWidth, photoHeight
	if portrait {
		width, height = height, width
	}
	c := newCanvas(width, height)
	l := lightAt(hourOf(s.at))
	s.scene(c, l, rnd)
	if !s.saved {
		c.stamp(s.stem(), s.at.Format("2006-01-02 15:04"))
	}
	stored := c.img
	if portrait && !s.saved {
		stored = turned(c.img)
	}
	if content, err = encodeJPEG(stored, 85); err != nil || s.saved {
		return content, c.img, err
	}
	return withExif(content, exif{
		at: s.at, width: stored.Rect.Dx(), height: stored.Rect.Dy(), turned: portrait, place: s.place, night: l.night(),
	}), c.img, nil
}

func hourOf(t time.Time) float64 {
	return float64(t.Hour()) + float64(t.Minute())/60
}

func encodeJPEG(img image.Image, quality int) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

func encodePNG(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img)
	return b.Bytes(), err
}

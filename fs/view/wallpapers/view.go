// Package wallpapers is the view "Wallpapers": the pictures of the lock screen
// and the home screen.
//
//	Wallpapers/Lock screen.png                        made of the phone's own form, until iOS 15
//	Wallpapers/Home screen, dark.png
//	Wallpapers/Poster 1 portrait-layer_background.HEIC  the phone's own files, iOS 16 and later
package wallpapers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows wallpapers.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Wallpapers" }

const (
	domain = "HomeDomain"
	folder = "Library/SpringBoard/"

	posterDomain = "AppDomain-com.apple.PosterBoard"
	posterFolder = "Library/Application Support/PRBPosterExtensionDataStore"
)

// bitmaps are the pictures until iOS 15, with what they are called here, and a
// smaller one that stands in where the picture is not there.
var bitmaps = []struct{ file, title, thumbnail string }{
	{"LockBackground.cpbitmap", "Lock screen", "LockBackgroundThumbnail.jpg"},
	{"LockBackgrounddark.cpbitmap", "Lock screen, dark", "LockBackgroundThumbnaildark.jpg"},
	{"HomeBackground.cpbitmap", "Home screen", "HomeBackgroundThumbnail.jpg"},
	{"HomeBackgrounddark.cpbitmap", "Home screen, dark", "HomeBackgroundThumbnaildark.jpg"},
	{"OriginalLockBackground.cpbitmap", "Lock screen, before it was cut", ""},
	{"OriginalLockBackgrounddark.cpbitmap", "Lock screen, dark, before it was cut", ""},
	{"OriginalHomeBackground.cpbitmap", "Home screen, before it was cut", ""},
	{"OriginalHomeBackgrounddark.cpbitmap", "Home screen, dark, before it was cut", ""},
}

// Open finds out whether the backup has a picture of either form.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	places := []view.Place{{Domain: posterDomain, Path: posterFolder}}
	for _, b := range bitmaps {
		places = append(places, view.Place{Domain: domain, Path: folder + b.file})
		if b.thumbnail != "" {
			places = append(places, view.Place{Domain: domain, Path: folder + b.thumbnail})
		}
	}
	if _, err := src.First(ctx, places...); err != nil {
		return nil, err
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	x, err := src.Backup.Index(ctx)
	if err != nil {
		return nil, err
	}
	l := src.Layout(ctx)
	for _, b := range bitmaps {
		if err := addBitmap(ctx, src, l, b.title, b.file, b.thumbnail); err != nil {
			return nil, err
		}
	}
	if e, err := src.Lookup(ctx, posterDomain, posterFolder); err == nil {
		p := posters{ctx: ctx, x: x, l: l}
		p.walk(e, "", 0)
	} else if !errors.Is(err, view.ErrAbsent) {
		return nil, err
	}
	return l.Tree()
}

// addBitmap shows one picture as PNG, or else the smaller one.
func addBitmap(ctx context.Context, src *view.Source, l *view.Layout, title, file, thumbnail string) error {
	e, err := src.Lookup(ctx, domain, folder+file)
	if err == nil {
		err = check(ctx, src, e)
	}
	switch {
	case err == nil:
		stat, err := src.Backup.Stat(ctx, e)
		if err != nil {
			return err
		}
		l.Root().File(title+".png", src.Render(func(ctx context.Context) ([]byte, error) {
			b, err := src.ReadEntry(ctx, e, maxBitmap)
			if err != nil {
				return nil, err
			}
			return toPNG(b)
		}), stat.ModTime)
		return nil
	case view.Passing(err):
		return err
	case !errors.Is(err, view.ErrAbsent):
		l.Lost(title, err)
	}
	small, err := src.Lookup(ctx, domain, folder+thumbnail)
	if thumbnail == "" || errors.Is(err, view.ErrAbsent) {
		return nil
	}
	if err != nil {
		return err
	}
	l.Root().Row(title+" (small).jpg", small, time.Time{})
	return nil
}

// check looks whether a picture is one, without reading it.
func check(ctx context.Context, src *view.Source, e backupfmt.Entry) error {
	f, err := src.Backup.Open(ctx, e)
	if err != nil {
		return err
	}
	defer f.Close()
	if f.Size() > maxBitmap {
		return fmt.Errorf("%w: %d bytes", view.ErrTooLong, f.Size())
	}
	end := make([]byte, min(f.Size(), trailer))
	if _, err := f.ReadAt(end, f.Size()-int64(len(end))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	_, err = geometryOf(end, f.Size())
	return err
}

// posters finds the pictures of iOS 16 and later, which lie in folders that are
// called *.layerStack.
type posters struct {
	ctx   context.Context // of the building
	x     *backupfmt.Index
	l     *view.Layout
	count int
}

const (
	maxDepth   = 40
	layerStack = ".layerStack"
)

func (p *posters) walk(e backupfmt.Entry, name string, depth int) {
	stack := strings.HasSuffix(name, layerStack)
	number := 0
	p.x.Children(e, 0, func(c backupfmt.Child) bool {
		switch {
		case c.Type.IsDir() && depth < maxDepth:
			p.walk(c.Entry, c.Name, depth+1)
		case stack && c.Type == 0 && isPicture(c.Name):
			if number == 0 {
				p.count++
				number = p.count
			}
			p.l.Root().Row(fmt.Sprintf("Poster %d %s", number, c.Name), c.Entry, time.Time{})
		}
		return p.ctx.Err() == nil
	})
}

func isPicture(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".heic", ".jpg", ".jpeg", ".png":
		return true
	}
	return false
}

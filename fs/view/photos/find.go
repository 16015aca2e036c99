package photos

import (
	"context"
	"path"
	"strings"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

// A finder finds the files of photos among the rows of the backup.
type finder struct {
	src     *view.Source
	x       *backupfmt.Index
	media   backupfmt.Entry           // the folder that the library's paths begin in
	folders []folders                 // of the library's dirs
	owner   map[backupfmt.Entry]int32 // the photo, by its place, that a file is the original of
}

// folders are where the files of the photos of one ZDIRECTORY lie; entry 0 is
// none.
type folders struct{ originals, edits, smaller, thumbnails backupfmt.Entry }

func newFinder(ctx context.Context, src *view.Source) (*finder, error) {
	x, err := src.Backup.Index(ctx)
	if err != nil {
		return nil, err
	}
	e, err := src.Lookup(ctx, domain, media)
	if err != nil {
		return nil, err
	}
	return &finder{src: src, x: x, media: e}, nil
}

// findAll finds the files of all photos.
func (f *finder) findAll(ctx context.Context, lib *library) error {
	for _, dir := range lib.dirs {
		f.folders = append(f.folders, folders{
			originals:  f.below(f.media, dir),
			edits:      f.below(f.media, "PhotoData/Mutations/"+dir),
			smaller:    f.below(f.media, "PhotoData/Metadata/"+dir),
			thumbnails: f.below(f.media, "PhotoData/Thumbnails/V2/"+dir),
		})
	}
	f.owner = make(map[backupfmt.Entry]int32, len(lib.paths))
	for i, where := range lib.paths {
		p, d := &lib.photos[i], folders{}
		if where.dir >= 0 {
			d = f.folders[where.dir]
		}
		if err := f.find(ctx, p, d, where.name); err != nil {
			return err
		}
		if p.file == entry0 {
			continue
		}
		if _, taken := f.owner[p.file]; taken {
			*p = photo{id: p.id, marks: twin}
			continue
		}
		f.owner[p.file] = int32(i)
	}
	lib.paths, lib.dirs, lib.byDir = nil, nil, nil
	return f.beside(ctx, lib)
}

// below follows a path from a folder; entry 0 is that there is none. No path
// leads out of it: "..", like any name that no row has, is not found.
func (f *finder) below(e backupfmt.Entry, name string) backupfmt.Entry {
	for part := range strings.SplitSeq(name, "/") {
		var ok bool
		if e, ok = f.x.Lookup(e, part); !ok {
			return entry0
		}
	}
	return e
}

// file is below for a file.
func (f *finder) file(ctx context.Context, dir backupfmt.Entry, name string) (backupfmt.Entry, error) {
	if dir == entry0 {
		return entry0, nil
	}
	e := f.below(dir, name)
	if e == entry0 {
		return entry0, nil
	}
	typ, err := f.src.Backup.Type(ctx, e)
	if err != nil || typ != 0 {
		return entry0, passing(err)
	}
	return e, nil
}

// passing is an error that says nothing of the backup, or nil.
func passing(err error) error {
	if view.Passing(err) {
		return err
	}
	return nil
}

// find finds the original, what it was edited to, and where there is neither
// the best that stands in for it.
func (f *finder) find(ctx context.Context, p *photo, d folders, name string) (err error) {
	if p.file, err = f.file(ctx, d.originals, name); err != nil {
		return err
	}
	switch {
	case p.file == entry0 && p.name == "" && name != "":
		p.name = path.Base(name)
	case p.file != entry0 && p.name == name:
		p.name = "" // that of the file
	}
	if p.is(edited) && d.edits != entry0 {
		f.findEdit(p, d.edits, name)
	}
	if p.file == entry0 && p.edit == entry0 {
		p.preview, err = f.findPreview(ctx, d, name)
	}
	return err
}

// findEdit finds <edits>/<stem>/Adjustments/FullSizeRender.*.
func (f *finder) findEdit(p *photo, edits backupfmt.Entry, name string) {
	stem, _ := split(name)
	e := f.below(edits, stem+"/Adjustments")
	if e == entry0 {
		return
	}
	f.x.Children(e, 0, func(c backupfmt.Child) bool {
		if stem, ext := split(c.Name); stem == "FullSizeRender" && c.Type == 0 {
			switch movie := kindOf(ext) == movieFile; {
			case movie == p.is(video) && p.edit == entry0:
				p.edit = c.Entry
			case movie && p.moved == entry0:
				p.moved = c.Entry
			}
		}
		return true
	})
	if p.edit == entry0 {
		p.moved = entry0
	}
}

// findPreview finds a smaller version, the best first: what the phone keeps in
// place of an original, and then thumbnails.
func (f *finder) findPreview(ctx context.Context, d folders, name string) (backupfmt.Entry, error) {
	stem, _ := split(name)
	for _, c := range []struct {
		dir  backupfmt.Entry
		name string
	}{
		{d.smaller, stem + ".medium.MP4"}, {d.smaller, stem + ".HEIC"}, {d.smaller, stem + ".JPG"}, {d.smaller, stem + ".heic"}, {d.smaller, stem + ".jpg"},
		{d.thumbnails, name + "/5005.JPG"}, {d.thumbnails, name + "/5003.JPG"},
	} {
		if e, err := f.file(ctx, c.dir, c.name); err != nil || e != entry0 {
			return e, err
		}
	}
	return entry0, nil
}

// split takes a name apart at its last dot. The extension has no dot.
func split(name string) (stem, ext string) {
	e := path.Ext(name)
	return strings.TrimSuffix(name, e), strings.TrimPrefix(e, ".")
}

// A fileKind is what a file is by its extension.
type fileKind int

const (
	otherFile fileKind = iota
	pictureFile
	movieFile
)

func kindOf(ext string) fileKind {
	switch strings.ToLower(ext) {
	case "heic", "heif", "jpg", "jpeg", "jpe", "png", "gif", "tif", "tiff", "webp", "avif", "jxl", "jp2", "bmp", "psd",
		"dng", "raw", "cr2", "cr3", "crw", "nef", "nrw", "arw", "sr2", "raf", "orf", "rw2", "pef", "srw", "3fr", "iiq", "rwl":
		return pictureFile
	case "mov", "mp4", "m4v", "3gp", "3g2", "avi", "mpg", "mpeg", "mts", "m2ts", "mkv", "webm":
		return movieFile
	}
	return otherFile
}

package photos

import (
	"context"
	"slices"
	"strings"

	"ibfs/backupfmt"
)

// beside finds the files that lie beside those of photos under the same stem:
// the movie of a Live Photo, the raw file of a developed one. Of what else lies
// in the camera's folders, and belongs to no photo, it makes photos; without a
// sound library also of what came from iCloud.
//
// A movie that is a photo of its own is nobody's partner (FC-17).
func (f *finder) beside(ctx context.Context, lib *library) error {
	sound := len(lib.photos) > 0 && len(lib.Lost) == 0
	tops := []string{dcim}
	if !sound { // a sound one knows what iCloud sent it
		tops = append(tops, cloud)
	}
	camera := f.foldersOf(tops)
	dirs := slices.Clone(camera)
	for _, d := range f.folders {
		dirs = append(dirs, d.originals)
	}
	slices.Sort(dirs)
	slices.Sort(camera)
	for _, dir := range slices.Compact(dirs) {
		if dir == entry0 {
			continue
		}
		rest := f.loose(lib, dir)
		if _, ours := slices.BinarySearch(camera, dir); !ours {
			continue
		}
		for _, files := range rest {
			p, err := f.fromFile(ctx, lib, files)
			if err != nil {
				return err
			}
			p.mark(stray, sound)
			lib.photos = append(lib.photos, p)
		}
	}
	return ctx.Err()
}

// maxDepth bounds how deep folders are followed; those of a camera are one deep.
const maxDepth = 16

// foldersOf are some folders below Media and all that lie in them, whatever they
// are called.
func (f *finder) foldersOf(tops []string) (dirs []backupfmt.Entry) {
	var add func(e backupfmt.Entry, depth int)
	add = func(e backupfmt.Entry, depth int) {
		dirs = append(dirs, e)
		if depth == maxDepth {
			return
		}
		f.x.Children(e, 0, func(c backupfmt.Child) bool {
			if c.Type.IsDir() && !strings.HasPrefix(c.Name, ".") {
				add(c.Entry, depth+1)
			}
			return true
		})
	}
	for _, top := range tops {
		if e := f.below(f.media, top); e != entry0 {
			add(e, 0)
		}
	}
	return dirs
}

// A looseFile is a file that belongs to no photo, with the movie or raw file
// beside it.
type looseFile struct{ file, movie, second backupfmt.Entry }

// loose gives the photos of a folder what lies beside them, and returns the
// rest. Files of one stem lie side by side in the order of names; the movie of
// "X.heic" may be "X_3.mov", which comes behind it.
func (f *finder) loose(lib *library, dir backupfmt.Entry) []looseFile {
	var rest []looseFile
	var g group
	f.x.Children(dir, 0, func(c backupfmt.Child) bool {
		stem, ext := split(c.Name)
		kind := kindOf(ext)
		if c.Type != 0 || kind == otherFile {
			return true
		}
		if short, ok := strings.CutSuffix(stem, "_3"); ok && kind == movieFile && short == g.stem {
			stem = short
		}
		if stem != g.stem {
			rest = append(rest, g.share(lib)...)
			g = group{stem: stem}
		}
		i, owned := f.owner[c.Entry]
		switch {
		case !owned:
			g.files = append(g.files, looseOf{c.Entry, kind})
		case g.owner == nil && !lib.photos[i].is(video):
			g.owner = &lib.photos[i]
		}
		return true
	})
	return append(rest, g.share(lib)...)
}

// A group is the files of one stem.
type group struct {
	stem  string
	owner *photo // the picture of the library that is one of them, or nil
	files []looseOf
}

type looseOf struct {
	entry backupfmt.Entry
	kind  fileKind
}

// share gives the files to the picture of the group, and returns those that it
// has no room for. Without one, the first picture is one.
func (g *group) share(lib *library) (rest []looseFile) {
	give := func(file looseOf, movie, second *backupfmt.Entry) bool {
		to := second
		if file.kind == movieFile {
			to = movie
		}
		if *to != entry0 {
			return false
		}
		*to = file.entry
		return true
	}
	if g.owner == nil {
		if i := slices.IndexFunc(g.files, func(l looseOf) bool { return l.kind == pictureFile }); i >= 0 {
			rest = append(rest, looseFile{file: g.files[i].entry})
			g.files = slices.Delete(g.files, i, i+1)
		}
	}
	for _, file := range g.files {
		switch {
		case g.owner != nil && give(file, &g.owner.movie, &g.owner.second):
		case g.owner == nil && len(rest) > 0 && give(file, &rest[0].movie, &rest[0].second):
		default:
			rest = append(rest, looseFile{file: file.entry})
		}
	}
	return rest
}

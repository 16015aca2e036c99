package photos

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

// A style is how photos are named in a folder.
type style uint8

const (
	plain   style = iota // by their own names
	dated                // after the time of capture
	deleted              // likewise, and with the day when they were deleted
)

const stampLayout = "2006-01-02 15.04.05"

// title is what a photo is called in a folder, without an extension. It may be
// any text.
func (f *finder) title(p *photo, s style) string {
	title := f.stem(p)
	if s != plain && p.at != 0 {
		title = p.local().Format(stampLayout) + " " + title
	}
	if s == deleted && p.deleted != 0 {
		title += " (deleted " + time.Unix(int64(p.deleted)*secondsPerDay, 0).UTC().Format(time.DateOnly) + ")"
	}
	return title
}

// stem is the original name without its extension.
func (f *finder) stem(p *photo) string {
	name := f.name(p)
	stem, ext := split(name)
	if kindOf(ext) == otherFile && !strings.EqualFold(ext, f.rowExt(p.file)) {
		stem = name // what follows the dot is part of a title
	}
	return cut(stem, maxStem)
}

// maxStem bounds a stem in bytes, so that it stays whole with a date before it
// and a mark behind it.
const maxStem = 160

func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// name is what the photo was called first.
func (f *finder) name(p *photo) string {
	return cmp.Or(trimmed(p.name), p.name, f.x.Name(p.file))
}

// trimmed is a name without what no file's name ends in, so that its extension
// can be told.
func trimmed(name string) string { return strings.TrimRight(name, ". ") }

// rowExt is the extension of a row, without its dot. What no file name's end
// looks like is left out of it.
func (f *finder) rowExt(e backupfmt.Entry) string {
	_, ext := split(f.x.Name(e))
	ext = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, ext)
	return ext[:min(len(ext), maxExt)]
}

const maxExt = 12

// A part is one of the files that a photo is shown as.
type part struct {
	mark  string // behind the title
	ext   string // with its dot
	entry backupfmt.Entry
}

const (
	originalMark = " (original)"
	previewMark  = " (preview only)"
)

// parts are the files that a photo is shown as: what it was edited to with the
// original beside it, or the original, or what stands in for it; and the movie
// or raw file that belongs to the original.
func (f *finder) parts(p *photo) []part {
	parts := make([]part, 0, 6)
	add := func(mark string, e backupfmt.Entry) {
		if e == entry0 {
			return
		}
		ext := f.ext(p, e)
		for slices.ContainsFunc(parts, func(o part) bool { return o.mark == mark && strings.EqualFold(o.ext, ext) }) {
			mark += " (other)"
		}
		parts = append(parts, part{mark, ext, e})
	}
	mark := ""
	if p.edit != entry0 {
		mark = originalMark
	}
	add("", p.edit)
	add("", p.moved)
	add(previewMark, p.preview)
	add(mark, p.file)
	add(mark, p.movie)
	add(mark, p.second)
	return parts
}

// ext is the extension of a file as it is served, with its dot: that of the
// original name where it is the same but for case.
func (f *finder) ext(p *photo, e backupfmt.Entry) string {
	own := f.rowExt(e)
	if _, ext := split(trimmed(p.name)); strings.EqualFold(own, ext) {
		own = ext
	}
	if own == "" {
		return ""
	}
	return "." + own
}

// nameParts names the parts of a photo in a folder, under one stem that no file
// of another photo has (FC-17).
func nameParts(u *view.Unique, title string, parts []part) []string {
	var ends []string
	for _, p := range parts {
		ends = append(ends, p.mark, p.mark+p.ext)
	}
	stem := u.Stem(view.SafeName(title), ends...)
	all := make([]string, len(parts))
	for i, p := range parts {
		all[i] = stem + p.mark + p.ext
	}
	return all
}

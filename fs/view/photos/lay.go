package photos

import (
	"slices"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// A folder holds photos, and nothing else.
type folder struct {
	photos []int32 // their places in the library
	style  style
}

// A shelves lays out the folders of a library, whose photos are in the order of
// their times.
type shelves struct {
	*library
	root    view.Dir
	folders map[vtree.ID]*folder
}

// lay makes the folders of a library.
func lay(root view.Dir, lib *library) map[vtree.ID]*folder {
	lib.settle()
	s := shelves{lib, root, map[vtree.ID]*folder{}}
	s.byDate()
	s.albums()
	among := func(m marks) func(*photo) bool {
		return func(p *photo) bool { return p.place == inLibrary && p.is(m) }
	}
	in := func(w place) func(*photo) bool {
		return func(p *photo) bool { return p.place == w }
	}
	s.collect("Favourites", dated, among(favourite))
	s.collect("Videos", dated, among(video))
	s.collect("Screenshots", dated, among(screenshot))
	s.bursts()
	s.collect("Hidden", dated, in(inHidden))
	s.collect("Recently deleted", deleted, in(inTrash))
	s.collect("Other", dated, in(inOther))
	return s.folders
}

// put adds a photo to a folder.
func (s *shelves) put(dir view.Dir, style style, i int32) {
	f := s.folders[dir.ID()]
	if f == nil {
		f = &folder{style: style}
		s.folders[dir.ID()] = f
	}
	f.photos = append(f.photos, i)
	if p := &s.photos[i]; p.home == 0 {
		p.home = int32(dir.ID() - view.Base)
	}
}

// collect makes a folder for those that are wanted, if there are any.
func (s *shelves) collect(name string, style style, want func(*photo) bool) {
	var dir *view.Dir
	for i := range s.photos {
		if !want(&s.photos[i]) {
			continue
		}
		if dir == nil {
			d := s.root.Dir(name)
			dir = &d
		}
		s.put(*dir, style, int32(i))
	}
}

// byDate makes a folder for each month in one for each year, of local time.
func (s *shelves) byDate() {
	var all, year, month view.Dir
	var last time.Time
	begun := false
	for i := range s.photos {
		p := &s.photos[i]
		if p.place != inLibrary {
			continue
		}
		if !begun {
			all = s.root.Dir("By date")
		}
		at := p.local()
		switch {
		case p.at == 0 && (!begun || !last.IsZero()):
			month, at = all.Dir("Unknown date"), time.Time{}
		case p.at == 0:
			at = time.Time{}
		default:
			if !begun || at.Year() != last.Year() {
				year = all.Dir(at.Format("2006"))
			}
			if !begun || at.Year() != last.Year() || at.Month() != last.Month() {
				month = year.Dir(at.Format("2006-01"))
			}
		}
		last, begun = at, true
		s.put(month, dated, int32(i))
	}
}

// bursts makes a folder for each burst of which there is more than one frame,
// or one that is shown nowhere else.
func (s *shelves) bursts() {
	frames := make([][]int32, len(s.library.bursts)+1)
	for i := range s.photos {
		if p := &s.photos[i]; p.burst != 0 && (p.place == inLibrary || p.place == inBurst) {
			frames[p.burst] = append(frames[p.burst], int32(i))
		}
	}
	frames = slices.DeleteFunc(frames, func(b []int32) bool {
		return len(b) == 0 || len(b) == 1 && s.photos[b[0]].place == inLibrary
	})
	slices.SortFunc(frames, func(a, b []int32) int { return int(a[0]) - int(b[0]) })
	if len(frames) == 0 {
		return
	}
	all := s.root.Dir("Bursts")
	for _, b := range frames {
		first, name := &s.photos[b[0]], "Unknown date"
		if first.at != 0 {
			name = first.local().Format(stampLayout)
		}
		dir := all.DirAt(name, view.Unix(float64(first.at)/1e9))
		for _, i := range b {
			s.put(dir, plain, i)
		}
	}
}

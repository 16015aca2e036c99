package photos

import (
	"cmp"
	"slices"
	"time"

	"ibfs/backupfmt"
)

// A photo is one of the library: a picture or a movie, with the files that
// there are of it. Entry 0 is no file.
type photo struct {
	id    int64
	at    int64  // when it was taken, in nanoseconds since 1970; 0 is unknown
	ahead int32  // what local time was ahead of UTC then, in seconds
	size  int64  // of the original, in bytes; 0 is unknown
	name  string // the original one; "" is that of the file

	file    backupfmt.Entry // the original
	movie   backupfmt.Entry // that of a Live Photo
	second  backupfmt.Entry // the other of a raw and a developed file
	edit    backupfmt.Entry // as it was edited
	moved   backupfmt.Entry // the edited movie of a Live Photo
	preview backupfmt.Entry // a smaller one, where there is neither original nor edit

	master  int64  // ZCLOUDMASTER.Z_PK; 0 is none
	deleted uint32 // when, in days of the Unix epoch; 0 is unknown
	burst   int32  // its number; 0 is none
	home    int32  // the first folder that it is shown in, counted from the view's own
	rank    uint8  // see pick
	place   place
	marks   marks
}

// taken is the instant of capture, or zero.
func (p *photo) taken() time.Time {
	if p.at == 0 {
		return time.Time{}
	}
	return time.Unix(0, p.at).UTC()
}

func (p *photo) setTaken(t time.Time) {
	if !t.IsZero() {
		p.at = t.UnixNano()
	}
}

type marks uint16

const (
	video marks = 1 << iota
	screenshot
	favourite
	hidden
	trashed
	unseen // not shown in the app: a frame of a burst, or a stand-in for what is elsewhere
	shared // of an album that others share
	edited
	stray   // a file that the library does not know
	inAlbum // shown in one
	twin    // a second row of the same file: nothing
)

func (p *photo) is(m marks) bool { return p.marks&m != 0 }

func (p *photo) mark(m marks, on bool) {
	if on {
		p.marks |= m
	}
}

// shown reports that there is some file of it.
func (p *photo) shown() bool { return p.file|p.edit|p.preview != entry0 }

// local is the wall clock's time of capture, as if it were UTC.
func (p *photo) local() time.Time { return time.Unix(int64(p.ahead), p.at).UTC() }

// wall orders photos by their local times.
func (p *photo) wall() int64 { return p.at + int64(p.ahead)*int64(time.Second) }

// sort brings the photos into the order of their local times, the unknown ones
// last. Members follow.
func (lib *library) sort() {
	order := make([]int32, len(lib.photos))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int {
		a, b := &lib.photos[i], &lib.photos[j]
		switch {
		case a.at == 0 && b.at != 0:
			return 1
		case a.at != 0 && b.at == 0:
			return -1
		}
		return cmp.Or(cmp.Compare(a.wall(), b.wall()), cmp.Compare(a.id, b.id))
	})
	sorted := make([]photo, len(order))
	to := make([]int32, len(order))
	for i, from := range order {
		sorted[i] = lib.photos[from]
		to[from] = int32(i)
	}
	lib.photos = sorted
	for i := range lib.members {
		lib.members[i].photo = to[lib.members[i].photo]
	}
}

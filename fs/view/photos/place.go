package photos

// A place is where a photo is shown. Favourites, videos, screenshots and albums
// are second places of those in the library.
type place uint8

const (
	nowhere   place = iota // there is no file of it
	inLibrary              // by date
	inBurst                // only with the other frames
	inShared               // only in shared albums
	inHidden
	inTrash
	inOther // the app does not show it, or the library does not know it
)

// settle finds the place of each photo.
func (lib *library) settle() {
	best := lib.picked()
	for i := range lib.photos {
		p := &lib.photos[i]
		p.place = p.where(best[p.burst])
	}
	for _, m := range lib.members {
		if p := &lib.photos[m.photo]; p.place == inShared && lib.albums[m.album].kind == kindShared {
			p.mark(inAlbum, true)
		}
	}
	for i := range lib.photos {
		if p := &lib.photos[i]; p.place == inShared && !p.is(inAlbum) {
			p.place = inOther
		}
	}
}

// where is the place of a photo; best is the highest rank in its burst.
func (p *photo) where(best uint8) place {
	switch {
	case !p.shown():
		return nowhere
	case p.is(trashed):
		return inTrash
	case p.is(hidden):
		return inHidden
	case p.is(shared):
		return inShared
	case p.is(stray):
		return inOther
	case p.burst != 0 && p.rank < best:
		return inBurst
	case p.burst == 0 && p.is(unseen):
		return inOther
	}
	return inLibrary
}

// albumed reports that a photo is shown in an album of a kind.
func (p *photo) albumed(kind int64) bool {
	return p.place == inLibrary || p.place == inBurst || kind == kindShared && p.place == inShared
}

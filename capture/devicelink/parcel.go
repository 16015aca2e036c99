package devicelink

const (
	// parcelSize and parcelFiles are the most that is handed over at a time. Less means
	// more changes from one thread to the other; more, that the phone waits longer for
	// the last of an upload to be kept.
	parcelSize  = 256 << 10
	parcelFiles = 64

	// maxParcels is how many there are: they are together what fits in a processor's cache.
	maxParcels = 4
)

// A parcel is part of an upload: what came of some files, one after another.
type parcel struct {
	data  []byte
	parts []part

	kept     int // files
	failures []failure
}

// A part is a file, or as much of it as came before the parcel was full.
type part struct {
	path string // "" goes on with the file before
	size int    // of its bytes in the parcel
	end  ending
}

// An ending is what follows on a part.
type ending uint8

const (
	more     ending = iota // of the file, in the next parcel
	complete               // nothing: that was all
	cut                    // nothing: the rest will not come
)

// A failure is why a file could not be kept.
type failure struct {
	what, path string
	err        error
}

func (p *parcel) clear() {
	p.data, p.parts, p.kept, p.failures = p.data[:0], p.parts[:0], 0, nil
}

// An upload is files that come from the phone. They are packed for a keeper, which
// writes the ones before while the next come.
type upload struct {
	s    *session
	full chan<- *parcel
	done chan *parcel // closed by the keeper's end

	p     *parcel // that is being packed; may be nil
	first error   // the first of what could not be kept
}

func (s *session) startUpload() *upload {
	full := make(chan *parcel, maxParcels)
	u := &upload{s: s, full: full, done: make(chan *parcel, maxParcels)}
	k := keeper{ctx: s.c.ctx, store: s.store}
	go k.run(full, u.done)
	return u
}

// end waits until all that came whole is kept, or ctx has ended.
func (u *upload) end() {
	if u.p != nil {
		if last := u.last(); last.end == more {
			last.end = cut
		}
		u.full <- u.p
	}
	close(u.full)
	for p := range u.done {
		u.settle(p)
	}
}

// next is a parcel to be filled.
func (u *upload) next() *parcel {
	s := u.s
	if n := len(s.idle); n > 0 {
		p := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return p
	}
	if s.parcels < maxParcels {
		s.parcels++
		return &parcel{data: make([]byte, 0, parcelSize)}
	}
	u.settle(<-u.done)
	return u.next()
}

// settle takes note of what came of a parcel.
func (u *upload) settle(p *parcel) {
	u.s.Received.Files += p.kept
	for _, f := range p.failures {
		if err := u.s.failed(f.what, f.path, f.err); u.first == nil {
			u.first = err
		}
	}
	p.clear()
	u.s.idle = append(u.s.idle, p)
}

// begin begins a file.
func (u *upload) begin(path string) {
	if u.p != nil && len(u.p.parts) == parcelFiles {
		u.full <- u.p
		u.p = nil
	}
	if u.p == nil {
		u.p = u.next()
	}
	u.p.parts = append(u.p.parts, part{path: path})
}

// room is where more of the file goes.
func (u *upload) room() []byte {
	if len(u.p.data) == cap(u.p.data) {
		u.full <- u.p
		u.p = u.next()
		u.p.parts = append(u.p.parts, part{})
	}
	return u.p.data[len(u.p.data):cap(u.p.data)]
}

// filled says that the first n bytes of the room are of the file now.
func (u *upload) filled(n int) {
	u.p.data = u.p.data[:len(u.p.data)+n]
	u.last().size += n
}

func (u *upload) last() *part { return &u.p.parts[len(u.p.parts)-1] }

package backupfmt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// An mbdbWindow is the part of a stream that is in memory. It grows with what has
// arrived, never by a number that was read.
type mbdbWindow struct {
	src    io.Reader
	buf    []byte
	lo, hi int   // buf[lo:hi] is read and not yet skipped
	off    int64 // of buf[lo] in the stream
	eof    bool
}

const firstWindow = 64 << 10

func (w *mbdbWindow) bytes() []byte { return w.buf[w.lo:w.hi] }

func (w *mbdbWindow) skip(n int) {
	w.lo += n
	w.off += int64(n)
}

// fill reads until n bytes are in the window or the stream ends, which is no
// error.
func (w *mbdbWindow) fill(n int) error {
	for empty := 0; w.hi-w.lo < n && !w.eof; {
		if w.lo > 0 && w.hi == len(w.buf) {
			w.hi = copy(w.buf, w.buf[w.lo:w.hi])
			w.lo = 0
		}
		if w.hi == len(w.buf) {
			grown := make([]byte, max(firstWindow, 2*len(w.buf)))
			copy(grown, w.buf)
			w.buf = grown
		}
		got, err := w.src.Read(w.buf[w.hi:])
		w.hi += got
		switch {
		case errors.Is(err, io.EOF):
			w.eof = true
		case err != nil:
			return err
		case got > 0:
			empty = 0
		default:
			if empty++; empty == 100 {
				return io.ErrNoProgress
			}
		}
	}
	return nil
}

// record decodes the record at the start of the window and returns its length:
// 0 at the end of the stream. ErrDamaged, with the length that it would have
// or 0, says that what is there is no record.
func (w *mbdbWindow) record(m *mbdbRecord) (int, error) {
	for {
		n := readMBDBRecord(w.bytes(), m)
		switch {
		case n > 0 && sane(m):
			return n, nil
		case n > 0:
			return n, fmt.Errorf("%w: no record", ErrDamaged)
		case w.eof && w.lo == w.hi:
			return 0, nil
		case w.eof:
			return 0, fmt.Errorf("%w: a record runs over the end", ErrDamaged)
		}
		if err := w.fill(w.hi - w.lo + 1); err != nil {
			return 0, err
		}
	}
}

// sane says whether a record can be one: its type is one of the three that
// backups hold, and its domain is a line of text, or null.
func sane(m *mbdbRecord) bool {
	switch m.Mode >> 12 {
	case 0x4, 0x8, 0xA:
	default:
		return false
	}
	control := bytes.ContainsFunc(m.Domain, func(r rune) bool { return r < ' ' || r == 0x7F })
	return !control && utf8.Valid(m.Domain)
}

const (
	resyncWord   = "Domain" // all names of domains hold it
	resyncName   = 255      // the longest name of a domain looked for
	resyncSteps  = 16       // bad records in a row that have the lengths of good ones
	resyncWindow = 1 << 20  // what two records must fit into to be found again
)

// resync passes over what is no record at the start of the window, and decodes
// the one behind it: 0 at the end of the stream. When what it passes over has
// the length of a record, n, the next one is looked for behind it and the few
// that follow; else it is where two sane records follow each other, or one ends
// the stream.
func (w *mbdbWindow) resync(m *mbdbRecord, n int, d *mbdbDamage) (int, error) {
	from := w.off
	d.begin(from)
	defer func() { d.lost += w.off - from }()
	if err := w.ahead(n + resyncWindow); err != nil {
		return 0, err
	}
	for range resyncSteps {
		if n == 0 || n >= len(w.bytes()) {
			break
		}
		next := readMBDBRecord(w.bytes()[n:], m)
		if next > 0 && sane(m) && bytes.Contains(m.Domain, []byte(resyncWord)) {
			w.skip(n)
			return next, nil
		}
		if next == 0 {
			break
		}
		n += next
	}
	for w.skip(1); ; {
		if err := w.ahead(resyncWindow); err != nil {
			return 0, err
		}
		at := bytes.Index(w.bytes(), []byte(resyncWord))
		if at < 0 && w.eof {
			w.skip(len(w.bytes()))
			return 0, nil
		}
		if at < 0 {
			w.skip(len(w.bytes()) - resyncName - 2)
			continue
		}
		for start := max(0, at-2-resyncName); start+2 <= at; start++ {
			if n := w.twoRecords(start, at, m); n > 0 {
				w.skip(start)
				return n, nil
			}
		}
		w.skip(at + 1)
	}
}

// ahead is fill in large steps: each moves the window.
func (w *mbdbWindow) ahead(n int) error {
	if len(w.bytes()) >= n {
		return nil
	}
	return w.fill(n + resyncWindow)
}

// twoRecords decodes the record at start in the window if the word at lies in
// its domain and another record, or the end, follows it.
func (w *mbdbWindow) twoRecords(start, at int, m *mbdbRecord) int {
	b := w.bytes()[start:]
	if b[0] != 0 || 2+int(b[1]) < at-start+len(resyncWord) {
		return 0
	}
	n := readMBDBRecord(b, m)
	if n == 0 || !sane(m) {
		return 0
	}
	if w.eof && n == len(b) {
		return n
	}
	var next mbdbRecord
	if readMBDBRecord(b[n:], &next) == 0 || !sane(&next) {
		return 0
	}
	return n
}

// mbdbDamage sums up what of a manifest was passed over.
type mbdbDamage struct {
	places int
	first  int64 // offset of the first place
	lost   int64 // bytes
}

func (d *mbdbDamage) begin(off int64) {
	if d.places == 0 {
		d.first = off
	}
	d.places++
}

func (d *mbdbDamage) err() error {
	if d.places == 0 {
		return nil
	}
	return fmt.Errorf("manifest.mbdb: %w: no record at byte %d (%d bytes in %d places passed over)",
		ErrDamaged, d.first, d.lost, d.places)
}

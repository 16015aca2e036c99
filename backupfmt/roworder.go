package backupfmt

import "fmt"

// Rows come out of a sound manifest in the order of their numbers, each number
// once. Where they do not, a number or a place in the tree of the table is
// damaged, and a row's number may be another's: whoever asks for it by number
// could get that other. So a row out of order is shown, as all that an index
// needs is in it, but under a new number behind all others.

// maxMisplaced bounds the rows out of order of one part of a manifest. A page has
// a few dozen; a tree that leads to its own pages over and over has no end of them.
const maxMisplaced = 1 << 16

var (
	errOrder    = fmt.Errorf("%w: the row's number is out of order", ErrDamaged)
	errSameRow  = fmt.Errorf("%w: another row has the row's number", ErrDamaged)
	errDisorder = fmt.Errorf("%w: more rows are out of order than pages have", ErrDamaged)
	errOtherRow = fmt.Errorf("%w: the row is not found by its number", ErrDamaged)
)

// take keeps a row in the order of the numbers, which floor is below. Of two with
// one number, the one that it belongs to keeps it.
func (s *segment) take(r *row, floor Entry, belongs func(*row) (bool, error)) error {
	if r.entry <= max(floor, s.last) {
		own := r.entry == s.last
		if own {
			var err error
			if own, err = belongs(r); err != nil {
				return err
			}
		}
		if !own {
			return s.misplace(r)
		}
		s.takeBack()
	}
	s.last = r.entry
	s.add(r)
	return nil
}

// misplace keeps a row without its number.
func (s *segment) misplace(r *row) error {
	s.damage.add(Damage{Entry: r.entry, Domain: string(r.domain), Path: string(r.path), Err: errOrder})
	if s.misplaced == nil {
		s.misplaced = newSegment()
	}
	s.misplaced.add(r)
	return s.disorder()
}

// disorder counts a row out of order.
func (s *segment) disorder() error {
	if s.disordered++; s.disordered > maxMisplaced {
		return errDisorder
	}
	return nil
}

// takeBack removes the last row, if it is shown.
func (s *segment) takeBack() {
	last := len(s.chunks) - 1
	if last < 0 || s.at(s.lastRef()).entry != s.last {
		return
	}
	r := s.lastRef()
	if n := s.at(r); n.isDir() && s.paths.list[s.own].node == r {
		s.paths.list[s.own].node = noRef
	}
	s.damage.add(Damage{Entry: s.last, Err: errSameRow})
	if s.chunks[last] = s.chunks[last][:len(s.chunks[last])-1]; len(s.chunks[last]) == 0 {
		s.chunks = s.chunks[:last]
	}
}

// withMisplaced appends the rows out of order to the segments, under numbers
// behind the highest.
func withMisplaced(segments []*segment) []*segment {
	last := Entry(0)
	for _, s := range segments {
		last = max(last, s.last)
	}
	for _, s := range segments[:len(segments):len(segments)] {
		if s.misplaced == nil {
			continue
		}
		for _, c := range s.misplaced.chunks {
			for i := range c {
				last++
				c[i].entry = last
			}
		}
		segments = append(segments, s.misplaced)
	}
	return segments
}

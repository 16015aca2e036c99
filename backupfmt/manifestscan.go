package backupfmt

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ibfs/backupfmt/internal/sqlite"
)

// scanParts is into how many ranges of rowids a manifest is cut. More than the
// connections, so that gaps between rowids leave none of them idle.
const scanParts = 16

// scanConns is how many connections read a manifest side by side.
const scanConns = 2

// scan reads all rows, by several connections over ranges of rowids, into
// segments in the order of the rowids. Where that finds fewer than an index of
// the table lists, one goes through all of it, and is not led by the numbers.
func (m *manifestDB) scan(ctx context.Context) ([]*segment, error) {
	bounds, err := m.bounds(ctx)
	if err != nil {
		return nil, err
	}
	segments, err := m.scanParts(ctx, bounds)
	if err != nil {
		return nil, err
	}
	lost, err := m.checkCount(ctx, segments)
	if errors.Is(lost, errLost) && !slices.ContainsFunc(segments, func(s *segment) bool { return len(s.gaps) > 0 }) {
		var all []*segment
		if all, err = m.scanParts(ctx, []int64{0, maxRow}); err == nil && rowsOf(all) > rowsOf(segments) {
			segments = all
			lost, err = m.checkCount(ctx, all)
		}
	}
	if err != nil {
		return nil, err
	}
	for _, err := range []error{m.log, lost} {
		if err != nil {
			segments[0].damage.add(Damage{Whole: true, Err: err})
		}
	}
	return withMisplaced(segments), nil
}

var errLost = fmt.Errorf("%w: rows that its index lists are not found", ErrDamaged)

// checkCount holds the number of rows that were found against that of the smallest
// index of the table, which is read no further. err is one that passes.
func (m *manifestDB) checkCount(ctx context.Context, segments []*segment) (damaged, err error) {
	found, listed := rowsOf(segments), 0
	_, err = m.d.First(ctx, func(r *sqlite.Row) { listed = int(r.Int(0)) },
		"SELECT count(*) FROM (SELECT 1 FROM Files LIMIT ?)", int64(found)+1)
	switch {
	case Passing(err):
		return nil, err
	case err != nil:
		return fmt.Errorf("%w: count the rows of the manifest: %w", ErrDamaged, err), nil
	case listed > found:
		return errLost, nil
	case listed < found:
		return fmt.Errorf("%w: of %d rows that are found its index lists %d", ErrDamaged, found, listed), nil
	}
	return nil, nil
}

// bounds cuts the manifest into ranges, each above one bound and up to the next.
// They divide the work and nothing else: the last one has no end, as what the
// table's right edge tells of the highest rowid may be damaged.
func (m *manifestDB) bounds(ctx context.Context) ([]int64, error) {
	var last int64
	_, err := m.d.First(ctx, func(r *sqlite.Row) { last = r.Int(0) }, "SELECT ifnull(max(rowid), 0) FROM Files WHERE rowid <= ?", int64(maxRow))
	if Passing(err) {
		return nil, err
	}
	bounds := make([]int64, scanParts+1) // any other error shows again, and is counted, in the scan
	for i := range bounds {
		bounds[i] = last * int64(i) / scanParts
	}
	bounds[scanParts] = maxRow
	return bounds, nil
}

func rowsOf(segments []*segment) (n int) {
	for _, s := range segments {
		n += s.rows
	}
	return n
}

// scanParts reads the rows between each two bounds into a segment.
func (m *manifestDB) scanParts(ctx context.Context, bounds []int64) ([]*segment, error) {
	segments := make([]*segment, len(bounds)-1)
	parts := make(chan int, len(segments))
	for i := range segments {
		segments[i] = newSegment()
		parts <- i
	}
	close(parts)
	err := sideBySide(scanConns, func(int) error {
		d, err := openDatabase(ctx, m.db, m.wal)
		if err != nil {
			return err
		}
		defer d.Close()
		for i := range parts {
			if err := m.scanRange(ctx, d, segments[i], bounds[i], bounds[i+1]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	tellGaps(segments)
	return segments, m.scanOutside(ctx, segments[len(segments)-1])
}

// scanOutside tells of the rows whose numbers no row of a phone has. They are
// not shown, as an entry has no room for them.
func (m *manifestDB) scanOutside(ctx context.Context, s *segment) error {
	sc := scanner{m: m}
	for row, err := range m.d.Query(ctx, "SELECT "+rowColumns+" FROM Files WHERE rowid < 1"+
		" UNION ALL SELECT "+rowColumns+" FROM Files WHERE rowid > ?", int64(maxRow)) {
		if err != nil {
			return ifPassing(err) // a page that cannot be read is told as a gap already
		}
		r, err := sc.scan(row)
		if err := s.read(r, err, s.misplace); err != nil {
			s.damage.add(Damage{Whole: true, Err: err})
			return nil
		}
	}
	return nil
}

// scanRange reads the rows above low and up to high. A page that cannot be
// read costs its rows: reading goes on at the first rowid behind it.
func (m *manifestDB) scanRange(ctx context.Context, d *Database, s *segment, low, high int64) error {
	sc := scanner{m: m}
	for low < high && !s.full {
		err := m.scanRun(ctx, d, &sc, s, low, high)
		if err == nil || Passing(err) {
			return err
		}
		again := len(s.gaps) > 0
		s.gap(err)
		if errors.Is(err, errDisorder) || again && int64(s.last) <= low {
			return nil // in a sound order it had come to the row that was readable
		}
		if low, err = nextReadable(ctx, d, max(low, int64(s.last)), high); err != nil {
			return err
		}
	}
	return nil
}

// A gap is where rows could not be read.
type gap struct {
	after Entry // the last row of the segment that was read before, 0 for none
	err   error
}

// gap keeps where rows could not be read: once, up to the next that can.
func (s *segment) gap(err error) {
	if n := len(s.gaps); n == 0 || s.gaps[n-1].after != s.last {
		s.gaps = append(s.gaps, gap{s.last, err})
	}
}

// tellGaps counts each gap once, also one that reaches over segments, and names
// it by the row before it.
func tellGaps(segments []*segment) {
	last, open := Entry(0), false // open: no row was read since the last gap
	for _, s := range segments {
		for _, g := range s.gaps {
			if g.after > last {
				last, open = g.after, false
			}
			where := fmt.Sprintf("rows behind row %d", last)
			if last == 0 {
				where = "the first rows"
			}
			if !open {
				s.damage.add(Damage{Whole: true, Err: fmt.Errorf("%w: %s cannot be read: %w", ErrDamaged, where, g.err)})
			}
			open = true
		}
		if s.last > last {
			last, open = s.last, false
		}
	}
}

// scanRun reads rows until the end of the range or an error.
//
// A row from behind the range ends it only when another comes behind that: the
// number of one may be damaged.
func (m *manifestDB) scanRun(ctx context.Context, d *Database, sc *scanner, s *segment, low, high int64) error {
	take := func(r *row) error {
		return s.take(r, Entry(low), func(r *row) (bool, error) { return m.lists(ctx, r) })
	}
	var beyond *row
	var beyondErr error
	for from, err := range d.Query(ctx, "SELECT "+rowColumns+" FROM Files WHERE rowid > ? ORDER BY rowid", low) {
		switch {
		case err != nil && beyond != nil:
			return ifPassing(err)
		case err != nil:
			return err
		}
		r, err := sc.scan(from)
		if from.Int(0) > high {
			if beyond != nil {
				return nil
			}
			beyond, beyondErr = r.clone(), err
			beyond.entry = 0
			continue
		}
		if beyond != nil {
			if err := s.read(beyond, beyondErr, s.misplace); err != nil {
				return err
			}
			beyond = nil
		}
		if err := s.read(r, err, take); err != nil || s.full {
			return err
		}
	}
	return nil
}

// read takes a row that scan gave.
func (s *segment) read(r *row, err error, keep func(*row) error) error {
	s.rows++
	if err == nil {
		return keep(r)
	}
	if !errors.Is(err, errSkip) {
		s.damage.add(Damage{Entry: r.entry, Domain: string(r.domain), Path: string(r.path), Err: err})
	}
	if r.entry <= s.last {
		return s.disorder()
	}
	s.last = r.entry
	return nil
}

// nextReadable finds, behind a row whose successor cannot be read, the rowid
// after which reading works again, or high when there is none: first by steps
// that double, then by bisection. The error is one that passes.
func nextReadable(ctx context.Context, d *Database, bad, high int64) (after int64, err error) {
	readable := func(after int64) bool {
		// All columns, as a blob may lie on pages of its own.
		_, e := d.First(ctx, func(r *sqlite.Row) {
		}, "SELECT "+rowColumns+" FROM Files WHERE rowid > ? AND rowid <= ? ORDER BY rowid LIMIT 1", after, high)
		if Passing(e) {
			err = e
		}
		return e == nil || err != nil
	}
	low, step := bad, int64(1)
	for low+step < high && !readable(low+step) {
		low += step
		step *= 2
	}
	top := min(low+step, high)
	for top-low > 1 {
		mid := low + (top-low)/2
		if readable(mid) {
			top = mid
		} else {
			low = mid
		}
	}
	return top, err
}

package backupfmt

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"ibfs/backupfmt/internal/sqlite"
)

// scanParts is into how many ranges of rowids a manifest is cut. More than the
// connections, so that gaps between rowids leave none of them idle.
const scanParts = 16

// scanConns is how many connections read a manifest side by side.
const scanConns = 2

// scan reads all rows, by several connections over ranges of rowids, into
// segments in the order of the rowids.
func (m *manifestDB) scan(ctx context.Context) ([]*segment, error) {
	last, err := m.lastRow(ctx)
	if err != nil {
		return nil, err
	}
	segments := make([]*segment, scanParts)
	parts := make(chan int, scanParts)
	for i := range scanParts {
		segments[i] = newSegment()
		parts <- i
	}
	close(parts)
	bound := func(i int) int64 { return last * int64(i) / scanParts }

	err = sideBySide(scanConns, func(int) error {
		d, err := openDatabase(ctx, m.db, m.wal)
		if err != nil {
			return err
		}
		defer d.Close()
		for i := range parts {
			if err := m.scanRange(ctx, d, segments[i], bound(i), bound(i+1)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	tellGaps(segments)
	return segments, m.scanOutside(ctx, segments[scanParts-1])
}

// scanOutside tells of the rows whose numbers no row of a phone has. They are
// not shown, as an entry has no room for them.
func (m *manifestDB) scanOutside(ctx context.Context, s *segment) error {
	err := s.readRows(&scanner{m: m}, m.d.Query(ctx, "SELECT "+rowColumns+" FROM Files WHERE rowid < 1"+
		" UNION ALL SELECT "+rowColumns+" FROM Files WHERE rowid > ?", int64(maxRow)))
	return ifPassing(err) // a page that cannot be read is told as a gap already
}

// lastRow is the highest rowid that counts. Where the table's right edge is
// damaged it is the highest possible one.
func (m *manifestDB) lastRow(ctx context.Context) (int64, error) {
	var last int64
	_, err := m.d.First(ctx, func(r *sqlite.Row) { last = r.Int(0) }, "SELECT ifnull(max(rowid), 0) FROM Files WHERE rowid <= ?", int64(maxRow))
	if Passing(err) {
		return 0, err
	}
	if err != nil {
		return maxRow, nil //nolint:nilerr // the damage shows again, and is counted, in the scan
	}
	return last, nil
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
		s.gap(err)
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
				s.damage.add(Damage{Err: fmt.Errorf("%w: %s cannot be read: %w", ErrDamaged, where, g.err)})
			}
			open = true
		}
		if s.last > last {
			last, open = s.last, false
		}
	}
}

// scanRun reads rows until the end of the range or an error.
func (m *manifestDB) scanRun(ctx context.Context, d *Database, sc *scanner, s *segment, low, high int64) error {
	return s.readRows(sc, d.Query(ctx, "SELECT "+rowColumns+" FROM Files WHERE rowid > ? AND rowid <= ? ORDER BY rowid", low, high))
}

// readRows takes rows into the segment.
func (s *segment) readRows(sc *scanner, rows iter.Seq2[*sqlite.Row, error]) error {
	for row, err := range rows {
		if err != nil {
			return err
		}
		r, err := sc.scan(row)
		s.last = max(s.last, r.entry)
		switch {
		case err == nil:
			s.add(r)
		case !errors.Is(err, errSkip):
			s.damage.add(Damage{Entry: r.entry, Domain: string(r.domain), Path: string(r.path), Err: err})
		}
		if s.full {
			return nil
		}
	}
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

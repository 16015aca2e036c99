package backupfmt

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"sync"
)

// mbdbManifest is the manifest of iOS 4 to 9: one record after another, each
// named by its ordinal from 1. It has no index of its own.
type mbdbManifest struct {
	file content

	mu      sync.Mutex
	offsets []int64 // guarded by mu; of each record, once all were read
}

func (m *mbdbManifest) Close() error { return nil }

func (m *mbdbManifest) lookup(context.Context, string, string) (Entry, error) {
	return 0, errNeedIndex
}

func (m *mbdbManifest) domains(context.Context) ([]Domain, error) { return nil, errNeedIndex }

// glance reads the first record.
func (m *mbdbManifest) glance() error {
	if m.file.size <= int64(mbdbHeader) {
		return nil
	}
	_, err := readMBDBAt(m.file, int64(mbdbHeader))
	return err
}

func (m *mbdbManifest) scan(ctx context.Context) ([]*segment, error) {
	s := newSegment()
	var r row
	err := m.read(ctx, func(rec *mbdbRecord) bool {
		r = row{entry: Entry(rec.Ordinal), domain: rec.Domain, path: rec.Path, fileID: fileID(string(rec.Domain), string(rec.Path))}
		if err := r.setRecord(&rec.Record, 0); err != nil {
			s.damage.add(Damage{Entry: r.entry, Domain: string(r.domain), Path: string(r.path), Err: err})
		} else {
			s.add(&r)
		}
		return true
	})
	if errors.Is(err, ErrDamaged) {
		s.damage.add(Damage{Whole: true, Err: err})
		err = nil
	}
	return []*segment{s}, err
}

// errEnough ends a reading of records early.
var errEnough = errors.New("enough records")

// read reads records until do returns false, and keeps where each begins when
// all were read.
func (m *mbdbManifest) read(ctx context.Context, do func(*mbdbRecord) bool) error {
	var offsets []int64
	err := readMBDB(io.NewSectionReader(m.file, 0, m.file.size), func(off int64, rec *mbdbRecord) error {
		offsets = append(offsets, off)
		if !do(rec) {
			return errEnough
		}
		return ctx.Err()
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	if err == nil || errors.Is(err, ErrDamaged) {
		m.mu.Lock()
		m.offsets = offsets
		m.mu.Unlock()
	}
	return err
}

// row reads one record again, at its offset.
func (m *mbdbManifest) row(ctx context.Context, e Entry) (*Row, error) {
	offsets, err := m.allOffsets(ctx)
	if err != nil {
		return nil, err
	}
	if e < 1 || int(e) > len(offsets) {
		return nil, fmt.Errorf("record %d of Manifest.mbdb: %w", e, iofs.ErrNotExist)
	}
	rec, err := readMBDBAt(m.file, offsets[e-1])
	if err != nil {
		return nil, err
	}
	r := row{entry: e, domain: rec.Domain, path: rec.Path, fileID: fileID(string(rec.Domain), string(rec.Path))}
	if err := r.setRecord(&rec.Record, 0); err != nil {
		return nil, err
	}
	return newRow(&r, rec.Record), nil
}

func (m *mbdbManifest) allOffsets(ctx context.Context) ([]int64, error) {
	m.mu.Lock()
	offsets := m.offsets
	m.mu.Unlock()
	if offsets != nil {
		return offsets, nil
	}
	if err := m.read(ctx, func(*mbdbRecord) bool { return true }); err != nil && !errors.Is(err, ErrDamaged) {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.offsets, nil
}

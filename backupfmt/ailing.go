package backupfmt

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// scan reads all rows of a manifest. An error of the disk ends it, since a disk
// that is away gives none, unless the disk is there and only ails: what it does
// not give counts as damaged then.
func (b *Backup) scan(ctx context.Context, m manifest) ([]*segment, error) {
	segments, away := m.scan(ctx)
	db, ok := m.(*manifestDB)
	if !ok || !errors.Is(away, errHost) || !b.diskWorks() {
		return segments, away
	}
	segments, err := db.scanAiling(ctx)
	if err == nil && !b.diskWorks() {
		err = away
	}
	return segments, err
}

// diskWorks reads the beginning of some blobs. They lie all over the disk: when it
// is away, one of them fails, and when it ails at some place, they hardly do.
func (b *Backup) diskWorks() bool {
	var blobs []blobHead
	for shard := range 256 {
		ids, err := b.someBlobs(fmt.Sprintf("%02x", shard))
		for _, id := range ids {
			if err == nil {
				blobs, err = b.appendHead(blobs, id)
			}
		}
		if err != nil {
			return false
		}
		if len(blobs) >= blobsSampled {
			break
		}
	}
	return len(blobs) > 0
}

// scanAiling is scan, for which what the disk does not give is damage.
func (m *manifestDB) scanAiling(ctx context.Context) ([]*segment, error) {
	own := *m
	own.db.ReaderAt = ailing{m.db}
	if m.wal.ReaderAt != nil {
		own.wal.ReaderAt = ailing{m.wal}
	}
	var err error
	if own.d, err = openDatabase(ctx, own.db, own.wal); err != nil {
		return nil, err
	}
	defer own.d.Close()
	return own.scan(ctx)
}

// ailing gives a database where the disk cannot be read. Its errors are none of
// the host's.
type ailing struct{ io.ReaderAt }

var errBadPlace = errors.New("the disk does not give it")

func (a ailing) ReadAt(p []byte, off int64) (int, error) {
	n, err := a.ReaderAt.ReadAt(p, off)
	if err != nil && err != io.EOF {
		err = errBadPlace
	}
	return n, err
}

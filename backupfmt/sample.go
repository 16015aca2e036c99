package backupfmt

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	iofs "io/fs"

	"ibfs/backupfmt/internal/sqlite"
)

// A blobHead is the beginning of a blob whose row has a key.
type blobHead struct {
	head []byte
	size int64
}

const (
	rowsSampled  = 500 // rows looked at
	blobsSampled = 32  // blobs that are enough
)

// sampleBlobs reads the beginning of some blobs whose rows have keys: of the
// first rows, or, in a copy that lacks most blobs, of those that are there.
// It also reports whether any row has a key. The error is one that passes.
func (b *Backup) sampleBlobs(ctx context.Context, m *manifestDB) (blobs []blobHead, keyed bool, err error) {
	sc := scanner{m: m}
	var ids [][20]byte
	for row, err := range m.d.Query(ctx, "SELECT "+rowColumns+" FROM Files WHERE flags = 1 LIMIT ?", int64(rowsSampled)) {
		if Passing(err) {
			return nil, false, err
		}
		if err != nil {
			break // what was read is a sample as well
		}
		if r, err := sc.scan(row); err == nil && r.flags&hasKey != 0 {
			ids = append(ids, r.fileID)
		}
	}
	for _, id := range ids {
		if blobs, err = b.appendHead(blobs, id); err != nil || len(blobs) == blobsSampled {
			break
		}
	}
	if err != nil || len(blobs) > 0 || len(ids) == 0 {
		return blobs, len(ids) > 0, err
	}
	for shard := range 256 {
		ids, err := b.someBlobs(fmt.Sprintf("%02x", shard))
		if err != nil {
			return nil, false, err
		}
		for _, id := range ids {
			known, err := m.d.First(ctx, func(*sqlite.Row) {}, "SELECT 1 FROM Files WHERE fileID = ?", hex.EncodeToString(id[:]))
			if err == nil && known {
				blobs, err = b.appendHead(blobs, id)
			}
			if Passing(err) {
				return nil, false, err
			}
		}
		if len(blobs) >= blobsSampled {
			break
		}
	}
	return blobs, true, nil
}

// appendHead adds the beginning of a blob, if it is there. The error is one that
// passes.
func (b *Backup) appendHead(blobs []blobHead, id [20]byte) ([]blobHead, error) {
	f, err := b.openBlob(id)
	if err != nil {
		return blobs, ifPassing(err)
	}
	defer f.Close()
	head := make([]byte, 16)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return blobs, ifPassing(err)
	}
	return append(blobs, blobHead{head[:n], f.size}), nil
}

// someBlobs names a few blobs of a shard folder without reading all of it. The
// error is one that passes.
func (b *Backup) someBlobs(shard string) (ids [][20]byte, err error) {
	f, err := b.fsys.Open(shard)
	if err != nil {
		return nil, ifPassing(err)
	}
	defer f.Close()
	d, ok := f.(iofs.ReadDirFile)
	if !ok {
		return nil, nil
	}
	entries, err := d.ReadDir(8)
	for _, e := range entries {
		if id, ok := parseFileID([]byte(e.Name())); ok {
			ids = append(ids, id)
		}
	}
	return ids, ifPassing(err)
}

// looksClear reports that blobs are plaintext: one of them begins as files of
// a known kind do, which ciphertext does once in four billion blobs, or most
// have a length that ciphertext cannot have.
func looksClear(blobs []blobHead) bool {
	odd := 0
	for _, b := range blobs {
		if knownHead(b.head) {
			return true
		}
		if b.size%16 != 0 {
			odd++
		}
	}
	return odd > len(blobs)/2
}

func knownHead(h []byte) bool {
	for _, magic := range []string{"SQLite format 3\x00", "bplist0", "<?xml", "\xff\xd8\xff\xe0", "\xff\xd8\xff\xe1", "\x89PNG\r\n\x1a\n"} {
		if bytes.HasPrefix(h, []byte(magic)) {
			return true
		}
	}
	return len(h) >= 8 && string(h[4:8]) == "ftyp"
}

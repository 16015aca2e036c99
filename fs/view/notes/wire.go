package notes

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"

	"ibfs/fs/view/wire"
)

// Bounds of what is read of one note or table, in bytes. A note keeps the
// history of its editing, so that it is some times as long as its text.
const (
	maxPacked   = 32 << 20
	maxUnpacked = 64 << 20
	maxText     = 4 << 20
)

var (
	errPacking = errors.New("it is not packed as texts of notes are")
	errLong    = errors.New("it is too long")
)

// A budget is how many bytes may yet be unpacked, for a note and its tables.
type budget int

// unpack unpacks gzip, or zlib, which a few have. What comes before a mistake,
// or before the budget ends, is returned with the error.
func (left *budget) unpack(b []byte) ([]byte, error) {
	if len(b) > maxPacked {
		return nil, errLong
	}
	var r io.Reader
	var err error
	switch {
	case bytes.HasPrefix(b, []byte{0x1f, 0x8b}):
		r, err = gzip.NewReader(bytes.NewReader(b))
	case len(b) > 2 && b[0]&0x0f == 8 && (int(b[0])<<8|int(b[1]))%31 == 0:
		r, err = zlib.NewReader(bytes.NewReader(b))
	default:
		return nil, errPacking
	}
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	limit := max(int(*left), 0)
	out, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	*left -= budget(len(out))
	switch {
	case len(out) > limit:
		return out[:limit], errLong
	case err != nil:
		return out, fmt.Errorf("unpack: %w", err)
	}
	return out, nil
}

// within is the last value of a field that lies in messages in each other, as
// protobuf merges them: nil where one of them is not there. What is in front of
// a mistake counts.
func within(b []byte, path ...int) ([]byte, error) {
	var first error
	for _, want := range path {
		var in []byte
		for f, err := range wire.Fields(b) {
			if first == nil {
				first = err
			}
			if f.Number == want && f.Bytes != nil {
				in = f.Bytes
			}
		}
		b = in
	}
	return b, first
}

package backupfmt

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
)

// checkLog is ErrDamaged for a write-ahead log that SQLite would read in part
// or not at all, without a word: it takes a damaged frame for the end of the log.
//
// Wire, all numbers big-endian uint32: a header of 32 bytes (magic 0x377f0682, or
// …83 for checksums over big-endian words; version 3007000; page size; sequence;
// two salts; two sums over the 24 bytes before), then frames of 24 bytes and a
// page (page number; size of the database after a commit, else 0; the salts; two
// sums that go on from those before, over the first 8 bytes and the page). A
// frame with two other salts is left from before the log was begun anew, and so
// is what follows it. An empty log is none.
//
// It reads the whole log, in the memory of one page, at each opening. So does
// SQLite, which takes twice as long: 40 and 80 ms for 113 MB.
//
// Source: https://www.sqlite.org/fileformat2.html#walformat
func checkLog(ctx context.Context, wal content) error {
	if wal.ReaderAt == nil || wal.size == 0 {
		return nil
	}
	in := bufio.NewReaderSize(&contextReader{ctx, io.NewSectionReader(wal, 0, wal.size)}, dbWindow)
	var h [logHeader]byte
	if _, err := io.ReadFull(in, h[:]); err != nil {
		return logError("its header", err)
	}
	word := func(b []byte, i int) uint32 { return binary.BigEndian.Uint32(b[4*i:]) }
	magic, page := word(h[:], 0), int64(word(h[:], 2))
	sum := logSum{big: magic&1 != 0}
	sum.add(h[:24])
	if magic&^1 != logMagic || word(h[:], 1) != logVersion || page < 512 || page > 65536 || page&(page-1) != 0 || !sum.is(h[24:]) {
		return fmt.Errorf("%w: its header is not that of a log", ErrDamaged)
	}
	frame := make([]byte, frameHeader+page)
	for at := int64(logHeader); at < wal.size; at += int64(len(frame)) {
		if _, err := io.ReadFull(in, frame); err != nil {
			return logError(fmt.Sprintf("the frame at byte %d", at), err)
		}
		sum.add(frame[:8])
		sum.add(frame[frameHeader:])
		switch one, other := word(frame, 2) == word(h[:], 4), word(frame, 3) == word(h[:], 5); {
		case !one && !other:
			return nil
		case !one, !other, word(frame, 0) == 0, !sum.is(frame[16:]):
			return fmt.Errorf("%w: the frame at byte %d of %d is not what was written", ErrDamaged, at, wal.size)
		}
	}
	return nil
}

const (
	logMagic    = 0x377f0682
	logVersion  = 3007000
	logHeader   = 32 // bytes
	frameHeader = 24
)

// logError is an error of reading a part of a log.
func logError(part string, err error) error {
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		return fmt.Errorf("%w: it ends within %s", ErrDamaged, part)
	case Passing(err):
		return err
	}
	return fmt.Errorf("%w: read %s: %w", errHost, part, err)
}

// A logSum is the running checksum of a log.
type logSum struct {
	big    bool // the order of the bytes in the words that are summed
	s0, s1 uint32
}

// add goes on over b, of a multiple of 8 bytes.
func (s *logSum) add(b []byte) {
	s0, s1 := s.s0, s.s1
	for ; len(b) >= 8; b = b[8:] {
		x, y := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		if s.big {
			x, y = bits.ReverseBytes32(x), bits.ReverseBytes32(y)
		}
		s0 += x + s1
		s1 += y + s0
	}
	s.s0, s.s1 = s0, s1
}

// is reports that the sum is the one stored in b.
func (s *logSum) is(b []byte) bool {
	return s.s0 == binary.BigEndian.Uint32(b) && s.s1 == binary.BigEndian.Uint32(b[4:])
}

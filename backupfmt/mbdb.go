package backupfmt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// An mbdbRecord is one record of Manifest.mbdb, the index of iOS 4 to 9. The
// Record's Target, Digest (the mbdb's data hash) and Key are nil where the file
// has null, and empty where it has the empty string; so are these:
type mbdbRecord struct {
	Record
	Domain  []byte
	Path    []byte // empty or null: the domain's own folder
	Ordinal uint32 // 1 for the first record that could be read
}

const (
	mbdbMagic   = "mbdb"
	mbdbVersion = "\x05\x00"
	mbdbHeader  = len(mbdbMagic) + len(mbdbVersion)
	mbdbNull    = 0xFFFF

	// maxMBDBRecord is the longest record the form allows: five strings, the
	// numbers, and 255 properties of two strings each.
	maxMBDBRecord = (5+2*255)*(2+mbdbNull-1) + mbdbFixed
	mbdbFixed     = 40
)

// readMBDB reads Manifest.mbdb once, from its start, and gives fn each record
// with its offset in bytes from there. The record is valid until fn returns; an
// error of fn ends the reading and is returned as it is. Memory is one record,
// which rarely has a thousand bytes and cannot have more than 34 MB, and some
// MiB ahead of it behind damage.
//
// Bytes that are no record are passed over up to where records go on. The error
// then wraps ErrDamaged, says at which offset that began, and comes after all
// that could be read was given to fn. A file of another kind is ErrNotBackup,
// another version of it ErrUnsupported.
//
// Shape: "mbdb" 05 00, then records to the end of the file; see readMBDBRecord.
func readMBDB(r io.Reader, fn func(off int64, m *mbdbRecord) error) error {
	w := mbdbWindow{src: r}
	if err := w.fill(mbdbHeader); err != nil {
		return fmt.Errorf("manifest.mbdb: %w", err)
	}
	head := string(w.bytes()[:min(mbdbHeader, len(w.bytes()))])
	switch {
	case len(head) < mbdbHeader || head[:len(mbdbMagic)] != mbdbMagic:
		return fmt.Errorf("manifest.mbdb: %w: it begins %q", ErrNotBackup, head)
	case head[len(mbdbMagic):] != mbdbVersion:
		return fmt.Errorf("manifest.mbdb: %w: version %x", ErrUnsupported, head[len(mbdbMagic):])
	}
	w.skip(mbdbHeader)

	var m mbdbRecord
	var damage mbdbDamage
	for ordinal := uint32(1); ; ordinal++ {
		n, err := w.record(&m)
		if errors.Is(err, ErrDamaged) {
			n, err = w.resync(&m, n, &damage)
		}
		if err != nil {
			return fmt.Errorf("manifest.mbdb: at byte %d: %w", w.off, err)
		}
		if n == 0 {
			return damage.err()
		}
		m.Ordinal = ordinal
		if err := fn(w.off, &m); err != nil {
			return err
		}
		w.skip(n)
	}
}

// readMBDBAt reads the one record at an offset that readMBDB gave. The record
// has memory of its own; its Ordinal is 0.
func readMBDBAt(r io.ReaderAt, off int64) (*mbdbRecord, error) {
	w := mbdbWindow{src: io.NewSectionReader(r, off, maxMBDBRecord), buf: make([]byte, 4<<10)}
	var m mbdbRecord
	n, err := w.record(&m)
	if err == nil && n == 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("manifest.mbdb: at byte %d: %w", off, err)
	}
	return &m, nil
}

// readMBDBRecord decodes the record at the start of b, into which m then
// points, and returns its length: 0 when b ends first.
//
// Shape, all integers big-endian: strings domain, path, link target, data hash,
// key; u16 mode, u64 inode, u32 uid, gid, mtime, atime, ctime (Unix seconds),
// u64 size, u8 protection class, u8 count of properties; that many pairs of
// strings. A string is a u16 length and its bytes; length 0xFFFF is null.
//
// Source: spec section 6; 757 records of an iOS 9.3.6 backup to the last byte.
func readMBDBRecord(b []byte, m *mbdbRecord) int {
	c := mbdbCursor{b: b}
	*m = mbdbRecord{Domain: c.str(), Path: c.str()}
	m.Target, m.Digest, m.Key = c.str(), c.str(), c.str()
	f := c.take(mbdbFixed)
	if c.short {
		return 0
	}
	be := binary.BigEndian
	m.Mode = be.Uint16(f)
	m.Inode = be.Uint64(f[2:])
	m.UserID, m.GroupID = be.Uint32(f[10:]), be.Uint32(f[14:])
	m.ModTime = int64(be.Uint32(f[18:])) // what the other two are, readers disagree
	m.setSize(int64(be.Uint64(f[30:])))
	m.Class = f[38]

	m.mbdb = true
	m.xattrs = c.b
	for range 2 * int(f[39]) {
		c.str()
	}
	if c.short {
		return 0
	}
	m.xattrs = m.xattrs[:len(m.xattrs)-len(c.b)]
	return len(b) - len(c.b)
}

// An mbdbCursor takes fields off the front of b. Once one does not fit, it is
// short and gives nil.
type mbdbCursor struct {
	b     []byte
	short bool
}

func (c *mbdbCursor) take(n int) []byte {
	if c.short || n > len(c.b) {
		c.short = true
		return nil
	}
	v := c.b[:n:n]
	c.b = c.b[n:]
	return v
}

func (c *mbdbCursor) str() []byte {
	n := c.take(2)
	if c.short {
		return nil
	}
	if size := binary.BigEndian.Uint16(n); size != mbdbNull {
		return c.take(int(size))
	}
	return nil
}

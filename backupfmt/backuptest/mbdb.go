package backuptest

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"os"
	"slices"
)

// An mbdb writes Manifest.mbdb: a header of 6 bytes, then the records, all
// numbers big-endian; and Manifest.mbdx beside it when that is wanted.
type mbdb struct {
	root  *os.Root
	out   *bufio.Writer
	flush func() error
	buf   []byte
	off   uint32 // of the next record, from the end of the header
	mbdx  []byte // its entries so far, nil when there is to be none
}

func newMBDB(root *os.Root, b Backup) (index, error) {
	out, flush, err := create(root, "Manifest.mbdb")
	if err != nil {
		return nil, err
	}
	m := &mbdb{root: root, out: out, flush: flush}
	if b.MBDX {
		m.mbdx = []byte{}
	}
	_, err = out.WriteString("mbdb\x05\x00")
	return m, err
}

func (m *mbdb) add(r *row) error {
	if r.Null {
		return errors.New("a Manifest.mbdb has no row of NULLs")
	}
	if m.mbdx != nil {
		id, err := hex.DecodeString(r.id)
		if err != nil {
			return err
		}
		m.mbdx = append(m.mbdx, id...)
		m.mbdx = binary.BigEndian.AppendUint32(m.mbdx, m.off)
		m.mbdx = binary.BigEndian.AppendUint16(m.mbdx, r.mode())
	}
	m.buf = r.Record
	if m.buf == nil {
		m.buf = m.record(r)
	}
	m.off += uint32(len(m.buf))
	_, err := m.out.Write(m.buf)
	return err
}

// record is the record of a row. A string is a uint16 length and its bytes;
// the length 0xFFFF is a string that is not there.
func (m *mbdb) record(r *row) []byte {
	b := m.buf[:0]
	str := func(s string, there bool) {
		if !there {
			b = append(b, 0xFF, 0xFF)
			return
		}
		b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
		b = append(b, s...)
	}
	number := func(v int64) { b = binary.BigEndian.AppendUint32(b, uint32(v)) }
	str(r.Domain, true)
	str(r.Path, true)
	str(r.Target, r.Target != "")
	str(string(r.digest), r.digest != nil)
	str(string(r.key), r.key != nil)
	b = binary.BigEndian.AppendUint16(b, r.mode())
	b = binary.BigEndian.AppendUint64(b, r.inode)
	number(r.userID)
	number(r.groupID)
	number(r.modTime)
	number(r.changed)
	number(r.birth)
	b = binary.BigEndian.AppendUint64(b, uint64(r.size))
	b = append(b, r.class, byte(len(r.Xattrs)))
	for _, name := range slices.Sorted(maps.Keys(r.Xattrs)) {
		str(name, true)
		str(string(r.Xattrs[name]), true)
	}
	return b
}

func (m *mbdb) close() ([]byte, error) {
	if err := m.flush(); err != nil || m.mbdx == nil {
		return nil, err
	}
	head := binary.BigEndian.AppendUint32([]byte("mbdx\x02\x00"), uint32(len(m.mbdx)/26))
	return nil, m.root.WriteFile("Manifest.mbdx", append(head, m.mbdx...), 0o644)
}

package fakedevice

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// NestedPlist is a binary property list of so many arrays, each within the one
// before: for Message.
func NestedPlist(depth int) []byte {
	// Object i is an array of object i+1; the last is an empty one.
	return binaryPlist(depth, func(i int) []byte {
		if i == depth-1 {
			return []byte{0xA0}
		}
		return binary.BigEndian.AppendUint32([]byte{0xA1}, uint32(i+1))
	})
}

// CyclicPlist is a binary property list that is an array which holds itself:
// for Message.
func CyclicPlist() []byte {
	return binaryPlist(1, func(int) []byte { return []byte{0xA1, 0, 0, 0, 0} })
}

// ManifoldPlist is a binary property list of a few bytes a level that is
// 2^depth strings when it is written out: for Message.
func ManifoldPlist(depth int) []byte {
	return binaryPlist(depth+1, func(i int) []byte {
		if i == depth {
			return []byte("\x53bus")
		}
		next := uint32(i + 1)
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte{0xA2}, next), next)
	})
}

// binaryPlist makes a binary property list of n objects, the first of them its
// root, with references of four bytes.
func binaryPlist(n int, object func(int) []byte) []byte {
	var out bytes.Buffer
	out.WriteString("bplist00")
	var offsets []byte
	for i := range n {
		offsets = binary.BigEndian.AppendUint32(offsets, uint32(out.Len()))
		out.Write(object(i))
	}
	table := uint64(out.Len())
	trailer := []byte{0, 0, 0, 0, 0, 0, 4, 4}
	for _, v := range []uint64{uint64(n), 0, table} {
		trailer = binary.BigEndian.AppendUint64(trailer, v)
	}
	return slices.Concat(out.Bytes(), offsets, trailer)
}

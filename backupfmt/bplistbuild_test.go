package backupfmt

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"unicode/utf16"
)

// The values that a plistForm writes, beside int (the shortest form, 8 bytes
// when negative), string (ASCII) and []byte.
type (
	pUID  uint64
	pWide struct { // an integer of that many bytes
		size  int
		value int64
	}
	pUTF16 string
	pList  []any
	pDict  []any // key, value, key, value …
	pRaw   []byte
)

// A plistForm writes binary property lists in every form that the format
// allows, which no encoder does.
type plistForm struct {
	offSize, refSize int
	shuffle          uint64 // 0 keeps the objects in order, else a seed
}

func (f plistForm) encode(v any) []byte {
	var flat []any   // one object each
	var refs [][]int // what each refers to
	var add func(v any) int
	add = func(v any) int {
		i := len(flat)
		flat = append(flat, v)
		refs = append(refs, nil)
		var to []int
		switch v := v.(type) {
		case pList:
			for _, e := range v {
				to = append(to, add(e))
			}
		case pDict:
			for k := 0; k < len(v); k += 2 {
				to = append(to, add(v[k]))
			}
			for k := 1; k < len(v); k += 2 {
				to = append(to, add(v[k]))
			}
		}
		refs[i] = to
		return i
	}
	add(v)

	place := make([]int, len(flat)) // of object i in the file
	for i := range place {
		place[i] = i
	}
	if f.shuffle != 0 {
		place = rand.New(rand.NewPCG(f.shuffle, 1)).Perm(len(flat))
	}
	at := make([]int, len(flat))
	for i, p := range place {
		at[p] = i
	}

	b := []byte("bplist00")
	offsets := make([]int, len(flat))
	for p, i := range at {
		offsets[p] = len(b)
		b = f.object(b, flat[i])
		for _, to := range refs[i] {
			b = appendBig(b, uint64(place[to]), f.refSize)
		}
	}
	table := len(b)
	for _, off := range offsets {
		b = appendBig(b, uint64(off), f.offSize)
	}
	return appendTrailer(b, f, len(flat), place[0], table)
}

func appendTrailer(b []byte, f plistForm, num, top, table int) []byte {
	b = append(b, 0, 0, 0, 0, 0, 0, byte(f.offSize), byte(f.refSize))
	for _, n := range []int{num, top, table} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return b
}

func (f plistForm) object(b []byte, v any) []byte {
	switch v := v.(type) {
	case int:
		switch {
		case v < 0 || v > 0xFFFFFFFF:
			return f.object(b, pWide{8, int64(v)})
		case v > 0xFFFF:
			return f.object(b, pWide{4, int64(v)})
		case v > 0xFF:
			return f.object(b, pWide{2, int64(v)})
		}
		return f.object(b, pWide{1, int64(v)})
	case pWide:
		log := map[int]byte{1: 0, 2: 1, 4: 2, 8: 3, 16: 4}[v.size]
		b = append(b, 0x10|log)
		if v.size == 16 {
			b = binary.BigEndian.AppendUint64(b, uint64(v.value>>63))
		}
		return appendBig(b, uint64(v.value), min(v.size, 8))
	case pUID:
		if v > 0xFF {
			return append(b, 0x81, byte(v>>8), byte(v))
		}
		return append(b, 0x80, byte(v))
	case []byte:
		return append(f.count(b, 0x40, len(v)), v...)
	case string:
		return append(f.count(b, 0x50, len(v)), v...)
	case pUTF16:
		units := utf16.Encode([]rune(string(v)))
		b = f.count(b, 0x60, len(units))
		for _, u := range units {
			b = binary.BigEndian.AppendUint16(b, u)
		}
		return b
	case pList:
		return f.count(b, 0xA0, len(v))
	case pDict:
		return f.count(b, 0xD0, len(v)/2)
	case pRaw:
		return append(b, v...)
	}
	panic(fmt.Sprintf("cannot encode a %T", v))
}

func (f plistForm) count(b []byte, kind byte, n int) []byte {
	if n < 15 {
		return append(b, kind|byte(n))
	}
	return f.object(append(b, kind|0xF), n)
}

func appendBig(b []byte, v uint64, size int) []byte {
	for i := size - 1; i >= 0; i-- {
		b = append(b, byte(v>>(8*i)))
	}
	return b
}

var usual = plistForm{offSize: 2, refSize: 1}

// archived wraps objects as NSKeyedArchiver does: the first is the root, as
// $objects[1].
func archived(objects ...any) pDict {
	return pDict{
		"$version", 100000,
		"$archiver", "NSKeyedArchiver",
		"$top", pDict{"root", pUID(1)},
		"$objects", append(pList{"$null"}, objects...),
	}
}

// fileRow is an MBFile with every key, as the phone writes it.
func fileRow() pDict {
	key := append([]byte{3, 0, 0, 0}, make([]byte, 40)...)
	return archived(
		pDict{
			"LastModified", 1617115287, "Flags", 0, "GroupID", -2, "$class", pUID(5),
			"LastStatusChange", 1617115288, "RelativePath", pUID(2), "Birth", 1617115289,
			"EncryptionKey", pUID(3), "Size", 294188, "Mode", 0o100644, "UserID", 501,
			"InodeNumber", 4295000000, "ProtectionClass", 3, "Digest", pUID(6),
			"ExtendedAttributes", pUID(7), "Target", pUID(0),
		},
		"Library/SMS/sms.db",
		pDict{"NS.data", key, "$class", pUID(4)},
		pDict{"$classname", "NSMutableData", "$classes", pList{"NSMutableData", "NSData", "NSObject"}},
		pDict{"$classname", "MBFile", "$classes", pList{"MBFile", "NSObject"}},
		[]byte("01234567890123456789"),
		pDict{"NS.data", usual.encode(pDict{"com.apple.b", []byte{1, 2}, "com.apple.a", "text"}), "$class", pUID(4)},
	)
}

func fileRecord() Record {
	return Record{
		Mode: 0o100644, Class: 3, UserID: 501, GroupID: 4294967294, Inode: 4295000000, Size: 294188,
		ModTime: 1617115287, ChangeTime: 1617115288, BirthTime: 1617115289,
		Key:    append([]byte{3, 0, 0, 0}, make([]byte, 40)...),
		Digest: []byte("01234567890123456789"),
		xattrs: usual.encode(pDict{"com.apple.b", []byte{1, 2}, "com.apple.a", "text"}),
	}
}

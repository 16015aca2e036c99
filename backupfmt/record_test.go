package backupfmt

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// with is an MBFile of a few keys: pairs, and the objects their UIDs name from
// 2 on.
func with(pairs pDict, objects ...any) []byte {
	return usual.encode(archived(append([]any{pairs}, objects...)...))
}

func TestDecodeRecordForms(t *testing.T) {
	want := fileRecord()
	for _, offSize := range []int{2, 3, 4, 8} {
		for _, refSize := range []int{1, 2, 3, 4, 8} {
			for _, seed := range []uint64{0, 1, 2} {
				t.Run(fmt.Sprintf("offsets %d refs %d order %d", offSize, refSize, seed), func(t *testing.T) {
					var r Record
					if !decodeMBFile(plistForm{offSize, refSize, seed}.encode(fileRow()), &r) {
						t.Fatal("not decoded without the general library")
					}
					if !reflect.DeepEqual(r, want) {
						t.Errorf("got  %+v\nwant %+v", r, want)
					}
				})
			}
		}
	}
}

func TestDecodeRecordValues(t *testing.T) {
	key := bytes.Repeat([]byte{7}, keyLen)
	var long [300]byte
	tests := []struct {
		name string
		row  []byte
		want Record
	}{
		{"every key", usual.encode(fileRow()), fileRecord()},
		{"offsets of 1 byte", plistForm{1, 1, 0}.encode(archived(pDict{"Mode", 0o40755, "Size", 0})),
			Record{Mode: 0o40755}},
		{"integers of 1, 2, 4, 8 and 16 bytes",
			with(pDict{"UserID", pWide{1, 0xF5}, "Mode", pWide{2, 0x81A4}, "GroupID", pWide{4, 0xFFFFFFFE},
				"InodeNumber", pWide{8, 7}, "Size", pWide{16, 9}, "Birth", pWide{16, -1}}),
			Record{UserID: 0xF5, Mode: 0o100644, GroupID: 0xFFFFFFFE, Inode: 7, Size: 9, BirthTime: -1}},
		{"integer behind a UID", with(pDict{"Mode", pUID(2), "Size", 1}, 0o100600), Record{Mode: 0o100600, Size: 1}},
		{"key as data without a wrapper", with(pDict{"Mode", 1, "Size", 1, "EncryptionKey", pUID(2)}, key),
			Record{Mode: 1, Size: 1, Key: key}},
		{"key behind two UIDs", with(pDict{"Mode", 1, "Size", 1, "EncryptionKey", pUID(2)}, pDict{"NS.data", pUID(3)}, key),
			Record{Mode: 1, Size: 1, Key: key}},
		{"key inline in the file", with(pDict{"Mode", 1, "Size", 1, "EncryptionKey", pDict{"NS.data", key}}),
			Record{Mode: 1, Size: 1, Key: key}},
		{"key of another length", with(pDict{"Mode", 1, "Size", 1, "EncryptionKey", pUID(2)}, []byte{}),
			Record{Mode: 1, Size: 1, Key: []byte{}}},
		{"UID 0", with(pDict{"Mode", 1, "Size", 1, "EncryptionKey", pUID(0), "Digest", pUID(0), "Target", pUID(0),
			"ExtendedAttributes", pUID(0), "ProtectionClass", pUID(0)}), Record{Mode: 1, Size: 1}},
		{"UID of 2 bytes", with(pDict{"Mode", 1, "Size", 1, "Target", pRaw{0x81, 0, 2}}, "/var"),
			Record{Mode: 1, Size: 1, Target: []byte("/var")}},
		{"target in ASCII", with(pDict{"Mode", 0o120755, "Size", 0, "Target", pUID(2)}, "/var/db/timezone/Europe/London"),
			Record{Mode: 0o120755, Target: []byte("/var/db/timezone/Europe/London")}},
		{"target in UTF-16", with(pDict{"Mode", 0o120755, "Size", 0, "Target", pUID(2)}, pUTF16("/var/Übung 🎉")),
			Record{Mode: 0o120755, Target: []byte("/var/Übung 🎉")}},
		{"target as NSMutableString", with(pDict{"Mode", 1, "Size", 0, "Target", pUID(2)}, pDict{"NS.string", "/x"}),
			Record{Mode: 1, Target: []byte("/x")}},
		{"long data", with(pDict{"Mode", 1, "Size", 0, "ExtendedAttributes", pUID(2)}, long[:]),
			Record{Mode: 1, xattrs: long[:]}},

		{"size below 0", with(pDict{"Mode", 1, "Size", -1}), Record{Mode: 1, Size: -1}},
		{"size beyond all reason", with(pDict{"Mode", 1, "Size", 1<<50 + 1}), Record{Mode: 1, Size: -1}},
		{"largest size", with(pDict{"Mode", 1, "Size", 1 << 50}), Record{Mode: 1, Size: 1 << 50}},
		{"neither mode nor size", with(pDict{"UserID", 1}), Record{UserID: 1, Size: -1}},
		{"mode of 3 bytes", with(pDict{"Mode", 0x10000, "Size", 1}), Record{Size: 1}},
		{"time of the year 200,000", with(pDict{"Mode", 1, "Size", 1, "LastModified", 6_000_000_000_000}),
			Record{Mode: 1, Size: 1}},
		{"class out of range", with(pDict{"Mode", 1, "Size", 1, "ProtectionClass", 259}),
			Record{Mode: 1, Size: 1, Class: badClass}},
		{"key that is a text", with(pDict{"Mode", 1, "Size", 1, "EncryptionKey", pUID(2)}, "key"),
			Record{Mode: 1, Size: 1, Key: []byte{}}},
		{"everything of the wrong type", with(pDict{"Mode", "1", "Size", []byte{1}, "Birth", "", "UserID", "",
			"ProtectionClass", "", "Digest", 1, "Target", []byte("/"), "ExtendedAttributes", pUID(1)}),
			Record{Size: -1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r Record
			if i := bytes.Index(tt.row, []byte("$null")); i < 0 {
				t.Fatal("row without $null")
			}
			if err := decodeRecord(tt.row, &r); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(r, tt.want) {
				t.Errorf("got  %+v\nwant %+v", r, tt.want)
			}
		})
	}
}

// What the quick decoder gives up on and the general library reads.
func TestDecodeRecordSecondTry(t *testing.T) {
	xml := `<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict>
<key>$top</key><dict><key>root</key><dict><key>CF$UID</key><integer>1</integer></dict></dict>
<key>$objects</key><array><string>$null</string>
<dict><key>Mode</key><integer>33188</integer><key>Size</key><integer>5</integer>
<key>Target</key><dict><key>CF$UID</key><integer>2</integer></dict></dict>
<string>/var</string></array></dict></plist>`
	tests := []struct {
		name string
		row  []byte
		want Record
	}{
		{"XML", []byte(xml), Record{Mode: 0o100644, Size: 5, Target: []byte("/var")}},
		{"keys in UTF-16", with(pDict{pUTF16("Mode"), 0o100644, "Size", 5}), Record{Mode: 0o100644, Size: 5}},
		{"a key twice", with(pDict{"Mode", 1, "Mode", 2, "Size", 5}), Record{Mode: 2, Size: 5}},
		{"wrapper without its data", with(pDict{"Mode", 1, "Size", 5, "EncryptionKey", pUID(2)}, pDict{"NS.keys", 1}),
			Record{Mode: 1, Size: 5, Key: []byte{}}},
		{"UID beyond the objects", with(pDict{"Mode", 1, "Size", 5, "Digest", pUID(9)}),
			Record{Mode: 1, Size: 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r Record
			if decodeMBFile(tt.row, &r) {
				t.Fatal("decoded at the first try: this case tests nothing")
			}
			if err := decodeRecord(tt.row, &r); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(r, tt.want) {
				t.Errorf("got  %+v\nwant %+v", r, tt.want)
			}
		})
	}
}

// oneObject is a list of the one object whose bytes are given.
func oneObject(b ...byte) []byte { return usual.encode(pRaw(b)) }

func count8(marker byte, first byte, rest byte) []byte {
	return oneObject(append([]byte{marker, 0x13, first}, bytes.Repeat([]byte{rest}, 7)...)...)
}

// bomb is a list of n arrays, each of which holds the next one twice.
func bomb(n int) []byte {
	b := []byte("bplist00")
	for i := range n {
		b = append(b, 0xA2, byte(i+1), byte(i+1))
	}
	b = append(b, 0x10, 1)
	table := len(b)
	for i := range n + 1 {
		b = appendBig(b, uint64(8+3*i), 2)
	}
	return appendTrailer(b, usual, n+1, 0, table)
}

// refsOfNoBytes is an array of 2^44 refs that take no room.
func refsOfNoBytes() []byte {
	b := append([]byte("bplist00"), 0xAF, 0x13, 0, 0, 0x10, 0, 0, 0, 0, 0)
	table := len(b)
	return appendTrailer(append(b, 0, 8), plistForm{2, 0, 0}, 1, 0, table)
}

func nested(n int) []byte {
	var v any = 1
	for range n {
		v = pList{v}
	}
	return plistForm{4, 4, 0}.encode(v)
}

var hostilePlists = []struct {
	name string
	b    []byte
}{
	{"nothing", nil},
	{"magic alone", []byte("bplist00")},
	{"40 zero bytes", make([]byte, 40)},
	{"text", []byte("{ Mode = 1; Size = 2; }")},
	{"FC-04 data of 2^64-1 bytes", count8(0x4F, 0xFF, 0xFF)},
	{"FC-04 text of 2^63 units", count8(0x6F, 0x80, 0)},
	{"FC-04 array of 2^63 items", count8(0xAF, 0x80, 0)},
	{"array of itself", oneObject(0xA1, 0)},
	{"twice twice twice", bomb(60)},
	{"refs of no bytes", refsOfNoBytes()},
	{"10,000 levels", nested(10_000)},
	{"root is itself a UID", usual.encode(archived(pUID(1)))},
	{"root 0", usual.encode(pDict{"$top", pDict{"root", pUID(0)}, "$objects", pList{"$null"}})},
	{"root beyond the objects", usual.encode(pDict{"$top", pDict{"root", pUID(7)}, "$objects", pList{"$null"}})},
	{"no objects", usual.encode(pDict{"$top", pDict{"root", pUID(1)}})},
	{"objects no array", usual.encode(pDict{"$top", pDict{"root", pUID(1)}, "$objects", 5})},
}

func TestDecodeRecordHostile(t *testing.T) {
	for _, tt := range hostilePlists {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			r := fileRecord()
			if err := decodeRecord(tt.b, &r); !errors.Is(err, ErrDamaged) {
				t.Errorf("decodeRecord = %v, want ErrDamaged", err)
			}
			if want := emptyRecord(); !reflect.DeepEqual(r, want) {
				t.Errorf("after the error %+v", r)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// Every row cut short, and every row with one byte flipped, gives an error or
// a record, the same as the general library's where that gives one.
func TestDecodeRecordEveryCutAndFlip(t *testing.T) {
	row := usual.encode(fileRow())
	for n := range row {
		checkDecoders(t, row[:n])
	}
	for i := range row {
		for _, mask := range []byte{1, 0x80, 0xFF} {
			b := bytes.Clone(row)
			b[i] ^= mask
			checkDecoders(t, b)
		}
	}
}

// checkDecoders fails unless both decoders agree where both can, and what they
// give is within what Record promises.
func checkDecoders(t *testing.T, b []byte) {
	t.Helper()
	var r Record
	if err := decodeRecord(b, &r); err != nil && !errors.Is(err, ErrDamaged) {
		t.Fatalf("error that is not ErrDamaged: %v\n%x", err, b)
	}
	if r.Size < -1 || r.Size > maxSize || r.ModTime < firstTime || r.ModTime > lastTime {
		t.Fatalf("out of range: %+v\n%x", r, b)
	}
	if _, wrapped, err := r.wrappedKey(); err == nil && wrapped == nil && r.Key != nil {
		t.Fatalf("key of %d bytes passes for none\n%x", len(r.Key), b)
	}
	var quick, slow Record
	if decodeMBFile(b, &quick) && decodeMBFileSlowly(b, &slow) == nil && !reflect.DeepEqual(quick, slow) {
		t.Fatalf("the decoders differ\nours  %+v\nplist %+v\n%x", quick, slow, b)
	}
}

func TestWrappedKey(t *testing.T) {
	for _, tt := range []struct {
		name    string
		key     []byte
		class   uint32
		wrapped int
		err     error
	}{
		{"none", nil, 0, 0, nil},
		{"empty", []byte{}, 0, 0, ErrDamaged},
		{"43 bytes", make([]byte, 43), 0, 0, ErrDamaged},
		{"45 bytes", make([]byte, 45), 0, 0, ErrDamaged},
		{"44 bytes", append([]byte{4, 0, 0, 0}, make([]byte, 40)...), 4, 40, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := Record{Key: tt.key}
			class, wrapped, err := r.wrappedKey()
			if class != tt.class || len(wrapped) != tt.wrapped || !errors.Is(err, tt.err) {
				t.Errorf("got %d, %d bytes, %v", class, len(wrapped), err)
			}
		})
	}
}

func FuzzDecodeRecord(f *testing.F) {
	for _, tt := range hostilePlists {
		f.Add(tt.b)
	}
	f.Add(usual.encode(fileRow()))
	f.Add(plistForm{4, 2, 3}.encode(fileRow()))
	f.Add(with(pDict{"Mode", pUID(2), "Size", pWide{16, 5}, "Target", pUID(3)}, 0o120755, pUTF16("/vär")))
	f.Fuzz(func(t *testing.T, b []byte) { checkDecoders(t, b) })
}

func BenchmarkDecodeRecord(b *testing.B) {
	row := usual.encode(fileRow())
	b.ReportAllocs()
	var r Record
	for b.Loop() {
		if err := decodeRecord(row, &r); err != nil {
			b.Fatal(err)
		}
	}
}

// The general library on the same row, to compare.
func BenchmarkDecodeRecordSlowly(b *testing.B) {
	row := usual.encode(fileRow())
	var r Record
	for b.Loop() {
		if err := decodeMBFileSlowly(row, &r); err != nil {
			b.Fatal(err)
		}
	}
}

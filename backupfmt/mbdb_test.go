package backupfmt

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// An mbdbRow is a record to write. nil is null.
type mbdbRow struct {
	domain, path, target, hash, key []byte
	mode                            uint16
	size                            uint64
	class                           byte
	props                           [][]byte
	count                           int // properties said beyond those that follow
}

func (m mbdbRow) append(b []byte) []byte {
	for _, s := range [][]byte{m.domain, m.path, m.target, m.hash, m.key} {
		b = appendMBDBString(b, s)
	}
	be := binary.BigEndian
	b = be.AppendUint16(b, m.mode)
	b = be.AppendUint64(b, 0x1122334455)
	for _, n := range []uint32{501, 0xFFFFFFFE, 1300000000, 1300000001, 1300000002} {
		b = be.AppendUint32(b, n)
	}
	b = be.AppendUint64(b, m.size)
	b = append(b, m.class, byte(len(m.props)/2+m.count))
	for _, s := range m.props {
		b = appendMBDBString(b, s)
	}
	return b
}

func appendMBDBString(b, s []byte) []byte {
	if s == nil {
		return append(b, 0xFF, 0xFF)
	}
	return append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
}

func mbdbOf(rows ...mbdbRow) []byte {
	b := []byte(mbdbMagic + mbdbVersion)
	for _, m := range rows {
		b = m.append(b)
	}
	return b
}

var (
	mbdbFolder = mbdbRow{domain: []byte("HomeDomain"), path: []byte{}, mode: 0o040755}
	mbdbFile   = mbdbRow{domain: []byte("HomeDomain"), path: []byte("Library/SMS/sms.db"), mode: 0o100644, size: 118784, class: 3,
		hash: []byte("01234567890123456789"), key: append([]byte{3, 0, 0, 0}, make([]byte, 40)...)}
	mbdbLink = mbdbRow{domain: []byte("DatabaseDomain"), path: []byte("timezone/localtime"), mode: 0o120755,
		target: []byte("/var/db/timezone/zoneinfo/Europe/London")}
	mbdbPhoto = mbdbRow{domain: []byte("CameraRollDomain"), path: []byte("Media/DCIM/100APPLE/IMG_0001.JPG"), mode: 0o100000, size: 5, class: 4,
		props: [][]byte{[]byte("com.apple.assetsd.UUID"), {0, 1, 2, 0xFF}, []byte("com.apple.assetsd.hidden"), {}}}
)

// mbdbOdd is no record, though it has the form of one.
var mbdbOdd = mbdbRow{domain: []byte("Home\x00Domain"), path: []byte("x"), mode: 0o100644}

// A mbdbSeen is a record as it came, with memory of its own.
type mbdbSeen struct {
	off int64
	m   mbdbRecord
}

func readAllMBDB(r io.Reader) (all []mbdbSeen, err error) {
	err = readMBDB(r, func(off int64, m *mbdbRecord) error {
		c := *m
		for _, s := range []*[]byte{&c.Domain, &c.Path, &c.Target, &c.Digest, &c.Key, &c.xattrs} {
			*s = bytes.Clone(*s)
		}
		all = append(all, mbdbSeen{off, c})
		return nil
	})
	return all, err
}

func TestReadMBDB(t *testing.T) {
	long := mbdbRow{domain: []byte("AppDomain-a"), path: bytes.Repeat([]byte("p"), 65534), mode: 0o100644, size: 1}
	b := mbdbOf(mbdbFolder, mbdbFile, mbdbLink, mbdbPhoto, long, mbdbRow{mode: 0o040000})
	got, err := readAllMBDB(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	common := func(r Record) Record {
		r.Inode, r.UserID, r.GroupID = 0x1122334455, 501, 4294967294
		r.ModTime = 1300000000
		r.mbdb = true
		if r.xattrs == nil {
			r.xattrs = []byte{}
		}
		return r
	}
	var props []byte
	for _, s := range mbdbPhoto.props {
		props = appendMBDBString(props, s)
	}
	want := []mbdbRecord{
		{common(Record{Mode: 0o040755}), []byte("HomeDomain"), []byte{}, 1},
		{common(Record{Mode: 0o100644, Size: 118784, Class: 3, Digest: mbdbFile.hash, Key: mbdbFile.key}), []byte("HomeDomain"), mbdbFile.path, 2},
		{common(Record{Mode: 0o120755, Target: mbdbLink.target}), []byte("DatabaseDomain"), mbdbLink.path, 3},
		{common(Record{Mode: 0o100000, Size: 5, Class: 4, xattrs: props}), []byte("CameraRollDomain"), mbdbPhoto.path, 4},
		{common(Record{Mode: 0o100644, Size: 1}), []byte("AppDomain-a"), long.path, 5},
		{common(Record{Mode: 0o040000}), nil, nil, 6},
	}
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i].m, want[i]) {
			t.Errorf("record %d\ngot  %+v\nwant %+v", i+1, got[i].m, want[i])
		}
	}
	if got[0].off != 6 {
		t.Errorf("the first record is at %d", got[0].off)
	}
	x, err := got[3].m.Xattrs()
	if want := []Xattr{{"com.apple.assetsd.UUID", []byte{0, 1, 2, 0xFF}}, {"com.apple.assetsd.hidden", []byte{}}}; err != nil || !reflect.DeepEqual(x, want) {
		t.Errorf("extended attributes %v, %v, want %v", x, err, want)
	}
	for _, s := range got {
		m, err := readMBDBAt(bytes.NewReader(b), s.off)
		if err != nil {
			t.Fatal(err)
		}
		m.Ordinal = s.m.Ordinal
		if !reflect.DeepEqual(*m, s.m) {
			t.Errorf("again at %d: %+v\nwant %+v", s.off, *m, s.m)
		}
	}
}

func TestReadMBDBDamage(t *testing.T) {
	sound := mbdbOf(mbdbFolder, mbdbFile, mbdbLink, mbdbPhoto, mbdbFolder)
	at := func(n int) int {
		return len(mbdbOf([]mbdbRow{mbdbFolder, mbdbFile, mbdbLink, mbdbPhoto, mbdbFolder}[:n]...))
	}
	patch := func(off int, with ...byte) []byte {
		b := bytes.Clone(sound)
		copy(b[off:], with)
		return b
	}
	lying := mbdbPhoto
	lying.count = 100
	second := at(1)
	tests := []struct {
		name  string
		b     []byte
		paths string // of the records that came
		where int    // the damage begins, in the error
	}{
		{"last record cut", sound[:len(sound)-1], " Library/SMS/sms.db timezone/localtime Media/DCIM/100APPLE/IMG_0001.JPG", at(4)},
		{"cut after one byte", sound[:at(4)+1], " Library/SMS/sms.db timezone/localtime Media/DCIM/100APPLE/IMG_0001.JPG", at(4)},
		{"cut inside a string", sound[:at(1)+20], "", at(1)},
		{"count of properties that lies, last", mbdbOf(mbdbFolder, lying), "", at(1)},
		{"count of properties that lies", mbdbOf(mbdbFolder, lying, mbdbFile, mbdbLink), " Library/SMS/sms.db timezone/localtime", at(1)},
		{"length of a domain", patch(second, 0xF0), " timezone/localtime Media/DCIM/100APPLE/IMG_0001.JPG ", at(1)},
		{"length of a path", patch(second+12, 0x70), " timezone/localtime Media/DCIM/100APPLE/IMG_0001.JPG ", at(1)},
		{"type of a file", patch(at(2)-mbdbFixed, 0), " timezone/localtime Media/DCIM/100APPLE/IMG_0001.JPG ", at(1)},
		{"control character in a domain", patch(second+4, 1), " timezone/localtime Media/DCIM/100APPLE/IMG_0001.JPG ", at(1)},
		{"a sound record between two bad ones", mbdbOf(mbdbFolder, mbdbOdd, mbdbFile, mbdbOdd, mbdbOdd, mbdbLink), " Library/SMS/sms.db timezone/localtime", at(1)},
		{"bad record at the end", mbdbOf(mbdbFolder, mbdbOdd), "", at(1)},
		{"zeros", append(bytes.Clone(sound), make([]byte, 4096)...), " Library/SMS/sms.db timezone/localtime Media/DCIM/100APPLE/IMG_0001.JPG ", len(sound)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAllMBDB(bytes.NewReader(tt.b))
			var paths []string
			for i, s := range got {
				paths = append(paths, string(s.m.Path))
				if s.m.Ordinal != uint32(i+1) {
					t.Errorf("record %d has ordinal %d", i+1, s.m.Ordinal)
				}
			}
			if strings.Join(paths, " ") != tt.paths {
				t.Errorf("paths %q, want %q", strings.Join(paths, " "), tt.paths)
			}
			if where := fmt.Sprintf("at byte %d ", tt.where); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), where) {
				t.Errorf("error %v, want one with %q", err, where)
			}
		})
	}
}

func TestReadMBDBOtherFiles(t *testing.T) {
	broken := errors.New("disk gone")
	for _, tt := range []struct {
		name string
		r    io.Reader
		want error
	}{
		{"empty file", strings.NewReader(""), ErrNotBackup},
		{"magic cut", strings.NewReader("mbd"), ErrNotBackup},
		{"SQLite", strings.NewReader("SQLite format 3\x00"), ErrNotBackup},
		{"mbdx", strings.NewReader("mbdx\x02\x00"), ErrNotBackup},
		{"another version", strings.NewReader("mbdb\x06\x00"), ErrUnsupported},
		{"no records", strings.NewReader("mbdb\x05\x00"), nil},
		{"read error at once", iotest.ErrReader(broken), broken},
		{"read error later", io.MultiReader(bytes.NewReader(mbdbOf(mbdbFile)[:40]), iotest.ErrReader(broken)), broken},
		{"reader that gives nothing", readerOfNothing{}, io.ErrNoProgress},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := readAllMBDB(tt.r); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

type readerOfNothing struct{}

func (readerOfNothing) Read([]byte) (int, error) { return 0, nil }

func TestReadMBDBStops(t *testing.T) {
	stop := errors.New("enough")
	n := 0
	err := readMBDB(bytes.NewReader(mbdbOf(mbdbFolder, mbdbFile)), func(int64, *mbdbRecord) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("%v after %d records", err, n)
	}
}

func TestReadMBDBAtElsewhere(t *testing.T) {
	b := mbdbOf(mbdbFolder, mbdbFile)
	for name, off := range map[string]int64{"the end": int64(len(b)), "beyond it": 1 << 40, "inside a record": 70, "below 0": -5} {
		if _, err := readMBDBAt(bytes.NewReader(b), off); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Damage everywhere costs no more than time linear in the file.
func TestReadMBDBHostileScan(t *testing.T) {
	const size = 2 << 20
	odd, file := mbdbOdd.append(nil), mbdbFile.append(nil)
	many := mbdbPhoto
	many.count = 200
	for name, one := range map[string][]byte{
		"names of domains":         []byte("\x00\x06Domain"),
		"bad records":              odd,
		"good and bad in turn":     append(bytes.Clone(odd), file...),
		"cut records":              file[:30],
		"counts of properties lie": many.append(nil),
		"nulls":                    {0xFF, 0xFF},
		"zeros":                    {0},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			r := io.MultiReader(strings.NewReader(mbdbMagic+mbdbVersion), &repeated{one: one, left: size})
			if _, err := readAllMBDB(r); !errors.Is(err, ErrDamaged) {
				t.Errorf("%v, want ErrDamaged", err)
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("took %v", took)
			}
		})
	}
}

// What is in memory is a record, not the file.
func TestReadMBDBMemory(t *testing.T) {
	one := mbdbPhoto.append(nil)
	const size = 64 << 20
	r := io.MultiReader(strings.NewReader(mbdbMagic+mbdbVersion), &repeated{one: one, left: size / len(one) * len(one)})
	n := 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := readMBDB(r, func(int64, *mbdbRecord) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n != size/len(one) {
		t.Errorf("%d records of %d", n, size/len(one))
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1<<20 {
		t.Errorf("allocated %d bytes", allocated)
	}
}

// repeated gives the same bytes again and again.
type repeated struct {
	one      []byte
	at, left int
}

func (r *repeated) Read(b []byte) (n int, err error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	for n < len(b) && r.left > 0 {
		k := copy(b[n:], r.one[r.at:])
		k = min(k, r.left)
		r.at = (r.at + k) % len(r.one)
		r.left -= k
		n += k
	}
	return n, nil
}

func TestFileID(t *testing.T) {
	for _, tt := range []struct{ domain, path, want string }{
		{"HomeDomain", "Library/SMS/sms.db", "3d0d7e5fb2ce288813306e4d4636395e047a3d28"},
		{"CameraRollDomain", "Media/PhotoData/Photos.sqlite", "12b144c0bd44f2b3dffd9186d3f9c05b917cee25"},
		{"HomeDomain", "Library/AddressBook/AddressBook.sqlitedb", "31bb7ba8914766d4ba40d6dfb6113c8b614be442"},
	} {
		id := fileID(tt.domain, tt.path)
		if got := hex.EncodeToString(id[:]); got != tt.want {
			t.Errorf("%s-%s: %s, want %s", tt.domain, tt.path, got, tt.want)
		}
	}
	long := strings.Repeat("a/", 600)
	if fileID("D", long) != sha1.Sum([]byte("D-"+long)) {
		t.Error("a long path has another id")
	}
}

func FuzzReadMBDB(f *testing.F) {
	sound := mbdbOf(mbdbFolder, mbdbFile, mbdbLink, mbdbPhoto, mbdbFolder)
	f.Add(sound)
	f.Add(sound[:len(sound)-1])
	flipped := bytes.Clone(sound)
	flipped[len(mbdbOf(mbdbFolder))] = 0xF0
	f.Add(flipped)
	f.Add(mbdbOf(mbdbRow{mode: 0o040000}))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := readAllMBDB(bytes.NewReader(b))
		if err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNotBackup) && !errors.Is(err, ErrUnsupported) {
			t.Fatalf("another error: %v", err)
		}
		end := int64(mbdbHeader)
		for _, s := range got {
			if s.off < end || err == nil && s.off != end {
				t.Fatalf("record at %d after one that ends at %d, error %v", s.off, end, err)
			}
			m, err := readMBDBAt(bytes.NewReader(b), s.off)
			if err != nil {
				t.Fatal(err)
			}
			m.Ordinal = s.m.Ordinal
			if !reflect.DeepEqual(*m, s.m) {
				t.Fatalf("again at %d: %+v\nwant %+v", s.off, *m, s.m)
			}
			end = s.off + int64(readMBDBRecord(b[s.off:], m))
		}
		if err == nil && end != int64(len(b)) {
			t.Fatalf("no error, and %d of %d bytes read", end, len(b))
		}
		slowly, slowErr := readAllMBDB(iotest.OneByteReader(bytes.NewReader(b)))
		if !reflect.DeepEqual(got, slowly) || (err == nil) != (slowErr == nil) {
			t.Fatalf("byte by byte there are %d records (%v), else %d (%v)", len(slowly), slowErr, len(got), err)
		}
	})
}

func BenchmarkReadMBDB(b *testing.B) {
	one := mbdbPhoto.append(nil)
	const records = 10_000
	b.SetBytes(int64(records * len(one)))
	for b.Loop() {
		r := io.MultiReader(strings.NewReader(mbdbMagic+mbdbVersion), &repeated{one: one, left: records * len(one)})
		if err := readMBDB(r, func(int64, *mbdbRecord) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

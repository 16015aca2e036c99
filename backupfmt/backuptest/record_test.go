package backuptest

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"howett.net/plist"
	_ "modernc.org/sqlite"
)

// testdata is the folder of real files that tests read.
func testdata(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("IBFS_TESTDATA")
	if dir == "" {
		dir = "../../../shared/testdata"
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("real sample data: %v", err)
	}
	return dir
}

// archive is what the general property list library makes of a record.
type archive struct {
	Objects []any `plist:"$objects"`
	Top     struct {
		Root plist.UID `plist:"root"`
	} `plist:"$top"`
}

// decode reads a record into a row by way of the general library.
func decode(t *testing.T, record []byte) *row {
	t.Helper()
	var a archive
	if _, err := plist.Unmarshal(record, &a); err != nil {
		t.Fatal(err)
	}
	root := a.Objects[a.Top.Root].(map[string]any)
	integer := func(key string) int64 {
		switch v := root[key].(type) {
		case uint64:
			return int64(v)
		case int64:
			return v
		}
		t.Fatalf("%s is %T", key, root[key])
		return 0
	}
	object := func(key string) any {
		u, ok := root[key].(plist.UID)
		if !ok {
			return nil
		}
		o := a.Objects[u]
		if boxed, ok := o.(map[string]any); ok {
			return boxed["NS.data"]
		}
		return o
	}
	text := func(key string) string { s, _ := object(key).(string); return s }
	data := func(key string) []byte { b, _ := object(key).([]byte); return b }
	r := &row{
		File:    File{Path: text("RelativePath"), Target: text("Target"), Mode: uint16(integer("Mode"))},
		class:   uint8(integer("ProtectionClass")),
		size:    integer("Size"),
		modTime: integer("LastModified"), changed: integer("LastStatusChange"), birth: integer("Birth"),
		userID: integer("UserID"), groupID: integer("GroupID"), inode: uint64(integer("InodeNumber")),
		digest: data("Digest"), key: data("EncryptionKey"),
		flags: integer("Flags"), xattrs: data("ExtendedAttributes"),
	}
	return r
}

func TestRecordsEqualThoseOfAPhone(t *testing.T) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(testdata(t), "ios14-backup/Manifest.db")+"?immutable=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT fileID, file FROM Files")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var m mbfile
	n := 0
	for rows.Next() {
		var id string
		var want []byte
		if err := rows.Scan(&id, &want); err != nil {
			t.Fatal(err)
		}
		if got := m.encode(decode(t, want)); !bytes.Equal(got, want) {
			t.Errorf("%s:\n got %x\nwant %x", id, got, want)
		}
		n++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if n != 3721 {
		t.Errorf("%d rows, want 3721", n)
	}
}

// Offsets of more than 16 bits.
func TestRecordOfMoreThan64KiB(t *testing.T) {
	var m mbfile
	want := &row{File: File{Path: "x"}, xattrs: bytes.Repeat([]byte("x"), 100_000), size: 7}
	if got := decode(t, m.encode(want)); !bytes.Equal(got.xattrs, want.xattrs) || got.size != 7 {
		t.Errorf("%d bytes of attributes, size %d", len(got.xattrs), got.size)
	}
}

// What is encoded is what the general library decodes.
func FuzzRecord(f *testing.F) {
	f.Add("Library/SMS/sms.db", "", int64(1), int64(501), uint16(0o100644), []byte("key"), []byte("bplist"), false)
	f.Add("Size", "/var/mobile", int64(-2), int64(1)<<40, uint16(0o120755), []byte(nil), []byte(nil), true)
	f.Add("caf\u00e9 \U0001f4f7", "NS.data", int64(1)<<32, int64(255), uint16(0), []byte("k"), []byte{}, true)
	f.Add("\xff\x00", "$class", int64(65536), int64(256), uint16(0o040000), []byte("k"), []byte("x"), true)
	f.Fuzz(func(t *testing.T, path, target string, size, owner int64, mode uint16, key, xattrs []byte, boxed bool) {
		want := &row{
			File: File{Path: path, Target: target, Mode: mode}, size: size, userID: owner, groupID: -owner,
			modTime: size, birth: owner, inode: uint64(size), class: uint8(mode), key: key, xattrs: xattrs,
		}
		m := mbfile{boxed: boxed}
		got := decode(t, m.encode(want))
		utf8 := func(s string) string { return string([]rune(s)) }
		if got.Path != utf8(path) || got.Target != utf8(target) {
			t.Errorf("path %q, target %q", got.Path, got.Target)
		}
		if got.size != size || got.userID != owner || got.groupID != -owner || got.modTime != size || got.birth != owner ||
			got.Mode != want.mode() || got.inode != uint64(size) || got.class != uint8(mode) {
			t.Errorf("numbers are %+v", got)
		}
		if !bytes.Equal(got.key, key) || !bytes.Equal(got.xattrs, xattrs) {
			t.Errorf("key %x, attributes %x", got.key, got.xattrs)
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	var m mbfile
	r := &row{File: File{Path: "Media/DCIM/100APPLE/IMG_0001.HEIC"}, class: 3, size: 2 << 20, modTime: 1.7e9, inode: 1e6, key: make([]byte, 44)}
	for b.Loop() {
		m.encode(r)
	}
}

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

func BenchmarkRecord(b *testing.B) {
	var m mbfile
	r := &row{File: File{Path: "Media/DCIM/100APPLE/IMG_0001.HEIC"}, class: 3, size: 2 << 20, modTime: 1.7e9, inode: 1e6, key: make([]byte, 44)}
	for b.Loop() {
		m.encode(r)
	}
}

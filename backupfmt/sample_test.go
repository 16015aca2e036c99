package backupfmt

import (
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	_ "modernc.org/sqlite"
)

type sampleRow struct {
	id, domain, path string
	flags            int
	file             []byte
}

// sampleRows reads all rows of the iOS 14.3 manifest, from a copy: SQLite could
// write beside the original.
func sampleRows(t testing.TB) []sampleRow {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(testdataFolder(t, "ios14-backup"), "Manifest.db"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "Manifest.db")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+name+"?mode=ro&immutable=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT fileID, domain, relativePath, flags, file FROM Files")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []sampleRow
	for rows.Next() {
		var r sampleRow
		if err := rows.Scan(&r.id, &r.domain, &r.path, &r.flags, &r.file); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSampleManifest(t *testing.T) {
	rows := sampleRows(t)
	count := map[string]int{"rows": len(rows)}
	types := map[int]uint16{1: 0x8, 2: 0x4, 4: 0xA}
	for _, row := range rows {
		name := row.domain + "-" + row.path
		var quick, slow Record
		if !decodeMBFile(row.file, &quick) {
			t.Errorf("%s: not decoded without the general library", name)
			continue
		}
		if err := decodeMBFileSlowly(row.file, &slow); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(quick, slow) {
			t.Errorf("%s: the decoders differ\nours  %+v\nplist %+v", name, quick, slow)
		}
		if quick.Size == sizeUnknown || quick.ModTime == 0 || quick.Class == badClass {
			t.Errorf("%s: %+v", name, quick)
		}
		if quick.Mode>>12 != types[row.flags] {
			t.Errorf("%s: mode %o with flags %d", name, quick.Mode, row.flags)
		}
		if id := fileID(row.domain, row.path); hex.EncodeToString(id[:]) != row.id {
			t.Errorf("%s: fileID %x, want %s", name, id, row.id)
		}
		tally(t, count, name, &quick)
	}
	want := map[string]int{"rows": 3721, "key": 1089, "digest": 477, "xattrs": 77, "target": 14}
	if !reflect.DeepEqual(count, want) {
		t.Errorf("counted %v, want %v", count, want)
	}
}

// tally counts what a row has and checks it by itself.
func tally(t *testing.T, count map[string]int, name string, r *Record) {
	class, wrapped, err := r.wrappedKey()
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if wrapped != nil {
		count["key"]++
		if class != uint32(r.Class) {
			t.Errorf("%s: class %d, in the key %d", name, r.Class, class)
		}
	}
	if r.Digest != nil {
		count["digest"]++
		if len(r.Digest) != 20 {
			t.Errorf("%s: digest of %d bytes", name, len(r.Digest))
		}
	}
	if r.Target != nil {
		count["target"]++
		if r.Target[0] != '/' {
			t.Errorf("%s: target %q", name, r.Target)
		}
	}
	if r.hasXattrs() {
		count["xattrs"]++
		if err := sameXattrs(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var errLibrary = errors.New("the general library gives up")

// sameXattrs says how Xattrs and the general library differ on a sound list.
func sameXattrs(r *Record) error {
	got, err := r.Xattrs()
	if err != nil {
		return err
	}
	ours := map[string]any{}
	for _, x := range got {
		ours[x.Name] = string(x.Value)
	}
	var theirs map[string]any
	if err := decodePlist(r.xattrs, &theirs); err != nil {
		return fmt.Errorf("%w: %w", errLibrary, err)
	}
	for name, v := range theirs {
		if b, ok := v.([]byte); ok {
			theirs[name] = string(b)
		}
	}
	if !reflect.DeepEqual(ours, theirs) {
		return fmt.Errorf("extended attributes %v, want %v", ours, theirs)
	}
	return nil
}

func BenchmarkSampleRecords(b *testing.B) {
	rows := sampleRows(b)
	var r Record
	b.ReportAllocs()
	for b.Loop() {
		for _, row := range rows {
			if err := decodeRecord(row.file, &r); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows)), "ns/row")
}

package backupfmt_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/backupfmt/internal/sqlite"
)

// bigEndian is a log as a host writes it whose words are big-endian.
func bigEndian(log []byte) []byte {
	log = bytes.Clone(log)
	log[3] |= 1
	var s0, s1 uint32
	sum := func(to []byte, parts ...[]byte) {
		for _, b := range parts {
			for ; len(b) > 0; b = b[8:] {
				s0 += binary.BigEndian.Uint32(b) + s1
				s1 += binary.BigEndian.Uint32(b[4:]) + s0
			}
		}
		binary.BigEndian.PutUint32(to, s0)
		binary.BigEndian.PutUint32(to[4:], s1)
	}
	sum(log[24:], log[:24])
	for frame := range slices.Chunk(log[32:], 24+int(binary.BigEndian.Uint32(log[8:]))) {
		sum(frame[16:], frame[:8], frame[24:])
	}
	return log
}

// TestDatabaseWithoutItsLog opens a database whose log is damaged in any way:
// what is not in the log is read, and LogError says why the rest is not.
func TestDatabaseWithoutItsLog(t *testing.T) {
	db, wal, err := backuptest.DatabaseWithWAL(t.TempDir(), "CREATE TABLE t (a); INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)")
	if err != nil {
		t.Fatal(err)
	}
	const path = "Library/test.db"
	log := backuptest.File{Domain: "HomeDomain", Path: path + "-wal", Content: wal}
	for name, tt := range map[string]struct {
		change func(*backuptest.File)
		damage func(blob string) error
		rows   int64
		want   error
	}{
		"whole":           {rows: 2},
		"of another host": {change: func(f *backuptest.File) { f.Content = bigEndian(f.Content) }, rows: 2},
		"no blob":         {damage: os.Remove, rows: 1, want: backupfmt.ErrNoBlob},
		"cut":             {damage: func(blob string) error { return backuptest.Truncate(blob, 4096) }, rows: 1, want: backupfmt.ErrDamaged},
		"of no bytes":     {change: func(f *backuptest.File) { f.Content = nil }, rows: 1},
		"a folder's name": {change: func(f *backuptest.File) { f.Content, f.Mode = nil, 0o40755 }, rows: 1, want: os.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			log := log
			if tt.change != nil {
				tt.change(&log)
			}
			dir := t.TempDir()
			b := backuptest.Backup{Password: "secret", Rounds: backuptest.Rounds{SHA256: 10, SHA1: 10}, Files: []backuptest.File{{Domain: "HomeDomain", Path: path, Content: db}, log}}
			if err := backuptest.Write(dir, b); err != nil {
				t.Fatal(err)
			}
			if tt.damage != nil {
				if err := tt.damage(filepath.Join(dir, log.ID()[:2], log.ID())); err != nil {
					t.Fatal(err)
				}
			}
			d, err := openDir(t, dir, b.Password).OpenDatabase(t.Context(), "HomeDomain", path)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := d.LogError(); !errors.Is(err, tt.want) || tt.want == nil && err != nil {
				t.Errorf("its log: %v, want %v", err, tt.want)
			}
			rows := int64(-1)
			if _, err := d.First(t.Context(), func(r *sqlite.Row) { rows = r.Int(0) }, "SELECT count(*) FROM t"); err != nil || rows != tt.rows {
				t.Errorf("%d rows, %v, want %d", rows, err, tt.rows)
			}
		})
	}
}

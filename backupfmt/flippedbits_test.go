package backupfmt_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	iofs "io/fs"
	"iter"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// TestFlippedBits flips single bits where a manifest is most easily misread: in
// the root of its table, in the last leaves, and in its log. Whatever is shown
// then has its own content, and where less is shown, damage is told.
func TestFlippedBits(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		wal        bool
		bits       func(file []byte) iter.Seq[int]
	}{
		{"table", "Manifest.db", false, bitsOfTable},
		{"log", "Manifest.db-wal", true, bitsOfLog},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := small()
			b.WAL = tt.wal
			sound := inMemory(t, b)
			want := filesShown(t, sound, b, "sound")
			if len(want) != len(b.Files) {
				t.Fatalf("the sound backup shows %d of %d files", len(want), len(b.Files))
			}
			told := 0
			for bit := range tt.bits(sound[tt.file].Data) {
				data := bytes.Clone(sound[tt.file].Data)
				data[bit/8] ^= 1 << (bit % 8)
				damaged := replaced(sound, tt.file, data)
				got := filesShown(t, damaged, b, fmt.Sprintf("byte %d bit %d", bit/8, bit%8))
				if got == nil {
					told++
				} else if len(got) < len(want) {
					t.Errorf("byte %d bit %d: %d of %d files are shown, and nothing is told", bit/8, bit%8, len(got), len(want))
				}
			}
			if told == 0 {
				t.Error("no damage is told")
			}
			t.Logf("%d damages told", told)
		})
	}
}

// TestSwappedCells: rows out of order are shown all the same, and told.
func TestSwappedCells(t *testing.T) {
	b := small()
	sound := inMemory(t, b)
	want := len(filesShown(t, sound, b, "sound"))
	data := bytes.Clone(sound["Manifest.db"].Data)
	_, leaves := pagesOfTable(data)
	cells := data[leaves[1]+8:]
	first := [2]byte(cells[:2])
	copy(cells, cells[2:4])
	copy(cells[2:], first[:])
	opened, err := backupfmt.Open(t.Context(), replaced(sound, "Manifest.db", data), backupfmt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	x, err := opened.Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, _ := x.Totals()
	if n, all := x.Damage(); files != want || n != 1 || !strings.Contains(all[0].Err.Error(), "out of order") {
		t.Errorf("%d of %d files; %v", files, want, all)
	}
	if all := findings(t, opened); len(all) < 2 {
		t.Errorf("verify finds %q", all) // the row, and what SQLite says of the table
	}
}

// small is a backup whose manifest has a root and some leaves.
func small() (b backuptest.Backup) {
	for i := range 100 {
		b.Files = append(b.Files, backuptest.File{
			Domain: "HomeDomain", Path: fmt.Sprintf("Library/Folder %d/file %d.txt", i%5, i), Content: fmt.Appendf(nil, "content %d", i),
		})
	}
	return b
}

const pageSize = 4096

// bitsOfTable are those of the root of Files, its last leaf and two before it that
// lead to rows: the header, the places of the cells, and how each cell begins.
func bitsOfTable(db []byte) iter.Seq[int] {
	root, leaves := pagesOfTable(db)
	return func(yield func(int) bool) {
		for _, page := range append(leaves[len(leaves)-3:], root) {
			head := 8
			if db[page] == interiorPage {
				head = 12
			}
			cells := int(binary.BigEndian.Uint16(db[page+3:]))
			at := []int{}
			for i := range head + 2*cells {
				at = append(at, page+i)
			}
			for i := range cells {
				cell := page + int(binary.BigEndian.Uint16(db[page+head+2*i:]))
				at = append(at, cell, cell+1, cell+2, cell+3, cell+4)
			}
			for i, byte := range at {
				for bit := i % 8; bit < 8; bit += 12 {
					if !yield(8*byte + bit) {
						return
					}
				}
			}
		}
	}
}

// bitsOfLog are some of each part of a write-ahead log.
func bitsOfLog(wal []byte) iter.Seq[int] {
	return func(yield func(int) bool) {
		for frame := 32; frame < len(wal); frame += 24 + pageSize {
			for at := frame; at < frame+24+pageSize; at += 997 {
				if !yield(8*at + at%8) {
					return
				}
			}
		}
		for at := range 32 {
			if !yield(8*at + at%8) {
				return
			}
		}
	}
}

const interiorPage = 5 // of a table

// pagesOfTable are where the root of Files lies in a database, and its leaves, in
// the order of the rows.
func pagesOfTable(db []byte) (root int, leaves []int) {
	for root = pageSize; db[root] != interiorPage; root += pageSize {
	}
	cells := int(binary.BigEndian.Uint16(db[root+3:]))
	for i := range cells {
		cell := root + int(binary.BigEndian.Uint16(db[root+12+2*i:]))
		leaves = append(leaves, pageSize*int(binary.BigEndian.Uint32(db[cell:])-1))
	}
	return root, append(leaves, pageSize*int(binary.BigEndian.Uint32(db[root+8:])-1))
}

// numberOf is the last byte of the number of a row on a leaf.
func numberOf(db []byte, leaf, cell int) *byte {
	at := leaf + int(binary.BigEndian.Uint16(db[leaf+8+2*cell:])) + 2 // behind the length, which has two bytes
	if db[at]&0x80 != 0 {
		at++
	}
	return &db[at]
}

// TestRowsOfOneNumber: of two rows that have one number, each shows its own
// content at most, and the number stays that of the row that it belongs to.
func TestRowsOfOneNumber(t *testing.T) {
	b := small()
	sound := inMemory(t, b)
	want := len(filesShown(t, sound, b, "sound"))
	_, leaves := pagesOfTable(sound["Manifest.db"].Data)
	for _, leaf := range leaves[2:6] {
		for from := range 2 {
			data := bytes.Clone(sound["Manifest.db"].Data)
			*numberOf(data, leaf, 1-from) = *numberOf(data, leaf, from)
			damaged := replaced(sound, "Manifest.db", data)
			if got := filesShown(t, damaged, b, "two of a number"); got != nil {
				t.Errorf("leaf at %d: nothing is told", leaf)
			}
			opened, err := backupfmt.Open(t.Context(), damaged, backupfmt.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer opened.Close()
			early := map[backupfmt.Entry]string{} // before there is an index
			for _, f := range b.Files {
				if e, err := opened.Lookup(t.Context(), f.Domain, f.Path); err == nil {
					early[e] = f.Path
				}
			}
			x, err := opened.Index(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for e, path := range early {
				if _, now := x.Path(e); now != path {
					t.Errorf("entry %d was %s and became %s", e, path, now)
				}
			}
			if files, _ := x.Totals(); files < want-1 {
				t.Errorf("%d of %d files", files, want)
			}
			if len(findings(t, opened)) == 0 {
				t.Error("verify finds nothing")
			}
		}
	}
}

// filesShown lists the files whose content can be read, and holds it against what
// was written. It is nil where damage is told.
func filesShown(t *testing.T, fsys fstest.MapFS, b backuptest.Backup, what string) (all []string) {
	opened, err := backupfmt.Open(t.Context(), fsys, backupfmt.Options{})
	if err != nil {
		return nil
	}
	defer opened.Close()
	x, err := opened.Index(t.Context())
	if err != nil {
		return nil
	}
	content := map[string][]byte{}
	for _, f := range b.Files {
		content[f.Domain+"/"+f.Path] = f.Content
	}
	for e := range x.All {
		if typ, err := opened.Type(t.Context(), e); err != nil || !typ.IsRegular() {
			continue
		}
		domain, path := x.Path(e)
		f, err := opened.Open(t.Context(), e)
		if err != nil {
			continue
		}
		got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
		f.Close()
		if err != nil {
			continue
		}
		if written, ok := content[domain+"/"+path]; ok && !bytes.Equal(got, written) {
			t.Errorf("%s: %s/%s has another content", what, domain, path)
		}
		all = append(all, domain+"/"+path)
	}
	if n, _ := x.Damage(); n > 0 {
		return nil
	}
	return all
}

// inMemory is a backup as files in memory.
func inMemory(t *testing.T, b backuptest.Backup) fstest.MapFS {
	t.Helper()
	dir := t.TempDir()
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	all, disk := fstest.MapFS{}, os.DirFS(dir)
	err := iofs.WalkDir(disk, ".", func(name string, d iofs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := iofs.ReadFile(disk, name)
		all[name] = &fstest.MapFile{Data: data, Mode: 0o600}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func replaced(fsys fstest.MapFS, name string, data []byte) fstest.MapFS {
	all := maps.Clone(fsys)
	all[name] = &fstest.MapFile{Data: data, Mode: 0o600}
	return all
}

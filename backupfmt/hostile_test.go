package backupfmt_test

import (
	"bytes"
	"errors"
	"io"
	iofs "io/fs"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// TestHostileRows puts every kind of bad row beside the rows of the sample, in
// every generation: each sound row reads as before, and of a bad one nothing
// but its own content is ever read.
func TestHostileRows(t *testing.T) {
	for name, b := range backuptest.Variants(backuptest.Sample()) {
		t.Run(name, func(t *testing.T) {
			sound := b.Files
			cases := backuptest.Hostile(b.Generation)
			for _, c := range cases {
				b.Files = append(b.Files[:len(b.Files):len(b.Files)], c.Files...)
			}
			opened := openSample(t, b)
			x, err := opened.Index(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range sound {
				checkFile(t, opened, f)
			}
			for _, c := range cases {
				t.Run(c.Name, func(t *testing.T) {
					for _, f := range c.Files {
						if c.Readable {
							checkFile(t, opened, f)
						} else {
							checkHarmless(t, opened, f)
						}
					}
				})
			}
			checkTree(t, opened, x)
		})
	}
}

// checkHarmless allows an entry to be absent or unreadable, but not to give
// other bytes than its own.
func checkHarmless(t *testing.T, b *backupfmt.Backup, f backuptest.File) {
	t.Helper()
	e, err := b.Lookup(t.Context(), f.Domain, f.Path)
	if err != nil {
		if !errors.Is(err, iofs.ErrNotExist) {
			t.Errorf("lookup: %v", err)
		}
		return
	}
	file, err := b.Open(t.Context(), e)
	if err != nil {
		return
	}
	defer file.Close()
	got, err := io.ReadAll(io.NewSectionReader(file, 0, 1<<20))
	if err == nil && !bytes.HasPrefix(append(f.Content, make([]byte, 16)...), got) {
		t.Errorf("%q %q: reads %q, which is not its content %q", f.Domain, f.Path, got, f.Content)
	}
}

// checkTree walks the index: names are legal, unique, and lead back.
func checkTree(t *testing.T, b *backupfmt.Backup, x *backupfmt.Index) {
	t.Helper()
	seen := map[backupfmt.Entry]bool{}
	var walk func(dir backupfmt.Entry, depth int)
	walk = func(dir backupfmt.Entry, depth int) {
		if depth > 3000 || seen[dir] {
			t.Fatalf("entry %d comes twice or too deep", dir)
		}
		seen[dir] = true
		names := map[string]bool{}
		x.Children(dir, 0, func(c backupfmt.Child) bool {
			if c.Name == "" || c.Name == "." || c.Name == ".." || len(c.Name) > 255 || names[c.Name] || bytes.ContainsAny([]byte(c.Name), "/\x00") {
				t.Errorf("name %q in entry %d", c.Name, dir)
			}
			names[c.Name] = true
			if e, ok := x.Lookup(dir, c.Name); !ok || e != c.Entry {
				t.Errorf("lookup of %q: %d, want %d", c.Name, e, c.Entry)
			}
			if p, ok := x.Parent(c.Entry); !ok || p != dir {
				t.Errorf("parent of %q: %d, want %d", c.Name, p, dir)
			}
			if s, err := b.Stat(t.Context(), c.Entry); err != nil || s.Mode.Type() != c.Type || s.Size < 0 {
				t.Errorf("stat of %q: %+v, %v", c.Name, s, err)
			}
			if c.Type.IsDir() {
				walk(c.Entry, depth+1)
				return true
			}
			if seen[c.Entry] {
				t.Errorf("entry %d comes twice", c.Entry)
			}
			seen[c.Entry] = true
			return true
		})
	}
	walk(backupfmt.RootEntry, 0)
}

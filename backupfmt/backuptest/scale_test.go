package backuptest

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

func TestScaleHasTheProportionsOfAPhone(t *testing.T) {
	for _, c := range []struct {
		rows, domains, folderPercent int
	}{
		{1, 1, 100},
		{1000, 50, 50},
		{10_000, 400, 40},
		{100_000, 600, 30},
	} {
		seen := make(map[string]bool)
		domains := make(map[string]bool)
		photos := make(map[string]int)
		folders := 0
		for f := range Scale(c.rows, Absent) {
			if seen[f.ID()] {
				t.Fatalf("%d: %s %q comes twice", c.rows, f.Domain, f.Path)
			}
			seen[f.ID()] = true
			domains[f.Domain] = true
			for dir := range f.parents() {
				if !seen[FileID(dir.domain, dir.path)] {
					t.Fatalf("%d: %s %q comes before its folder", c.rows, f.Domain, f.Path)
				}
			}
			if f.IsDir() {
				folders++
			} else if strings.HasPrefix(f.Path, "Media/DCIM") {
				photos[path.Dir(f.Path)]++
			}
		}
		if len(seen) != c.rows {
			t.Errorf("%d rows, want %d", len(seen), c.rows)
		}
		if len(domains) < c.domains {
			t.Errorf("%d: %d domains, want at least %d", c.rows, len(domains), c.domains)
		}
		if folders*100 > c.rows*c.folderPercent {
			t.Errorf("%d: %d folders, want at most %d %%", c.rows, folders, c.folderPercent)
		}
		if n := photos["Media/DCIM/100APPLE"]; c.rows >= 100_000 && n != photosPerFolder {
			t.Errorf("%d: %d photos in the first folder", c.rows, n)
		}
	}
}

func TestScaleWritesTheBlobsItIsToldTo(t *testing.T) {
	for name, c := range map[string]struct {
		blobs  Blob
		length func(f File) int64 // of the blob, -1 for none
	}{
		"whole":  {Whole, func(f File) int64 { return int64(len(f.Content))/16*16 + 16 }},
		"absent": {Absent, func(File) int64 { return -1 }},
		"tiny":   {Tiny, func(File) int64 { return 16 }},
		"holes":  {Hole, func(f File) int64 { return f.Size/16*16 + 16 }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := Write(dir, Backup{Password: "secret", Stream: Scale(600, c.blobs)}); err != nil {
				t.Fatal(err)
			}
			r := read(t, dir, "secret")
			for f := range Scale(600, c.blobs) {
				if f.IsDir() {
					continue
				}
				want := c.length(f)
				if f.Path == LargeVideo.Path && c.blobs != Absent {
					want = LargeVideo.Size/16*16 + 16
				}
				got := int64(-1)
				if info, err := os.Stat(filepath.Join(dir, f.ID()[:2], f.ID())); err == nil {
					got = info.Size()
				}
				if got != want {
					t.Errorf("%s: blob of %d bytes, want %d", f.Path, got, want)
				}
				if size := r.row(t, f.ID()).size; size != f.length() {
					t.Errorf("%s: size %d, want %d", f.Path, size, f.length())
				}
			}
		})
	}
}

// A hole decrypts to one block again and again, and ends in sound padding.
func TestHoleHasSoundPadding(t *testing.T) {
	for _, size := range []int64{1, 16, 100, 160, 4096} {
		f := File{Domain: "MediaDomain", Path: "hole", Size: size, Blob: Hole}
		dir := t.TempDir()
		if err := Write(dir, Backup{Password: "secret", Files: []File{f}}); err != nil {
			t.Fatal(err)
		}
		r := read(t, dir, "secret")
		got := r.content(t, r.row(t, f.ID()))
		if int64(len(got)) != size {
			t.Errorf("%d bytes, want %d", len(got), size)
		}
		for i := 16; i < len(got)/16*16; i++ {
			if got[i] != got[i-16] {
				t.Errorf("size %d: byte %d differs from the block before", size, i)
				break
			}
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	const rows = 10_000
	for b.Loop() {
		if err := Write(b.TempDir(), Backup{Password: "secret", Stream: Scale(rows, Absent)}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/rows, "µs/row")
}

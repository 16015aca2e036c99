package backupfmt

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// The host rows are the same reads of the blob itself.
func BenchmarkBlobRead(b *testing.B) {
	const length = 64 << 20
	name := filepath.Join(b.TempDir(), "blob")
	if err := os.WriteFile(name, encipher(b, pad(make([]byte, length-1))), 0o600); err != nil {
		b.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	r := openBlob(b, file, length, 0)
	for _, c := range []struct {
		name string
		src  io.ReaderAt
		n    int
		skew int64
	}{
		{"host/4KiB", file, 4 << 10, 0},
		{"plain/4KiB", r, 4 << 10, 0},
		{"host/128KiB", file, 128 << 10, 0},
		{"plain/128KiB", r, 128 << 10, 0},
		{"plain/128KiB-unaligned", r, 128 << 10, 5},
		{"host/512KiB", file, 512 << 10, 0},
		{"plain/512KiB", r, 512 << 10, 0},
	} {
		b.Run(c.name, func(b *testing.B) {
			buf := make([]byte, c.n)
			b.SetBytes(int64(c.n))
			b.ReportAllocs()
			off := c.skew
			for b.Loop() {
				if _, err := c.src.ReadAt(buf, off); err != nil {
					b.Fatal(err)
				}
				if off += int64(c.n); off+int64(c.n) >= length {
					off = c.skew
				}
			}
		})
	}
}

func BenchmarkBlobOpen(b *testing.B) {
	blob := encipher(b, pad(nil))
	src := bytes.NewReader(blob)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := newPlainReader(src, int64(len(blob)), blobKey, 0); err != nil {
			b.Fatal(err)
		}
	}
}

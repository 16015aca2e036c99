package fakedevice_test

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"ibfs/capture/fakedevice"
)

// A phone must not be what limits a benchmark of hosts: this host drops what it
// gets, without TLS, so the time is the phone's.
func BenchmarkUpload(b *testing.B) {
	for _, test := range []struct{ files, size int }{{10_000, 1_000}, {1, 256 << 20}} {
		b.Run(fmt.Sprintf("%d files of %d", test.files, test.size), func(b *testing.B) {
			dir := b.TempDir()
			data := make([]byte, test.size)
			write := func(name string) {
				if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
					b.Fatal(err)
				}
			}
			for i := range test.files {
				sum := sha1.Sum(fmt.Append(nil, i))
				id := hex.EncodeToString(sum[:])
				if err := os.MkdirAll(filepath.Join(dir, id[:2]), 0o700); err != nil {
					b.Fatal(err)
				}
				write(filepath.Join(id[:2], id))
			}
			for _, name := range []string{"Manifest.db", "Manifest.plist", "Status.plist"} {
				write(name)
			}
			s, err := fakedevice.ReadState(os.DirFS(dir))
			if err != nil {
				b.Fatal(err)
			}
			h := newLinkHost(b)
			h.drop = true
			b.SetBytes(int64(test.files * test.size))
			b.ReportAllocs()
			for b.Loop() {
				// With nothing kept, the run fails at the move.
				if _, err := h.backup(b, phone(s)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

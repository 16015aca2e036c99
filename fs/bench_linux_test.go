package fs

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Each round walks a fresh mount, of which the kernel knows nothing.
func BenchmarkWalk(b *testing.B) {
	for _, c := range []struct{ name, tree, arg, line string }{
		{"find/200k", "forest", "5000", "find . >/dev/null"},
		{"find-size/200k", "forest", "5000", "find . -size +1 >/dev/null"},
		{"du/200k", "forest", "5000", "du -s . >/dev/null"},
		{"ls/100k", "many", "100000", "ls -f . >/dev/null"},
		{"ls-l/10k", "many", "10000", "ls -l . >/dev/null"},
		{"ls-l/100k", "many", "100000", "ls -l . >/dev/null"},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := serve(b, c.tree, c.arg)
				b.StartTimer()
				s.sh(c.line)
				b.StopTimer()
				s.end()
				b.StartTimer()
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	const size = 256 << 20
	host := b.TempDir()
	if err := os.WriteFile(filepath.Join(host, "video"), make([]byte, size), 0o600); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name, tree string
		flags      []string
	}{
		{"passthrough", "host", nil},
		{"splice", "host", []string{"no-passthrough"}},
		{"splice/read-ahead", "host", []string{"no-passthrough", "read-ahead"}},
		{"copy", "copied", nil},
		{"copy/read-ahead", "copied", []string{"read-ahead"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				b.StopTimer()
				s := serve(b, c.tree, host, c.flags...)
				b.StartTimer()
				f, err := os.Open(s.path("video"))
				if err != nil {
					b.Fatal(err)
				}
				if n, err := io.Copy(io.Discard, f); n != size || err != nil {
					b.Fatal(n, err)
				}
				f.Close()
				b.StopTimer()
				s.end()
				b.StartTimer()
			}
		})
	}
}

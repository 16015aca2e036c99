package library

import (
	"fmt"
	"path/filepath"
	"testing"
)

// BenchmarkCloneAndPublish makes a snapshot of 500,000 blobs out of another,
// as a run does in which the device sends nothing but what describes it.
func BenchmarkCloneAndPublish(b *testing.B) {
	blobs := 500_000
	if testing.Short() {
		blobs = 20_000
	}
	d := device(b, libraryAt(b, b.TempDir()))
	w := lock(b, d)
	i := incoming(b, w)
	for n := range 256 {
		shard := filepath.Join(testUDID, fmt.Sprintf("%02x", n))
		if err := i.Root.Mkdir(shard, 0o700); err != nil {
			b.Fatal(err)
		}
		for k := range blobs / 256 {
			if err := i.Root.WriteFile(fmt.Sprintf("%s/%02x%038x", shard, n, k), []byte("x"), 0o600); err != nil {
				b.Fatal(err)
			}
		}
	}
	publish(b, i, day(1))
	day := 2
	for b.Loop() {
		backup(b, w, day)
		day++
	}
	b.ReportMetric(float64(blobs), "blobs/op")
}

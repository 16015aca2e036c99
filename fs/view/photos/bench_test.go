package photos_test

import (
	"runtime"
	"testing"
	"time"

	iofs "io/fs"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/photos"
	"ibfs/fs/vtree"
)

const benchPhotos, benchAlbums = 100_000, 500

// large is an encrypted library of 100,000 photos in 500 albums.
func large(tb testing.TB) string {
	tb.Helper()
	b, err := largeLibrary(benchPhotos, benchAlbums)
	if err != nil {
		tb.Fatal(err)
	}
	b.Password, b.Rounds = "secret", backuptest.Rounds{SHA256: 10, SHA1: 10}
	dir := tb.TempDir()
	if err := backuptest.Write(dir, b); err != nil {
		tb.Fatal(err)
	}
	return dir
}

func BenchmarkLibrary(b *testing.B) {
	dir := large(b)
	var before, after runtime.MemStats
	for b.Loop() {
		backup, err := backupfmt.OpenDir(b.Context(), dir, backupfmt.Options{})
		if err != nil {
			b.Fatal(err)
		}
		secret, err := backup.Derive(b.Context(), []byte("secret"))
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if err := backup.Unlock(b.Context(), secret); err != nil {
			b.Fatal(err)
		}
		x, err := backup.Index(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		index := time.Since(start)
		runtime.GC()
		runtime.ReadMemStats(&before)
		start = time.Now()
		tree, err := photos.View{}.Open(b.Context(), view.NewSource(backup, view.Options{}))
		if err != nil {
			b.Fatal(err)
		}
		fsys := vtree.FS(b.Context(), tree)
		if _, err := iofs.ReadDir(fsys, "."); err != nil {
			b.Fatal(err)
		}
		first := time.Since(start)
		start = time.Now()
		all, err := iofs.ReadDir(fsys, "Albums/Album 1")
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range all {
			if _, err := e.Info(); err != nil {
				b.Fatal(err)
			}
		}
		album := time.Since(start)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(index.Seconds(), "index-s")
		b.ReportMetric(first.Seconds(), "first-ls-s")
		b.ReportMetric(album.Seconds(), "album-ls-s")
		b.ReportMetric(float64(len(all)), "album")
		b.ReportMetric(float64(x.Len()), "rows")
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/benchPhotos, "heap-B/photo")
		b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/benchPhotos, "alloc-B/photo")
		runtime.KeepAlive(tree)
		backup.Close()
	}
}

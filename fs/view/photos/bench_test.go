package photos_test

import (
	"fmt"
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

// large is a library of 100,000 photos in 500 albums, in a backup of 300,000
// rows: each photo has the movie of a Live Photo, and a thumbnail.
func large(tb testing.TB) string {
	schema := schema26 + fmt.Sprintf(`
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d)
		INSERT INTO ZASSET (Z_PK, ZDIRECTORY, ZFILENAME, ZDATECREATED, ZKIND, ZKINDSUBTYPE, ZFAVORITE, ZHIDDEN, ZTRASHEDSTATE, ZVISIBILITYSTATE, ZADJUSTMENTSSTATE, ZSAVEDASSETTYPE, ZADDITIONALATTRIBUTES, ZUUID)
		SELECT i, printf('DCIM/%%dAPPLE', 100 + i/1000), printf('IMG_%%04d.HEIC', i %% 10000), 500000000 + i*3000.25, 0, 2, i%%50=0, i%%1000=0, i%%1000=1, 0, i%%20=0, 3, i, 'uuid' FROM n;
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %[1]d)
		INSERT INTO ZADDITIONALASSETATTRIBUTES (Z_PK, ZASSET, ZORIGINALFILENAME, ZTIMEZONEOFFSET, ZTIMEZONENAME, ZORIGINALFILESIZE, ZREVERSELOCATIONDATA)
		SELECT i, i, printf('IMG_%%04d.HEIC', (i+77) %% 10000), 3600, 'Europe/Oslo', 2000000, zeroblob(600) FROM n;
		INSERT INTO ZGENERICALBUM (Z_PK, ZKIND, ZPARENTFOLDER) VALUES (1, 3999, NULL);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d)
		INSERT INTO ZGENERICALBUM (Z_PK, ZKIND, ZPARENTFOLDER, ZTITLE, ZTRASHEDSTATE) SELECT i+1, 2, 1, 'Album '||i, 0 FROM n;
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %[1]d)
		INSERT INTO Z_33ASSETS SELECT CASE WHEN i <= 10000 THEN 2 ELSE i%%499 + 3 END, i, i*1024 FROM n;`, benchPhotos, benchAlbums)
	data, err := backuptest.Database(schema)
	if err != nil {
		tb.Fatal(err)
	}
	b := backuptest.Backup{
		Password: "secret", Rounds: backuptest.Rounds{SHA256: 10, SHA1: 10},
		Files: []backuptest.File{{Domain: "CameraRollDomain", Path: "Media/PhotoData/Photos.sqlite", Content: data}},
		Stream: func(yield func(backuptest.File) bool) {
			for i := range benchPhotos {
				name := fmt.Sprintf("DCIM/%dAPPLE/IMG_%04d", 100+(i+1)/1000, (i+1)%10000)
				for _, p := range []string{"Media/" + name + ".HEIC", "Media/" + name + ".MOV", "Media/PhotoData/Thumbnails/V2/" + name + ".HEIC/5005.JPG"} {
					if !yield(backuptest.File{Domain: "CameraRollDomain", Path: p, Size: 1000, Blob: backuptest.Absent}) {
						return
					}
				}
			}
		},
	}
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

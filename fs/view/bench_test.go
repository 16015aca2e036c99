package view_test

import (
	"fmt"
	"testing"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// BenchmarkLayout shows 10,000 rows at two places each, as photos are.
func BenchmarkLayout(b *testing.B) {
	const photos = 10_000
	var files []backuptest.File
	for i := range photos {
		files = append(files, backuptest.File{Domain: "CameraRollDomain", Path: fmt.Sprintf("Media/DCIM/IMG_%05d.HEIC", i), Blob: backuptest.Absent, Size: 1})
	}
	dir := b.TempDir()
	if err := backuptest.Write(dir, backuptest.Backup{Files: files}); err != nil {
		b.Fatal(err)
	}
	backup, err := backupfmt.OpenDir(b.Context(), dir, backupfmt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer backup.Close()
	if _, err := backup.Index(b.Context()); err != nil {
		b.Fatal(err)
	}
	s := view.NewSource(backup, view.Options{})
	at := time.Date(2024, 7, 14, 18, 3, 55, 0, time.UTC)
	for b.Loop() {
		l := s.Layout(b.Context())
		var dirs []view.Dir
		for i := range 100 {
			dirs = append(dirs, l.Root().Dir(fmt.Sprintf("Album %d", i)))
		}
		for i := range photos {
			e, err := s.Lookup(b.Context(), "CameraRollDomain", fmt.Sprintf("Media/DCIM/IMG_%05d.HEIC", i))
			if err != nil {
				b.Fatal(err)
			}
			dirs[i%100].Row(fmt.Sprintf("2024-07-14 18.03.55 IMG_%05d.HEIC", i), e, at)
			dirs[(i*7+1)%100].Rows(fmt.Sprintf("IMG_%05d", i), at, view.Part{Ext: ".HEIC", Entry: e})
		}
		t, err := l.Tree()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(t.(*vtree.Static).Bytes())/photos, "tree-B/photo")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/photos, "ns/photo")
}

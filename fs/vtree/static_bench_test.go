package vtree_test

import (
	"context"
	"fmt"
	iofs "io/fs"
	"iter"
	"runtime"
	"testing"

	"ibfs/fs/vtree"
)

// library has 100,000 files of another tree, each by date and in one of 500
// albums.
func library(b *testing.B) *vtree.Static {
	s := vtree.NewStatic(3<<30, vtree.Meta{ModTime: day})
	var albums, dates []vtree.ID
	for i := range 500 {
		albums = append(albums, must(s.AddDir(s.Root(), fmt.Sprintf("Album %d", i), vtree.Meta{ModTime: day}))(b))
	}
	for i := range 240 {
		dates = append(dates, must(s.AddDir(s.Root(), fmt.Sprintf("%d-%02d", 2004+i/12, 1+i%12), vtree.Meta{ModTime: day}))(b))
	}
	for i := range vtree.ID(100_000) {
		name := fmt.Sprintf("2024-07-14 18.03.55 IMG_%d.HEIC", i)
		for _, dir := range []vtree.ID{dates[i%240], albums[i%500]} {
			if err := s.Hang(dir, name, nowhere{}, i+1, 0, vtree.Meta{ModTime: day}); err != nil {
				b.Fatal(err)
			}
		}
	}
	return s
}

type nowhere struct{}

func (nowhere) Root() vtree.ID                                     { return 0 }
func (nowhere) Parent(context.Context, vtree.ID) (vtree.ID, error) { return 0, nil }
func (nowhere) Open(context.Context, vtree.ID) (vtree.File, error) { return nil, iofs.ErrNotExist }
func (nowhere) ReadLink(context.Context, vtree.ID) (string, error) { return "", vtree.ErrNoLink }
func (nowhere) Attr(context.Context, vtree.ID) (vtree.Attr, error) {
	return vtree.Attr{Mode: 0o444}, nil
}
func (nowhere) Lookup(context.Context, vtree.ID, string) (vtree.ID, error) {
	return 0, iofs.ErrNotExist
}
func (nowhere) ReadDir(context.Context, vtree.ID, int, func(string, vtree.ID, iofs.FileMode) bool) error {
	return nil
}
func (nowhere) Xattrs(context.Context, vtree.ID) (iter.Seq2[string, []byte], error) { return nil, nil }

func BenchmarkStatic(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := library(b)
	runtime.GC()
	runtime.ReadMemStats(&after)
	grown := after.HeapAlloc - before.HeapAlloc
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			library(b)
		}
		b.ReportMetric(float64(grown)/100_000, "heap-B/photo")
		b.ReportMetric(float64(s.Bytes())/100_000, "told-B/photo")
	})
	b.Run("lookup", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Lookup(b.Context(), 3<<30+1, "2024-07-14 18.03.55 IMG_500.HEIC"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			s.ReadDir(b.Context(), 3<<30+1, 0, func(string, vtree.ID, iofs.FileMode) bool { return true })
		}
	})
	runtime.KeepAlive(s)
}

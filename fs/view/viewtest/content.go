package viewtest

import (
	"bytes"
	"io"
	"sync"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
)

// parallel reads everything from 16 goroutines at once.
func parallel(t *testing.T, c Case, dir string) {
	want := open(t, c, dir, "").walk()
	o := open(t, c, dir, "")
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			each := &opened{T: t, tree: o.tree, ctx: o.ctx}
			compare(t, "one of 16 readers", each.walk(), want)
		})
	}
	wait.Wait()
}

// blobs compares each file that is a row of the backup with what was written
// into that row.
func blobs(t *testing.T, c Case, dir string) {
	written := map[view.Place]backuptest.File{}
	for f := range c.Backup.Rows() {
		written[view.Place{Domain: f.Domain, Path: f.Path}] = f
	}
	o := open(t, c, dir, "")
	x, err := o.source.Backup.Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows, seen := 0, 0
	for _, l := range o.walk() {
		if l.id >= view.Base || !l.mode.IsRegular() {
			continue
		}
		rows++
		domain, path := x.Path(backupfmt.Entry(l.id))
		f, ok := written[view.Place{Domain: domain, Path: path}]
		if !ok {
			continue // a name that is shown otherwise than it is written
		}
		want, err := io.ReadAll(f.Open())
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(t.Context(), o.tree, l.id)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not the blob of %s in %s: %d bytes instead of %d, %v", l.path, path, domain, len(got), len(want), err)
		}
		seen++
	}
	if rows > 0 && seen == 0 {
		t.Errorf("of %d rows none has the name that was written", rows)
	}
}

package library

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// A publishing that ends anywhere after its first file was sealed leaves a tree of
// which nothing counts as proved: what is sealed may never have reached the disk.
func TestPublishingThatDoesNotEnd(t *testing.T) {
	ends := map[string]func(w *Writer, cancel func()){
		"the disk fails": func(w *Writer, _ func()) {
			w.disk.before = func(op, _ string) error {
				if op == "syncfs" {
					return unix.EIO
				}
				return nil
			}
		},
		"no room for the record": func(w *Writer, _ func()) {
			var sealed atomic.Bool // folders are sealed side by side
			w.disk.before = func(op, _ string) error {
				if op == "chmod" {
					sealed.Store(true)
				}
				if sealed.Load() && op == "write" {
					return unix.ENOSPC
				}
				return nil
			}
		},
		"given up midway": func(w *Writer, cancel func()) {
			w.disk.before = func(op, _ string) error {
				if op == "chmod" {
					cancel()
				}
				return nil
			}
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			d := device(t, newLibrary(t))
			d.lib.way = Link
			w := lock(t, d)
			backup(t, w, 1)
			i := incoming(t, w)
			if i.Arrived(sealedMode) {
				t.Error("of a new clone everything counts as arrived")
			}
			if err := run(i, 2); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			end(w, cancel)
			if _, err := i.Publish(ctx, PublishOptions{Taken: day(2), Verify: good}); err == nil {
				t.Fatal("it is published")
			}
			w.disk.before = nil
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}

			w = lock(t, d)
			if i = incoming(t, w); !i.Resumed || !i.Arrived(sealedMode) {
				t.Errorf("resumed %v; what is sealed counts as proved", i.Resumed)
			}
			publish(t, i, day(2))
			if i = incoming(t, w); i.Resumed || i.Arrived(sealedMode) {
				t.Error("the run after that trusts nothing either")
			}
		})
	}
}

// What can be sealed is marked as such on the disk before the first file is.
func TestMarkComesBeforeTheFirstSeal(t *testing.T) {
	d := device(t, newLibrary(t))
	i := incoming(t, lock(t, d))
	if err := run(i, 1); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var did []string // guarded by mu
	i.w.disk.before = func(op, name string) error {
		mu.Lock()
		defer mu.Unlock()
		if op == "chmod" || name == "." || name == tempPrefix+stateName {
			did = append(did, op)
		}
		return nil
	}
	publish(t, i, day(1))
	if want := []string{"write", "rename", "fsync"}; len(did) < 4 || !slices.Equal(did[:3], want) || did[3] != "chmod" {
		t.Errorf("%q, want %q and then the files", did, want)
	}
	if _, err := os.Stat(d.Dir() + "/" + stateName); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the mark outlives the publishing: %v", err)
	}
}

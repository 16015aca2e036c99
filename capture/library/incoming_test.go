package library

import (
	"context"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"testing"
)

func TestResume(t *testing.T) {
	d := device(t, newLibrary(t))
	w := lock(t, d)
	i := incoming(t, w)
	write(t, i, "Snapshot/ab/half", "x")
	if _, err := w.Incoming(t.Context(), IncomingOptions{}); !errors.Is(err, ErrBusy) {
		t.Errorf("two at once: %v", err)
	}
	w.Close() // the run failed

	w = lock(t, d)
	if i = incoming(t, w); !i.Resumed || read(t, i.Dir())["Snapshot/ab/half"] != "x" {
		t.Errorf("the first run does not go on: %v", read(t, i.Dir()))
	}
	if err := errors.Join(i.Root.RemoveAll(testUDID+"/Snapshot"), run(i, 1)); err != nil {
		t.Fatal(err)
	}
	publish(t, i, day(1))

	i = incoming(t, w)
	if i.Resumed || !maps.Equal(read(t, i.Dir()), content(1)) {
		t.Errorf("no clone of the first: %v", read(t, i.Dir()))
	}
	write(t, i, "ab/arrived", "x")
	i.Close()
	if i = incoming(t, w); !i.Resumed || read(t, i.Dir())["ab/arrived"] != "x" {
		t.Error("what arrived is gone")
	}
	i.Close()

	// The newest is another now: what was cloned from the one before is old.
	second := filepath.Join(d.Dir(), snapshotsDir, "2026-11-19_00-00-00")
	if err := os.CopyFS(second, os.DirFS(filepath.Join(d.Dir(), snapshotsDir, names(t, d)[0]))); err != nil {
		t.Fatal(err)
	}
	if i = incoming(t, w); i.Resumed || !maps.Equal(read(t, i.Dir()), content(1)) {
		t.Error("an old tree goes on")
	}
	if err := i.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
	if i = incoming(t, w); i.Resumed {
		t.Error("a discarded tree goes on")
	}
}

// A clone that is broken off anywhere goes on, and is the same in the end.
func TestCloneResumes(t *testing.T) {
	for _, way := range []Way{Link, Copy} {
		t.Run(string(way), func(t *testing.T) {
			d := device(t, newLibrary(t))
			d.lib.way = way
			w := lock(t, d)
			s := backup(t, w, 1)
			before := frozen(t, s.Path)
			for stop := int64(1); ; stop += 5 {
				ctx, cancel := context.WithCancel(t.Context())
				w.disk.before = after(stop, func() error { cancel(); return nil })
				_, err := w.Incoming(ctx, IncomingOptions{})
				w.disk.before = nil
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				if err == nil && stop > 1 {
					break
				}
				if stop > 1000 {
					t.Fatal("never ends")
				}
			}
			if got := read(t, w.open.Dir()); !maps.Equal(got, content(1)) {
				t.Errorf("got %v", got)
			}
			if !maps.Equal(frozen(t, s.Path), before) {
				t.Error("the snapshot has changed")
			}
		})
	}
}

// A copy of the newest snapshot leaves free what is to stay free.
func TestCopyLeavesTheReserve(t *testing.T) {
	d := device(t, newLibrary(t))
	d.lib.way = Copy
	w := lock(t, d)
	backup(t, w, 1)
	for _, reserve := range []uint64{1 << 62, math.MaxUint64} {
		if _, err := w.Incoming(t.Context(), IncomingOptions{Reserve: reserve}); !errors.Is(err, ErrNoSpace) {
			t.Errorf("with %d kept free: %v", reserve, err)
		}
	}
	if got := list(t, filepath.Join(d.Dir(), incomingDir)); len(got) > 0 {
		t.Errorf("begun all the same: %v", got)
	}
	incoming(t, w)
}

func TestProgress(t *testing.T) {
	w := lock(t, device(t, newLibrary(t)))
	backup(t, w, 1)
	var last Progress
	i, err := w.Incoming(t.Context(), IncomingOptions{Progress: func(p Progress) {
		if p.Files < last.Files || p.Step != Cloning {
			t.Errorf("%+v after %+v", p, last)
		}
		last = p
	}})
	if err != nil || last.Files != 18 || last.Of != 18 {
		t.Errorf("cloning: %+v, %v", last, err)
	}
	_, err = i.Publish(t.Context(), PublishOptions{Taken: day(2), Verify: good, Progress: func(p Progress) { last = p }})
	if err != nil || last.Step != Publishing || last.Files < 18 {
		t.Errorf("publishing: %+v, %v", last, err)
	}
}

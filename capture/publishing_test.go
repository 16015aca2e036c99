package capture_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture"
	"ibfs/capture/fakedevice"
)

// A run that was given up while its snapshot was being published has sealed files
// that are proved again by the next: here the disk has kept zeros of one.
func TestGivenUpWhilePublishing(t *testing.T) {
	p := &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(40)), Strict: true}}
	b := newBench(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told := b.opt.Events
	b.opt.Events = func(e capture.Event) {
		if e.Step == capture.Publishing {
			cancel()
		}
		told(e)
	}
	if _, err := b.run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	b.opt.Events = told
	id := backuptest.FileID("HomeDomain", "Library/000/00007")
	blob := filepath.Join(b.lib.Dir(), udid, "incoming", udid, id[:2], id)
	fi, err := os.Stat(blob)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(os.Chmod(blob, 0o600), os.WriteFile(blob, make([]byte, fi.Size()), 0o600), os.Chmod(blob, 0o400))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := b.run(t.Context()); !errors.Is(err, capture.ErrBadTree) {
		t.Errorf("%+v, %v", r.Snapshot, err)
	}
	b.mustRun()
}

// A clock that was once ahead does not make an old snapshot the newest for ever.
func TestClockThatWasAhead(t *testing.T) {
	p := &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(10)), Strict: true}}
	b := newBench(t, p)
	ahead := time.Now().AddDate(3, 0, 0)
	b.opt.Now = func() time.Time { return ahead }
	made := []string{b.mustRun().Snapshot.Name}
	b.opt.Now = time.Now
	for n := range 2 {
		p.SetContent(content(t, small(10+n, 3)))
		r := b.mustRun()
		if r.Snapshot.Base != made[len(made)-1] {
			t.Errorf("snapshot %s goes on from %s, not from the last of %q", r.Snapshot.Name, r.Snapshot.Base, made)
		}
		made = append(made, r.Snapshot.Name)
	}
	d, err := b.lib.Device(udid)
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.Snapshots()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i, s := range all {
		names = append(names, s.Name)
		if want := ahead.Add(time.Duration(i) * time.Second); !s.Taken.Equal(want) {
			t.Errorf("%s is of %v, want %v", s.Name, s.Taken, want)
		}
	}
	if !slices.Equal(names, made) {
		t.Errorf("in the order of their instants they are %q, and were made as %q", names, made)
	}
	warned := 0
	for _, e := range b.events {
		if strings.Contains(e.Warning, "clock was ahead") && strings.Contains(e.Warning, "snapshot 20") {
			warned++
		}
	}
	if warned != 2 {
		t.Errorf("it is told %d times", warned)
	}
}

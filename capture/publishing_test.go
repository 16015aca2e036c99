package capture_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

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

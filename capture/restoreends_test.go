package capture_test

import (
	"context"
	"maps"
	"testing"

	"ibfs/capture"
	"ibfs/capture/capturetest"
	"ibfs/capture/fakedevice"
	"ibfs/capture/mobilebackup2"
)

// A restore that does not end well leaves the backup as it was and the phone free,
// and the next one gives back all.
func TestRestoreEndsEarly(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(1)), Rows: capturetest.Rows}})
	dir := folder(t, "backup", small(30))
	o := capture.RestoreOptions{RestoreOptions: mobilebackup2.RestoreDefaults(false), Dir: dir}
	for _, tt := range []struct {
		name string
		do   func(cancel func()) fakedevice.Action
		want error
	}{
		{"cut", func(func()) fakedevice.Action { return fakedevice.Cut() }, errAny},
		{"locked", func(func()) fakedevice.Action { return fakedevice.Respond(208, "Device locked") }, mobilebackup2.ErrDeviceLocked},
		{"Find My", func(func()) fakedevice.Action {
			return fakedevice.Respond(211, "Find My iPhone must be disabled before restoring")
		}, mobilebackup2.ErrFindMy},
		{"no room", func(func()) fakedevice.Action {
			return fakedevice.Respond(105, "Insufficient free disk space on device to restore (1 < 2)")
		}, mobilebackup2.ErrNoSpace},
		{"cancelled on the phone", func(func()) fakedevice.Action {
			return both(fakedevice.Notify("com.apple.itunes-client.syncCancelRequest"), fakedevice.Stall())
		}, capture.ErrCancelled},
		{"cancelled here", func(cancel func()) fakedevice.Action { return both(fakedevice.Call(cancel), fakedevice.Stall()) }, context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			before := capturetest.Frozen(t, dir)
			b.phone.SetScript(fakedevice.Fault{Before: fakedevice.StepPayloads, Do: tt.do(cancel)})
			p, err := b.connect(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if _, err := p.Restore(ctx, o); !is(err, tt.want) {
				t.Errorf("error %v", err)
			}
			if !maps.Equal(before, capturetest.Frozen(t, dir)) {
				t.Error("the backup has changed")
			}
			if b.phone.MediaFile(fakedevice.RestoreApplications) != nil {
				t.Error("the apps of a restore that failed are still asked for")
			}
			b.t = t
			got, err := b.restore(o)
			if err != nil || !maps.Equal(got.Files, state(t, dir).Files) {
				t.Errorf("the next restore: %v", err)
			}
		})
	}
}

// A phone that says that all went well, and has looked at nothing, has restored nothing.
func TestRestoreOfNothing(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(1))}})
	b.phone.SetScript(fakedevice.Fault{Before: fakedevice.StepDownload, Do: fakedevice.Respond(0, "")})
	p, err := b.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	o := capture.RestoreOptions{RestoreOptions: mobilebackup2.RestoreDefaults(false), Dir: folder(t, "backup", small(3))}
	if _, err := p.Restore(t.Context(), o); !is(err, mobilebackup2.ErrIncomplete) {
		t.Errorf("error %v", err)
	}
}

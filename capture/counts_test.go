package capture_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ibfs/capture"
	"ibfs/capture/capturetest"
	"ibfs/capture/devicelink"
	"ibfs/capture/fakedevice"
	"ibfs/capture/mobilebackup2"
)

// A backup's counts are what came: a phone that has nothing new still reads its last
// manifest again.
func TestCountsOfABackup(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(300)), Strict: true}})
	const metadata = 3 // Manifest.db, Manifest.plist and Status.plist
	for run, payloads := range []int{300, 0} {
		b.events = nil
		r := b.mustRun()
		sent := b.phone.Runs()[run]
		if sent.Sent != payloads || r.Files != payloads+metadata {
			t.Errorf("run %d: the phone sent %d payloads, and %d files are said to have come", run, sent.Sent, r.Files)
		}
		m, err := os.Stat(filepath.Join(r.Snapshot.Path, "Manifest.db"))
		if err != nil {
			t.Fatal(err)
		}
		if rest := r.Bytes - sent.SentBytes - m.Size(); rest <= 0 || rest > 64<<10 {
			t.Errorf("run %d: %d bytes are said to have come, %d more than payloads and manifest", run, r.Bytes, rest)
		}
		for _, e := range b.events {
			if phones := e.Step == capture.Sending || e.Step == capture.Receiving; phones && (e.Files > int64(r.Files) || e.Bytes > r.Bytes) {
				t.Errorf("run %d: more than came in all: %+v", run, e)
			}
		}
	}
}

// A restore's counts are what the phone got.
func TestCountsOfARestore(t *testing.T) {
	dir := folder(t, udid, small(50))
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(1)), Rows: capturetest.Rows}})
	p, err := b.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	r, err := p.Restore(t.Context(), capture.RestoreOptions{RestoreOptions: mobilebackup2.RestoreDefaults(false), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if r.Sent.Files < 50 || r.Sent.Bytes < 50 || r.Received != (devicelink.Count{}) {
		t.Errorf("%+v", r)
	}
	last := b.events[len(b.events)-1]
	if last.Step != capture.Done || last.Files != int64(r.Sent.Files) || last.Bytes != r.Sent.Bytes {
		t.Errorf("the last event is %+v, of %+v", last, r.Sent)
	}
	if !slices.ContainsFunc(b.events, func(e capture.Event) bool { return e.Step == capture.Arranging && e.Bytes == r.Sent.Bytes }) {
		t.Error("no event told of what went before the end")
	}
}

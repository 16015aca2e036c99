package capture_test

import (
	"maps"
	"testing"

	"ibfs/capture"
	"ibfs/capture/fakedevice"
	"ibfs/capture/library"
)

func TestBackup(t *testing.T) {
	for _, tt := range []struct {
		name, password string
	}{
		{"clear", ""},
		{"encrypted", password},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &fakedevice.Phone{UDID: udid, Name: "Anna's iPhone", Backup: fakedevice.Backup{
				Content: content(t, small(300), password), Password: tt.password, Strict: true,
			}}
			b := newBench(t, p)
			first := b.mustRun()
			if first.Snapshot.Verified != library.VerifiedAll || first.Encrypted != (tt.password != "") || first.Files < 300 {
				t.Errorf("%+v", first)
			}
			before := b.published()

			p.SetContent(content(t, small(301, 5, 7), password))
			second := b.mustRun()
			if second.Way == library.Copy && first.Snapshot.Path == second.Snapshot.Path {
				t.Errorf("%+v", second)
			}
			runs := p.Runs()
			if last := runs[len(runs)-1]; last.Full || tt.password == "" && last.Sent > 20 {
				t.Errorf("the second run was not incremental: %+v", last)
			}
			after := b.published()
			for name, sum := range before {
				if after[name] != sum {
					t.Errorf("%s has changed", name)
				}
			}
			if maps.Equal(before, after) {
				t.Error("no second snapshot")
			}
			if p.SyncLocked() {
				t.Error("the phone is still locked for others")
			}
			if !b.needed(capture.NeedPasscode) {
				t.Error("nobody was told of the passcode prompt")
			}
		})
	}
}

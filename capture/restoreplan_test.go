package capture_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture"
	"ibfs/capture/capturetest"
	"ibfs/capture/fakedevice"
	"ibfs/capture/mobilebackup2"
)

// FC-34: what the phone is asked for, and what the plan says will not come back.
func TestRestoreOptionsFC34(t *testing.T) {
	other := small(3)
	other.UDID = otherUDID
	other.Apps = []backuptest.App{{ID: "com.example.notes", Name: "Notes"}, {ID: "com.example.maps", Name: "Maps"}}
	dir := folder(t, "backup", other)
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(1)), Rows: capturetest.Rows},
		Apps: []fakedevice.App{{ID: "com.example.maps"}}})
	for _, tt := range []struct {
		name          string
		erasedOrOther bool
		leftOut       []string
	}{
		{"FC-34 erased or another phone", true, []string{"passwords", "settings"}},
		{"FC-34 the same phone", false, []string{"passwords", "iOS itself", "the data of 1 apps", "settings"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.t = t
			o := capture.RestoreOptions{RestoreOptions: mobilebackup2.RestoreDefaults(tt.erasedOrOther), Dir: dir}
			p, err := b.connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			plan, err := p.PlanRestore(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if plan.Backup.UDID != otherUDID || !plan.Other || plan.Encrypted || plan.Taken.IsZero() || !slices.Equal(plan.Apps, []string{"com.example.notes"}) {
				t.Errorf("%+v", plan)
			}
			if !slices.EqualFunc(plan.LeftOut, tt.leftOut, strings.Contains) {
				t.Errorf("left out: %q", plan.LeftOut)
			}
			got, err := b.restore(o)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]any{
				"RestoreSystemFiles": tt.erasedOrOther, "RemoveItemsNotRestored": tt.erasedOrOther,
				"RestorePreserveSettings": true, "RestoreDontCopyBackup": true,
			}
			if !maps.Equal(got.Options, want) {
				t.Errorf("options %v", got.Options)
			}
		})
	}
}

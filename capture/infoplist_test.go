package capture_test

import (
	"os"
	"path/filepath"
	"testing"

	"ibfs/capture"
	"ibfs/capture/capturetest"
	"ibfs/capture/fakedevice"
	"ibfs/capture/mobilebackup2"
	"ibfs/capture/plist"
)

// Whatever the phone does to Info.plist, the snapshot has it, and can be restored.
func TestInfoPlistIsKept(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(5)), Rows: capturetest.Rows}})
	const name = udid + "/Info.plist"
	first := b.mustRun().Snapshot.Path
	guid := infoOf(t, first).String("GUID")
	remove := fakedevice.Send("DLMessageRemoveItems", []string{name}, 0, 0.0)
	for what, do := range map[string]fakedevice.Action{
		"removed":  remove,
		"moved":    fakedevice.Send("DLMessageMoveItems", map[string]any{name: udid + "/Info.old"}, 0, 0.0),
		"emptied":  fakedevice.Upload(name, nil),
		"spoiled":  fakedevice.Upload(name, []byte("not a list")),
		"a folder": both(remove, fakedevice.Send("DLMessageCreateDirectory", name+"/below", 0, 0.0)),
	} {
		t.Run(what, func(t *testing.T) {
			b.t = t
			b.phone.SetScript(fakedevice.Fault{Before: fakedevice.StepResponse, Do: do})
			dir := b.mustRun().Snapshot.Path
			info := infoOf(t, dir)
			if info.String("Target Identifier") != udid || info.String("GUID") != guid {
				t.Errorf("it is of %q, and has the GUID %q, not %q", info.String("Target Identifier"), info.String("GUID"), guid)
			}
			if _, err := b.restore(capture.RestoreOptions{RestoreOptions: mobilebackup2.RestoreDefaults(false), Dir: dir}); err != nil {
				t.Error(err)
			}
		})
	}
}

func infoOf(t *testing.T, dir string) plist.Dict {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "Info.plist"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := plist.DecodeDict(data)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

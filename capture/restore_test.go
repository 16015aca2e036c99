package capture_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture"
	"ibfs/capture/capturetest"
	"ibfs/capture/fakedevice"
	"ibfs/capture/mobilebackup2"
)

// otherUDID is that of a phone that is not connected.
const otherUDID = "00008101-001122334455001E"

// restore gives the bench's phone a backup, and says what it got.
func (b *bench) restore(o capture.RestoreOptions) (*fakedevice.Restored, error) {
	b.t.Helper()
	p, err := b.connect(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	defer p.Close()
	before := capturetest.Frozen(b.t, o.Dir)
	asked := len(b.phone.Runs())
	_, err = p.Restore(b.t.Context(), o)
	if !maps.Equal(before, capturetest.Frozen(b.t, o.Dir)) {
		b.t.Errorf("the backup has changed")
	}
	if b.phone.SyncLocked() {
		b.t.Error("the phone is still locked for others")
	}
	if runs := b.phone.Runs(); len(runs) > asked {
		return runs[len(runs)-1].Restore, err
	}
	return nil, err
}

// folder writes a backup.
func folder(t testing.TB, name string, b backuptest.Backup) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	return dir
}

func state(t testing.TB, dir string) *fakedevice.State {
	t.Helper()
	s, err := fakedevice.ReadState(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every file of a backup comes back: of a snapshot that we made, and of a folder
// that others did, whatever it is called and whose ever it is.
func TestRestore(t *testing.T) {
	for _, pw := range []string{"", password} {
		name := map[string]string{"": "clear", password: "encrypted"}[pw]
		b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{
			Content: content(t, small(120), password), Password: pw, Rows: capturetest.Rows,
		}})
		of := func(udid string) backuptest.Backup {
			other := small(50)
			other.UDID, other.Password = udid, pw
			other.Apps = []backuptest.App{{ID: "com.example.notes", Name: "Notes"}}
			return other
		}
		for _, tt := range []struct {
			name, dir, source string
		}{
			{"snapshot", b.mustRun().Snapshot.Path, udid},
			{"folder with another name", folder(t, "an old backup", of(udid)), udid},
			{"another phone", folder(t, otherUDID+"-20261120-081502", of(otherUDID)), otherUDID},
		} {
			t.Run(name+" "+tt.name, func(t *testing.T) {
				b.t = t
				o := capture.RestoreOptions{RestoreOptions: mobilebackup2.RestoreDefaults(tt.source != udid), Dir: tt.dir}
				o.Password = []byte(pw)
				got, err := b.restore(o)
				if err != nil {
					t.Fatalf("%v; the phone saw %v", err, b.phone.Events())
				}
				if want := state(t, tt.dir).Files; !maps.Equal(got.Files, want) || len(want) < 50 {
					t.Errorf("%d of %d files came back", len(got.Files), len(want))
				}
				if got.Source != tt.source {
					t.Errorf("the phone was told of a backup of %q", got.Source)
				}
				if hasApps := strings.Contains(string(got.Applications), "com.example.notes"); hasApps != (tt.name != "snapshot") {
					t.Errorf("apps: %s", got.Applications)
				}
				if pw == "" {
					return
				}
				o.Password = []byte("wrong")
				if _, err := b.restore(o); !errors.Is(err, mobilebackup2.ErrWrongPassword) {
					t.Errorf("a wrong password: %v", err)
				}
				if b.phone.MediaFile(fakedevice.RestoreApplications) != nil {
					t.Error("the apps of a restore that failed are still asked for")
				}
			})
		}
	}
}

// A phone that works on the backup that it restores works on an overlay.
func TestRestoreOverlay(t *testing.T) {
	other := small(10)
	other.UDID = otherUDID
	dir := folder(t, "backup", other)
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(1)), Rows: capturetest.Rows}})
	b.phone.SetScript(
		fakedevice.Fault{Before: fakedevice.StepResponse, Do: fakedevice.Send("DLMessageCopyItem", otherUDID+"/Manifest.db", otherUDID+"/copy")},
		fakedevice.Fault{Before: fakedevice.StepResponse, Do: fakedevice.Send("DLMessageMoveItems", map[string]any{otherUDID + "/Status.plist": otherUDID + "/moved"}, 0, 0.0)},
		fakedevice.Fault{Before: fakedevice.StepResponse, Do: fakedevice.Upload(otherUDID+"/Manifest.plist", []byte("other"))},
		fakedevice.Fault{Before: fakedevice.StepResponse, Do: fakedevice.Download(otherUDID+"/copy", otherUDID+"/moved", otherUDID+"/Manifest.plist")},
		fakedevice.Fault{Before: fakedevice.StepResponse, Do: fakedevice.Send("DLMessageRemoveItems", []string{otherUDID}, 0, 0.0)},
	)
	if _, err := b.restore(capture.RestoreOptions{RestoreOptions: mobilebackup2.RestoreDefaults(true), Dir: dir}); err != nil {
		t.Fatal(err)
	}
	runs := b.phone.Runs()
	answers := runs[len(runs)-1].Answers
	if len(answers) != 5 {
		t.Fatalf("%+v", answers)
	}
	for _, a := range answers {
		if a.Code != 0 {
			t.Errorf("%+v", a)
		}
	}
	size := func(name string) int64 {
		fi, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return fi.Size()
	}
	if want := size("Manifest.db") + size("Status.plist") + int64(len("other")); answers[3].Bytes != want {
		t.Errorf("%d bytes came back, not %d", answers[3].Bytes, want)
	}
}

// The phone is told whose backup it is even where only one file or the folder's
// name tells.
func TestRestoreWhose(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(1)), Rows: capturetest.Rows}})
	noInfo := func(i map[string]any) { delete(i, "Target Identifier") }
	nowhere := func(m map[string]any) { delete(m, "Lockdown") }
	for _, tt := range []struct {
		name   string
		folder string
		backup backuptest.Backup
		want   string
	}{
		{"Info.plist", "x", backuptest.Backup{UDID: otherUDID}, otherUDID},
		{"Manifest.plist", "x", backuptest.Backup{UDID: otherUDID, EditInfo: noInfo}, otherUDID},
		{"folder", udid, backuptest.Backup{UDID: otherUDID, EditInfo: noInfo, EditManifest: nowhere}, udid},
		{"folder with a date", udid + "-20261120-081502", backuptest.Backup{EditInfo: noInfo, EditManifest: nowhere}, udid},
		{"nothing", "x", backuptest.Backup{EditInfo: noInfo, EditManifest: nowhere}, ""},
		{"path", "x", backuptest.Backup{EditInfo: func(i map[string]any) { i["Target Identifier"] = "../" + udid }}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.t = t
			got, err := b.restore(capture.RestoreOptions{Dir: folder(t, tt.folder, tt.backup)})
			switch {
			case tt.want == "" && (err == nil || got != nil):
				t.Errorf("%v, %v", got, err)
			case tt.want != "" && (err != nil || got.Source != tt.want):
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

package capture_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	iofs "io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/capture"
	"ibfs/capture/fakedevice"
	"ibfs/capture/mobilebackup2"
)

// otherUDID is that of a phone that is not connected.
const otherUDID = "00008101-001122334455001E"

// rows reads a manifest as a phone does that has never seen the backup.
func rows(manifestPlist, manifestDB []byte, password string) ([]string, error) {
	ctx := context.Background()
	b, err := backupfmt.Open(ctx, fstest.MapFS{
		"Manifest.plist": {Data: manifestPlist}, "Manifest.db": {Data: manifestDB},
	}, backupfmt.Options{})
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if b.Locked() {
		secret, err := b.Derive(ctx, []byte(password))
		if err != nil {
			return nil, err
		}
		if err := b.Unlock(ctx, secret); err != nil {
			return nil, err
		}
	}
	x, err := b.Index(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for e := range x.All {
		if row, err := b.Row(ctx, e); err == nil && row.Mode&0o170000 == 0o100000 {
			names = append(names, row.FileID[:2]+"/"+row.FileID)
		}
	}
	return names, nil
}

// frozen is all that can be told of what lies in a folder, but the time of the last
// look.
func frozen(t testing.TB, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d iofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		var content []byte
		if d.Type().IsRegular() {
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		found[path] = fmt.Sprint(st.Ino, st.Mode, st.Nlink, st.Size, st.Mtim, st.Ctim, sha256.Sum256(content))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// restore gives the bench's phone a backup, and says what it got.
func (b *bench) restore(o capture.RestoreOptions) (*fakedevice.Restored, error) {
	b.t.Helper()
	p, err := b.connect(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	defer p.Close()
	before := frozen(b.t, o.Dir)
	asked := len(b.phone.Runs())
	_, err = p.Restore(b.t.Context(), o)
	if !maps.Equal(before, frozen(b.t, o.Dir)) {
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
			Content: content(t, small(120), password), Password: pw, Rows: rows,
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
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(1)), Rows: rows}})
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

// A restore that does not end well leaves the backup as it was and the phone free,
// and the next one gives back all.
func TestRestoreEndsEarly(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(1)), Rows: rows}})
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
			before := frozen(t, dir)
			b.phone.SetScript(fakedevice.Fault{Before: fakedevice.StepPayloads, Do: tt.do(cancel)})
			p, err := b.connect(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if _, err := p.Restore(ctx, o); !is(err, tt.want) {
				t.Errorf("error %v", err)
			}
			if !maps.Equal(before, frozen(t, dir)) {
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

// FC-34: what the phone is asked for, and what the plan says will not come back.
func TestRestoreOptionsFC34(t *testing.T) {
	other := small(3)
	other.UDID = otherUDID
	other.Apps = []backuptest.App{{ID: "com.example.notes", Name: "Notes"}, {ID: "com.example.maps", Name: "Maps"}}
	dir := folder(t, "backup", other)
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(1)), Rows: rows},
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

var (
	errNotWhole = errors.New("not whole")
	errAny      = errors.New("any error")
)

func is(err, want error) bool { return errors.Is(err, want) || want == errAny && err != nil }

// What cannot be restored is refused before the phone is asked for anything.
func TestRestoreRefused(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, ProductVersion: "17.5.1", Backup: fakedevice.Backup{Content: content(t, small(1)), Rows: rows}})
	whole := func(ctx context.Context, dir string) error {
		backup, err := backupfmt.OpenDir(ctx, dir, backupfmt.Options{})
		if err != nil {
			return err
		}
		defer backup.Close()
		report, err := backup.Verify(ctx, backupfmt.VerifyOptions{Whole: func(iofs.FileInfo) bool { return false }})
		if err == nil && len(report.Findings) > 0 {
			err = errNotWhole
		}
		return err
	}
	for _, tt := range []struct {
		name  string
		edit  func(*backuptest.Backup)
		spoil func(dir string) error
		want  error
	}{
		{name: "sound"},
		{name: "of the same iOS", edit: func(b *backuptest.Backup) { b.ProductVersion = "17.5.1.0" }},
		{name: "of an older iOS", edit: func(b *backuptest.Backup) { b.ProductVersion = "9.3.5" }},
		{name: "of a newer iOS", edit: func(b *backuptest.Backup) { b.ProductVersion = "17.10" }, want: capture.ErrNewerIOS},
		{name: "of a newer iOS, by Manifest.plist", want: capture.ErrNewerIOS, edit: func(b *backuptest.Backup) {
			b.ProductVersion = "18"
			b.EditInfo = func(i map[string]any) { delete(i, "Product Version") }
		}},
		{name: "unfinished", edit: func(b *backuptest.Backup) { b.State = "moving" }, want: mobilebackup2.ErrIncomplete},
		{name: "no status", edit: func(b *backuptest.Backup) { b.NoStatus = true }, want: mobilebackup2.ErrIncomplete},
		{name: "no Info.plist", edit: func(b *backuptest.Backup) { b.NoInfo = true }, want: iofs.ErrNotExist},
		{name: "no index", spoil: func(dir string) error { return os.Remove(filepath.Join(dir, "Manifest.db")) }, want: mobilebackup2.ErrIncomplete},
		{name: "no folder", spoil: os.RemoveAll, want: iofs.ErrNotExist},
		{name: "Info.plist is a link", want: errAny, spoil: func(dir string) error {
			info := filepath.Join(dir, "Info.plist")
			return errors.Join(os.Rename(info, info+"2"), os.Symlink("Info.plist2", info))
		}},
		{name: "a missing file", want: errNotWhole, spoil: func(dir string) error {
			id := backuptest.FileID("HomeDomain", "Library/000/00007")
			return os.Remove(filepath.Join(dir, id[:2], id))
		}},
		{name: "encrypted, without its password", edit: func(b *backuptest.Backup) { b.Password = password }, want: mobilebackup2.ErrWrongPassword},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.t = t
			backup := small(10)
			if tt.edit != nil {
				tt.edit(&backup)
			}
			dir := folder(t, "backup", backup)
			if tt.spoil != nil {
				if err := tt.spoil(dir); err != nil {
					t.Fatal(err)
				}
			}
			p, err := b.connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			asked := len(b.phone.Events())
			o := capture.RestoreOptions{RestoreOptions: mobilebackup2.RestoreDefaults(false), Dir: dir, Verify: whole}
			_, planned := p.PlanRestore(t.Context(), o)
			if tt.want == nil {
				if planned != nil {
					t.Error(planned)
				}
				return
			}
			if _, err := p.Restore(t.Context(), o); !is(err, tt.want) || !is(planned, tt.want) {
				t.Errorf("planned: %v; restored: %v", planned, err)
			}
			if events := b.phone.Events(); len(events) > asked {
				t.Errorf("the phone saw %v", events[asked:])
			}
		})
	}
}

// The phone is told whose backup it is even where only one file or the folder's
// name tells.
func TestRestoreWhose(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(1)), Rows: rows}})
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

package capture_test

import (
	"context"
	"errors"
	iofs "io/fs"
	"os"
	"path/filepath"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/capture"
	"ibfs/capture/capturetest"
	"ibfs/capture/fakedevice"
	"ibfs/capture/mobilebackup2"
)

var (
	errNotWhole = errors.New("not whole")
	errAny      = errors.New("any error")
)

func is(err, want error) bool { return errors.Is(err, want) || want == errAny && err != nil }

// What cannot be restored is refused before the phone is asked for anything.
func TestRestoreRefused(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, ProductVersion: "17.5.1", Backup: fakedevice.Backup{Content: content(t, small(1)), Rows: capturetest.Rows}})
	whole := func(ctx context.Context, dir string) error {
		backup, err := backupfmt.OpenDir(ctx, dir, backupfmt.Options{})
		if err != nil {
			return err
		}
		defer backup.Close()
		report, err := backup.Verify(ctx, backupfmt.VerifyOptions{Whole: func(iofs.FileMode) bool { return false }})
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
		{name: "unfinished", edit: func(b *backuptest.Backup) { b.State = "moving" }, want: mobilebackup2.ErrUnfinished},
		{name: "no status", edit: func(b *backuptest.Backup) { b.NoStatus = true }, want: mobilebackup2.ErrUnfinished},
		{name: "no Info.plist", edit: func(b *backuptest.Backup) { b.NoInfo = true }, want: iofs.ErrNotExist},
		{name: "no index", spoil: func(dir string) error { return os.Remove(filepath.Join(dir, "Manifest.db")) }, want: mobilebackup2.ErrUnfinished},
		{name: "no list in Manifest.plist", spoil: func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "Manifest.plist"), []byte("hello"), 0o600)
		}, want: capture.ErrNoSource},
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

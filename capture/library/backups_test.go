package library

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/capture/capturetest"
)

// arrive puts a whole backup into the tree as a device does, file by file.
func arrive(t *testing.T, i *Incoming, b backuptest.Backup) {
	t.Helper()
	sent := t.TempDir()
	if err := backuptest.Write(sent, b); err != nil {
		t.Fatal(err)
	}
	err := iofs.WalkDir(os.DirFS(sent), ".", func(name string, e iofs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(sent, name))
		if err != nil {
			return err
		}
		return writeFile(i, name, string(data))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// verify is what the command hands in.
func verify(password string) func(context.Context, string) (Verified, error) {
	return func(ctx context.Context, dir string) (Verified, error) {
		b, err := backupfmt.OpenDir(ctx, dir, backupfmt.Options{})
		if err != nil {
			return "", err
		}
		defer b.Close()
		if err := capturetest.Unlock(ctx, b, password); err != nil {
			return "", err
		}
		report, err := b.Verify(ctx, backupfmt.VerifyOptions{})
		if err == nil && len(report.Findings) > 0 {
			err = fmt.Errorf("%d findings", len(report.Findings))
		}
		return VerifiedAll, err
	}
}

// Real backups of each generation, plain and encrypted, are found as snapshots
// of their device; the tree of the run that goes on is not.
func TestBackupsAreFound(t *testing.T) {
	for name, b := range backuptest.Variants(backuptest.Backup{Password: "secret", DeviceName: "Anna's iPhone"}) {
		t.Run(name, func(t *testing.T) {
			l := newLibrary(t)
			var d *Device
			var w *Writer
			frozenAt := map[string]map[string]string{}
			for n := 1; n <= 3; n++ {
				b.Date = time.Date(2026, 11, n, 7, 15, 2, 0, time.UTC)
				b.Files = []backuptest.File{
					{Domain: "HomeDomain", Path: "Library/same", Content: []byte("same")},
					{Domain: "HomeDomain", Path: fmt.Sprint("Library/", n), Content: []byte("other")},
				}
				if w == nil {
					d = deviceOf(t, l, b)
					w = lock(t, d)
				}
				i := incoming(t, w)
				arrive(t, i, b)
				s, err := i.Publish(t.Context(), PublishOptions{Taken: b.Date, Verify: verify(b.Password)})
				if err != nil {
					t.Fatal(err)
				}
				frozenAt[s.Path] = frozen(t, s.Path)
			}
			arrive(t, incoming(t, w), b) // a run that has not ended
			all, err := d.Snapshots()
			if err != nil || len(all) != 3 {
				t.Fatal(all, err)
			}
			found, err := backupfmt.Find(t.Context(), l.Dir())
			if err != nil || len(found) != 3 {
				t.Fatalf("found %v, %v", found, err)
			}
			for n, f := range found {
				if f.Err != nil || f.Path != all[n].Path || f.Info.UDID != d.udid || f.Info.DeviceName != "Anna's iPhone" || !f.Info.Date.Equal(all[n].Taken) {
					t.Errorf("found %+v, want %+v", f, all[n])
				}
				if !maps.Equal(frozen(t, f.Path), frozenAt[f.Path]) {
					t.Errorf("%s has changed", f.Path)
				}
				if v, err := verify(b.Password)(t.Context(), f.Path); v != VerifiedAll || err != nil {
					t.Errorf("%s: %v", f.Path, err)
				}
			}
		})
	}
}

// A blob that is missing keeps the tree from being published.
func TestBrokenBackupIsNotPublished(t *testing.T) {
	b := backuptest.Backup{Files: []backuptest.File{{Domain: "HomeDomain", Path: "a", Content: []byte("a")}}}
	d := deviceOf(t, newLibrary(t), b)
	i := incoming(t, lock(t, d))
	arrive(t, i, b)
	id := backuptest.FileID("HomeDomain", "a")
	if err := os.Remove(filepath.Join(i.Dir(), id[:2], id)); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Publish(t.Context(), PublishOptions{Taken: day(1), Verify: verify("")}); err == nil || errors.Is(err, ErrOddFile) {
		t.Errorf("published: %v", err)
	}
	if got := names(t, d); len(got) > 0 {
		t.Errorf("published %v", got)
	}
}

// deviceOf is the device that a backup says it is of.
func deviceOf(t *testing.T, l *Library, b backuptest.Backup) *Device {
	t.Helper()
	dir := t.TempDir()
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	info, err := backupfmt.ReadInfo(os.DirFS(dir), dir)
	if err != nil {
		t.Fatal(err)
	}
	d, err := l.Device(info.UDID)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

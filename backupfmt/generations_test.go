package backupfmt_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// Every generation, as a writer that knows nothing of this reader makes it.
func TestFindEveryGeneration(t *testing.T) {
	sample := backuptest.Sample()
	sample.DeviceName = "Anna's iPhone"
	sample.Date = time.Date(2026, 11, 20, 8, 15, 2, 0, time.UTC)
	for name, b := range backuptest.Variants(sample) {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, strings.ReplaceAll(name, " ", "-"))
			if err := backuptest.Write(dir, b); err != nil {
				t.Fatal(err)
			}
			found, err := backupfmt.Find(t.Context(), root)
			if err != nil || len(found) != 1 || found[0].Err != nil || found[0].Path != dir {
				t.Fatalf("found %+v, %v", found, err)
			}
			info := found[0].Info
			if info.DeviceName != "Anna's iPhone" || info.UDID == "" || info.ProductVersion == "" || info.Encrypted != b.Encrypted() || !info.Finished {
				t.Errorf("info = %+v", info)
			}
			if age := info.Date.Sub(sample.Date); age < -time.Hour || age > time.Hour {
				t.Errorf("date = %v", info.Date)
			}
			for _, app := range b.Apps {
				if got := info.Apps[app.ID]; got.Version == "" || (app.Name == "") != (got.Name == "") || !strings.HasPrefix(app.Name, got.Name) {
					t.Errorf("app %s = %+v, want name %q", app.ID, got, app.Name)
				}
			}
			if len(info.Warnings) > 0 {
				t.Errorf("warnings = %q", info.Warnings)
			}
		})
	}
}

func TestFC07FindUnpacked(t *testing.T) {
	root := t.TempDir()
	if err := backuptest.WriteUnpacked(filepath.Join(root, "x"), backuptest.Sample()); err != nil {
		t.Fatal(err)
	}
	found, err := backupfmt.Find(t.Context(), root)
	if err != nil || len(found) != 1 || !errors.Is(found[0].Err, backupfmt.ErrUnpacked) || !strings.Contains(found[0].Err.Error(), "use the folders as they are") {
		t.Errorf("found %+v, %v", found, err)
	}
}

package fakedevice_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture/capturetest"
	"ibfs/capture/fakedevice"
)

// A phone that has never seen a backup gets back what its manifest lists.
func TestRestoreToAnotherPhone(t *testing.T) {
	request := func(password string) map[string]any {
		return map[string]any{
			"MessageName": "Restore", "TargetIdentifier": udid, "SourceIdentifier": "other",
			"Options": map[string]any{"RestoreSystemFiles": true, "RemoveItemsNotRestored": true, "Password": password},
		}
	}
	dir := t.TempDir()
	if err := backuptest.Write(filepath.Join(dir, "other"), encrypted(backuptest.Sample(), "secret")); err != nil {
		t.Fatal(err)
	}
	source, err := fakedevice.ReadState(os.DirFS(filepath.Join(dir, "other")))
	if err != nil {
		t.Fatal(err)
	}
	p, h := phone(content(t, tiny())), &linkHost{dir: dir}
	p.Backup.Rows = capturetest.Rows

	ends := func(password string, code uint64) *fakedevice.Restored {
		t.Helper()
		r, err := h.request(t, p, request(password))
		if err != nil {
			t.Fatal(err)
		}
		if r["ErrorCode"] != code {
			t.Fatalf("ended with %v, not %d", r, code)
		}
		return last(t, p).Restore
	}
	ends("wrong", 207)
	got := ends("secret", 0)
	if !maps.Equal(got.Files, source.Files) {
		t.Errorf("%d of %d files came back", len(got.Files), len(source.Files))
	}
	if got.Options["RemoveItemsNotRestored"] != true || got.Options["Password"] != nil {
		t.Errorf("options %v", got.Options)
	}

	gone := backuptest.FileID("HealthDomain", "Health/healthdb.sqlite")
	if err := os.Remove(filepath.Join(dir, "other", gone[:2], gone)); err != nil {
		t.Fatal(err)
	}
	if got := ends("secret", 205); !slices.Equal(got.Missing, []string{gone[:2] + "/" + gone}) {
		t.Errorf("missing: %v", got.Missing)
	}
	if err := os.Remove(filepath.Join(dir, "other", "Status.plist")); err != nil {
		t.Fatal(err)
	}
	ends("secret", 205)
}

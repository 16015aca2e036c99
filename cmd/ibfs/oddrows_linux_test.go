package main

import (
	"encoding/json"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture/fakedevice"
)

// A row that the phone makes odd would be so in each new backup: the snapshot is
// kept, and the row told. An encrypted phone's as well as another's.
func TestBackupWithOddRows(t *testing.T) {
	folder := backuptest.File{Domain: "HomeDomain", Path: "Library//odd", Mode: 0o040755, Bare: true}
	unreadable := backuptest.File{Domain: "HomeDomain", Path: "Library/noise", Content: []byte("x"), Record: []byte("noise")}
	for name, c := range map[string]struct {
		odd      []backuptest.File
		password string
		want     string
	}{
		"a folder":      {[]backuptest.File{folder}, "", "1 rows of the phone's manifest are odd"},
		"its own words": {[]backuptest.File{unreadable}, "", "1 rows of the phone's manifest are odd"},
		"encrypted":     {[]backuptest.File{folder, unreadable}, samplePassword, "2 rows of the phone's manifest are odd"},
	} {
		t.Run(name, func(t *testing.T) {
			p := &fakedevice.Phone{Name: "Anna's iPhone", Backup: fakedevice.Backup{Password: c.password}}
			library := plugIn(t, p)
			b := backuptest.Sample()
			b.UDID, b.DeviceName, b.Password = p.UDID, p.Name, c.password
			b.Files = append(b.Files, c.odd...)
			p.SetContent(phoneContent(t, b))
			args := []string{"--password-file", secretFile(t, samplePassword)}
			for _, full := range [][]string{nil, {"--full"}} {
				stdout, stderr := works(t, append(append([]string{"backup", "--json"}, full...), args...)...)
				var told []backedUp
				if err := json.Unmarshal([]byte(stdout), &told); err != nil {
					t.Fatal(err)
				}
				if len(told) != 1 || told[0].Verified != "all" || len(told[0].Warnings) != 1 || !strings.Contains(told[0].Warnings[0], c.want) {
					t.Errorf("%s", stdout)
				}
				if strings.Count(stderr, c.want) != 1 || !strings.Contains(stderr, c.odd[0].Path) {
					t.Errorf("it is not told of:\n%s", stderr)
				}
			}
			if all := snapshotNames(t, library, p.UDID); len(all) == 0 {
				t.Error("no snapshot is kept")
			}
			stdout, _, code := ibfs(t, append([]string{"verify", p.Name}, args...)...)
			if code != exitDamaged || !strings.Contains(stdout, "row      HomeDomain/"+c.odd[0].Path) {
				t.Errorf("verify: exit code %d\n%s", code, stdout)
			}
		})
	}
}

// phoneContent is what a phone holds whose backup is b.
func phoneContent(t *testing.T, b backuptest.Backup) fakedevice.Content {
	t.Helper()
	state, err := fakedevice.ReadState(os.DirFS(written(t, b)))
	if err != nil {
		t.Fatal(err)
	}
	return fakedevice.Content{b.Password: state}
}

// A manifest that is damaged itself is no odd row: what it had may be lost.
func TestProofOfADamagedManifest(t *testing.T) {
	b := backuptest.Backup{}
	for i := range 400 {
		b.Files = append(b.Files, backuptest.File{Domain: "HomeDomain", Path: fmt.Sprintf("Library/%04d", i), Content: []byte{byte(i)}})
	}
	dir := written(t, b)
	manifest := filepath.Join(dir, "Manifest.db")
	data, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	middle := len(data) / 2 / 4096 * 4096
	clear(data[middle : middle+4096])
	if err := os.WriteFile(manifest, data, 0o600); err != nil {
		t.Fatal(err)
	}
	a := &app{stderr: new(strings.Builder), noKeyring: true}
	p := &proof{app: a, show: a.showRun("Anna", &backupTask, true)}
	_, err = p.verify(t.Context(), dir, func(iofs.FileMode) bool { return true })
	if err == nil || !strings.Contains(err.Error(), "does not hold together") {
		t.Errorf("%v, %q", err, a.stderr)
	}
	stdout, _, code := ibfs(t, "verify", dir)
	if code != exitDamaged || !strings.Contains(stdout, "manifest ") || strings.Contains(stdout, "manifest manifest") {
		t.Errorf("verify: exit code %d\n%s", code, stdout)
	}
}

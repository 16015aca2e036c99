package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture/fakedevice"
)

// copyOf copies a folder into a new one.
func copyOf(t *testing.T, dir string) (to string) {
	t.Helper()
	to = filepath.Join(t.TempDir(), filepath.Base(dir))
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// A snapshot is deleted where it was found, whatever else there is.
func TestDeleteWhereItIsFound(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	usual := plugIn(t, p)
	works(t, "backup")
	snapshot := func(library string) string { return snapshotNames(t, library, p.UDID)[0] }
	tests := map[string]func(t *testing.T, library string) (args []string){
		"--backups":    func(_ *testing.T, library string) []string { return []string{"--backups", library, p.Name} },
		"--library":    func(_ *testing.T, library string) []string { return []string{"--library", library, p.Name} },
		"a path":       func(_ *testing.T, library string) []string { return []string{snapshot(library)} },
		"a device":     func(_ *testing.T, library string) []string { return []string{filepath.Join(library, p.UDID)} },
		"a link to it": func(t *testing.T, library string) []string { return []string{linkTo(t, snapshot(library))} },
		"IBFS_BACKUPS": func(t *testing.T, library string) []string {
			t.Setenv("IBFS_BACKUPS", library)
			return []string{p.Name}
		},
		"the usual place": func(t *testing.T, library string) []string {
			t.Setenv("IBFS_LIBRARY", library)
			return []string{p.Name}
		},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			library := copyOf(t, usual)
			going := snapshot(library)
			stdout, stderr := works(t, append([]string{"delete", "--yes", "--force"}, args(t, library)...)...)
			if len(snapshotNames(t, library, p.UDID)) != 0 || len(snapshotNames(t, usual, p.UDID)) != 1 {
				t.Errorf("there are %q in it, and elsewhere %q", snapshotNames(t, library, p.UDID), snapshotNames(t, usual, p.UDID))
			}
			if name != "a link to it" && (!strings.Contains(stderr, going) || !strings.Contains(stdout, going)) {
				t.Errorf("it does not say where that is:\n%s%s", stderr, stdout)
			}
		})
	}
}

// The only snapshot goes by force alone, also where nothing is known of it, and that
// is told before anything is asked.
func TestDeleteOfTheOnlySnapshot(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	library := plugIn(t, p)
	works(t, "backup")
	if err := os.Remove(snapshotNames(t, library, p.UDID)[0] + ".json"); err != nil {
		t.Fatal(err)
	}
	fails(t, exitFailed, "last good snapshot", "--force", "delete", p.Name)
}

// What another program made is not for us to delete, wherever it lies.
func TestDeleteRefused(t *testing.T) {
	ownHome(t)
	b := backuptest.Sample()
	library := t.TempDir()
	places := map[string]string{
		"beside a library":      filepath.Join(t.TempDir(), "backup"),
		"in a device's":         filepath.Join(library, b.UDID, "mine"),
		"no library at all":     filepath.Join(t.TempDir(), b.UDID, "snapshots", "2026-11-20_08-15-02"),
		"straight in a library": filepath.Join(library, "snapshots", "mine"),
	}
	if err := os.WriteFile(filepath.Join(library, "library.json"), []byte(`{"schema": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, dir := range places {
		t.Run(name, func(t *testing.T) {
			writeTo(t, dir, b)
			fails(t, exitNotFound, "no snapshot of a library of ibfs", "other programs", "delete", "--yes", "--force", dir)
			if _, err := os.Stat(filepath.Join(dir, "Manifest.db")); err != nil {
				t.Error(err)
			}
		})
	}
}

// Of two phones of one name the second takes the name when the first is gone: a
// command that is repeated must not then delete the other's.
func TestDeleteOfASharedName(t *testing.T) {
	ownHome(t)
	library := t.TempDir()
	if err := os.WriteFile(filepath.Join(library, "library.json"), []byte(`{"schema": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	const first, second = "00008110-000A1C2E3F408010", "00008110-000A1C2E3F408011"
	for _, udid := range []string{first, second} {
		b := backuptest.Backup{UDID: udid, DeviceName: "First", Files: []backuptest.File{{Domain: "HomeDomain", Path: "x", Content: []byte("x")}}}
		writeTo(t, filepath.Join(library, udid, "snapshots", "2026-11-20_08-15-02"), b)
	}
	t.Setenv("IBFS_LIBRARY", library)
	for _, name := range []string{"First", "First@latest", "First@2026-11-20_08-15-02"} {
		fails(t, exitNotFound, "First: several phones have this name", "UDID@DATE", "delete", "--yes", "--force", name)
	}
	works(t, "delete", "--yes", "--force", first+"@latest")
	fails(t, exitNotFound, "no such backup", "", "delete", "--yes", "--force", first+"@latest")
	works(t, "delete", "--yes", "--force", "First@latest") // there is no other now
	if left := append(snapshotNames(t, library, first), snapshotNames(t, library, second)...); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// A command that seeks no backups refuses to be told where.
func TestNoBackupsFlag(t *testing.T) {
	for _, args := range [][]string{{"backup"}, {"encryption", "on"}, {"devices"}, {"pair"}} {
		fails(t, exitUsage, "--backups says where backups are sought", "--help", append(args, "--backups", t.TempDir())...)
	}
	fails(t, exitUsage, "--backups and --library exclude each other", "--help", "delete", "x", "--backups", "a", "--library", "b")
}

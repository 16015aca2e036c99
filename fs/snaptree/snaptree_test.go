package snaptree_test

import (
	"context"
	"errors"
	iofs "io/fs"
	"path/filepath"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/snaptree"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
	"ibfs/fs/vtree/vtreetest"
	"ibfs/keybag"
)

// write puts a backup into a new folder below dir.
func write(t *testing.T, dir string, b backuptest.Backup) string {
	t.Helper()
	path := filepath.Join(dir, b.UDID+b.Date.Format("-20060102-150405"))
	if err := backuptest.Write(path, b); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, places ...string) *snaptree.Tree {
	t.Helper()
	return openWith(t, snaptree.Options{Places: places})
}

func openViews(t *testing.T, place string, views ...view.View) *snaptree.Tree {
	t.Helper()
	return openWith(t, snaptree.Options{Places: []string{place}, Views: views})
}

func openWith(t *testing.T, o snaptree.Options) *snaptree.Tree {
	t.Helper()
	o.Location = time.UTC
	tree, err := snaptree.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tree.Close() })
	return tree
}

func unlockAll(t *testing.T, tree *snaptree.Tree, password string) {
	t.Helper()
	locks, err := tree.Locks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range locks {
		secret, err := l.Backup.Derive(t.Context(), []byte(password))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := tree.Unlock(t.Context(), l.KeybagID, secret); err != nil || len(n) != len(l.Snapshots) {
			t.Fatalf("unlock: %v, %v", n, err)
		}
	}
}

func small(udid, name string, date time.Time, password string) backuptest.Backup {
	return backuptest.Backup{
		UDID: udid, DeviceName: name, Date: date, Password: password, Rounds: backuptest.Rounds{SHA256: 10, SHA1: 10},
		Files: []backuptest.File{
			{Domain: "HomeDomain", Path: "Library/note.txt", Content: []byte("hello " + name)},
			{Domain: "HomeDomain", Path: "Library/link", Target: "/var/mobile/Library/note.txt"},
			{Domain: "HomeDomain", Path: "Library/out", Target: "/etc/passwd"},
		},
	}
}

const (
	udidA = "00008030-000000000000001A"
	udidB = "00008030-0000000000001B2B"
)

var day = time.Date(2026, 11, 20, 8, 15, 2, 0, time.UTC)

func TestTree(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, small(udidA, "Anna’s iPhone", day, ""))
	write(t, dir, small(udidA, "Anna’s iPhone", day.Add(24*time.Hour), "pw"))
	write(t, dir, small(udidB, "Anna’s iPhone", day, "pw"))
	tree := open(t, dir)
	fsys := vtree.FS(t.Context(), tree)

	if _, err := iofs.Stat(fsys, "Anna’s iPhone/latest/LOCKED.txt"); err != nil {
		t.Error("a locked snapshot has no LOCKED.txt:", err)
	}
	unlockAll(t, tree, "pw")
	vtreetest.Check(t, tree,
		"Anna’s iPhone/2026-11-20_08-15-02/Domains/HomeDomain/Library/out",
		"Anna’s iPhone/2026-11-21_08-15-02/Domains/HomeDomain/Library/out",
		"Anna’s iPhone (1b2b)/2026-11-20_08-15-02/Domains/HomeDomain/Library/out",
		"Anna’s iPhone/latest/Domains/HomeDomain/Library/out",
		"Anna’s iPhone (1b2b)/latest/Domains/HomeDomain/Library/out")
	for _, name := range []string{
		"Anna’s iPhone/2026-11-20_08-15-02/Domains/HomeDomain/Library/note.txt",
		"Anna’s iPhone (1b2b)/2026-11-20_08-15-02/About this backup.txt",
		"Anna’s iPhone (1b2b)/2026-11-20_08-15-02/Manifest.db",
	} {
		if _, err := iofs.Stat(fsys, name); err != nil {
			t.Error(err)
		}
	}
	if _, err := iofs.Stat(fsys, "Anna’s iPhone/latest/LOCKED.txt"); !errors.Is(err, iofs.ErrNotExist) {
		t.Error("LOCKED.txt after unlocking:", err)
	}
	for link, want := range map[string]string{
		"Anna’s iPhone/latest":                                 "2026-11-21_08-15-02",
		"Anna’s iPhone/latest/Domains/HomeDomain/Library/link": "../Library/note.txt",
		"Anna’s iPhone/latest/Domains/HomeDomain/Library/out":  "../../.device/etc/passwd",
	} {
		if got, err := iofs.ReadLink(fsys, link); err != nil || got != want {
			t.Errorf("link %s: %q, %v, want %q", link, got, err, want)
		}
	}
	if b, err := iofs.ReadFile(fsys, "Anna’s iPhone/latest/Domains/HomeDomain/Library/link"); err != nil || string(b) != "hello Anna’s iPhone" {
		t.Errorf("through the link: %q, %v", b, err)
	}
}

func TestWrongSecret(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, small(udidA, "A", day, "pw"))
	tree := open(t, dir)
	locks, err := tree.Locks(t.Context())
	if err != nil || len(locks) != 1 {
		t.Fatal(locks, err)
	}
	secret, err := locks[0].Backup.Derive(t.Context(), []byte("no"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Unlock(t.Context(), locks[0].KeybagID, secret); !errors.Is(err, keybag.ErrWrongPassword) {
		t.Error("unlock with a wrong secret:", err)
	}
}

// TestFC21 sees a new snapshot in a tree that is being served.
func TestFC21(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, small(udidA, "A", day, ""))
	tree := open(t, dir)
	var changes []vtree.Change
	tree.OnChange(func(c vtree.Change) { changes = append(changes, c) })
	write(t, dir, small(udidA, "A", day.Add(time.Hour), ""))
	write(t, dir, small(udidB, "B", day, ""))
	if err := tree.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got, err := iofs.ReadLink(vtree.FS(t.Context(), tree), "A/latest"); err != nil || got != "2026-11-20_09-15-02" {
		t.Errorf("latest: %q, %v", got, err)
	}
	root, device := tree.Root(), lookup(t, tree, "A")
	for _, want := range []vtree.Change{
		{Dir: root, Name: "B"}, {Dir: root}, {Dir: device, Name: "latest"}, {Dir: device, Name: "2026-11-20_09-15-02"}, {Dir: device},
		{Dir: lookup(t, tree, "A/latest")},
	} {
		found := false
		for _, c := range changes {
			found = found || c == want
		}
		if !found {
			t.Errorf("change %+v was not told: %+v", want, changes)
		}
	}
}

func lookup(t *testing.T, tree vtree.Tree, path string) vtree.ID {
	t.Helper()
	id, err := vtree.Find(t.Context(), tree, path, false)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestFC42 names the two snapshots of the hour that comes twice.
func TestFC42(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, at := range []string{"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"} {
		date, _ := time.Parse(time.RFC3339, at)
		write(t, dir, small(udidA, "A", date, ""))
	}
	tree, err := snaptree.New(t.Context(), snaptree.Options{Places: []string{dir}, Location: berlin})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	var got []string
	for _, s := range tree.Snapshots() {
		got = append(got, s.Name)
	}
	want := []string{"2026-10-25_02-30-00+0200", "2026-10-25_02-30-00+0100", "2026-10-25_03-30-00"}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("names %q, want %q", got, want)
		}
	}
	if !tree.Snapshots()[2].Latest {
		t.Error("latest is not the newest instant")
	}
}

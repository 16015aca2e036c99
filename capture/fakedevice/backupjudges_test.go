package fakedevice_test

import (
	"crypto/sha256"
	iofs "io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture/fakedevice"
)

// content writes a backup and reads it as a phone's content.
func content(t testing.TB, b backuptest.Backup) *fakedevice.State {
	t.Helper()
	dir := t.TempDir()
	b.UDID = udid
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	s, err := fakedevice.ReadState(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// encrypted is a backup under a password.
func encrypted(b backuptest.Backup, password string) backuptest.Backup {
	b.Password = password
	return b
}

// later is a sample some days on: a file changed with its size kept, one with
// it changed, one gone, two new, one of them empty.
func later() backuptest.Backup {
	b := backuptest.Sample()
	b.Date = b.Date.AddDate(0, 0, 3)
	b.Files = slices.DeleteFunc(slices.Clone(b.Files), func(f backuptest.File) bool { return strings.HasSuffix(f.Path, "IMG_0003.JPG") })
	for i := range b.Files {
		switch b.Files[i].Path {
		case "Media/Sizes/65536.bin":
			b.Files[i].Content = slices.Repeat([]byte{7}, 65536)
		case "Documents/notes-1.txt":
			b.Files[i].Content = []byte("a longer note\n")
		}
	}
	b.Files = append(b.Files,
		backuptest.File{Domain: "HomeDomain", Path: "Library/New/new.txt", Content: []byte("new\n")},
		backuptest.File{Domain: "HomeDomain", Path: "Library/New/empty", Content: []byte{}})
	return b
}

// holds fails when what a host has in dir is not a state: every file, byte for
// byte, and nothing but Info.plist beside.
func holds(t *testing.T, dir string, want *fakedevice.State) {
	t.Helper()
	got := map[string]fakedevice.Print{}
	err := iofs.WalkDir(os.DirFS(dir), ".", func(name string, d iofs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == "Info.plist" {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		got[name] = fakedevice.Print{Size: int64(len(data)), Sum: sha256.Sum256(data)}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if maps.Equal(got, want.Files) {
		return
	}
	for name, f := range want.Files {
		if got[name] != f {
			t.Errorf("%s: want %d bytes, got %d, or others", name, f.Size, got[name].Size)
		}
	}
	for name := range got {
		if _, ok := want.Files[name]; !ok {
			t.Errorf("%s should not be there", name)
		}
	}
}

// last is the phone's last run, which must have ended.
func last(t *testing.T, p *fakedevice.Phone) fakedevice.Run {
	t.Helper()
	runs := p.Runs()
	if len(runs) == 0 {
		t.Fatalf("no request came; events: %v", p.Events())
	}
	return runs[len(runs)-1]
}

func TestLibimobiledeviceBacksUp(t *testing.T) {
	first, second := content(t, backuptest.Sample()), content(t, later())
	p := &fakedevice.Phone{Backup: fakedevice.Backup{Content: fakedevice.Content{"": first}}}
	c := libimobiledevice(t, start(t, fakedevice.Options{Phones: []*fakedevice.Phone{p}}))
	dir := t.TempDir()
	c.run("idevicepair", "pair")

	c.run("idevicebackup2", "backup", dir)
	holds(t, filepath.Join(dir, udid), first)
	run := last(t, p)
	if !run.Full || run.Code != 0 || run.Kept != 0 {
		t.Errorf("first run: %+v", run)
	}
	payloads := run.Sent

	p.SetContent(fakedevice.Content{"": second})
	c.run("idevicebackup2", "backup", dir)
	holds(t, filepath.Join(dir, udid), second)
	if run := last(t, p); run.Full || run.Sent != 4 || run.Removed != 1 || run.Kept != payloads-3 {
		t.Errorf("second run: %+v", run)
	}

	c.run("idevicebackup2", "backup", "--full", dir)
	holds(t, filepath.Join(dir, udid), second)
	if run := last(t, p); !run.Full || run.Sent != payloads+1 {
		t.Errorf("third run: %+v", run)
	}

	contains(t, c.run("idevicebackup2", "info", dir), "Files: ")
	if out, err := c.try("idevicebackup2", "list", dir); err == nil {
		t.Errorf("list ends well: %s", out)
	}

	c.run("idevicebackup2", "restore", "--system", "--no-reboot", dir)
	got := last(t, p).Restore
	if !maps.Equal(got.Files, second.Files) {
		t.Errorf("restored %d of %d files", len(got.Files), len(second.Files))
	}
	if got.Options["RestoreSystemFiles"] != true || got.Options["RestoreShouldReboot"] != false {
		t.Errorf("options of the restore: %v", got.Options)
	}
}

func TestLibimobiledeviceEncrypts(t *testing.T) {
	plain := content(t, backuptest.Sample())
	one := content(t, encrypted(backuptest.Sample(), "one"))
	two := content(t, encrypted(backuptest.Sample(), "two"))
	p := &fakedevice.Phone{Backup: fakedevice.Backup{Content: fakedevice.Content{"": plain, "one": one, "two": two}}}
	c := libimobiledevice(t, start(t, fakedevice.Options{Phones: []*fakedevice.Phone{p}}))
	dir := t.TempDir()
	c.run("idevicepair", "pair")
	will := func(want string) {
		t.Helper()
		if got := c.run("ideviceinfo", "-q", "com.apple.mobile.backup", "-k", "WillEncrypt"); got != want {
			t.Errorf("WillEncrypt is %s, not %s", got, want)
		}
	}

	c.run("idevicebackup2", "encryption", "on", "one", dir)
	will("true")
	c.run("idevicebackup2", "backup", dir)
	holds(t, filepath.Join(dir, udid), one)
	if out, err := c.try("idevicebackup2", "changepw", "wrong", "two", dir); err == nil {
		t.Errorf("a wrong password does: %s", out)
	}
	if code := last(t, p).Code; code != 207 {
		t.Errorf("a wrong password is %d", code)
	}
	c.run("idevicebackup2", "changepw", "one", "two", dir)
	c.run("idevicebackup2", "backup", dir)
	holds(t, filepath.Join(dir, udid), two)

	if out, err := c.try("idevicebackup2", "restore", "--password", "one", dir); err == nil {
		t.Errorf("a restore with a wrong password ends well: %s", out)
	}
	if code := last(t, p).Code; code != 207 {
		t.Errorf("a restore with a wrong password is %d", code)
	}
	c.run("idevicebackup2", "restore", "--password", "two", dir)
	if got := last(t, p).Restore; !maps.Equal(got.Files, two.Files) || got.Options["Password"] != nil {
		t.Errorf("restored %d of %d files, options %v", len(got.Files), len(two.Files), got.Options)
	}

	c.run("idevicebackup2", "encryption", "off", "two", dir)
	will("false")
	c.run("idevicebackup2", "backup", dir)
	holds(t, filepath.Join(dir, udid), plain)
}

func TestPymobiledevice3BacksUp(t *testing.T) {
	state := content(t, backuptest.Sample())
	p := &fakedevice.Phone{Backup: fakedevice.Backup{Content: fakedevice.Content{"": state}}}
	c := pymobiledevice3(t, start(t, fakedevice.Options{Phones: []*fakedevice.Phone{p}}))
	dir := t.TempDir()
	c.run("pymobiledevice3", "lockdown", "pair")
	c.run("pymobiledevice3", "backup2", "backup", "--full", dir)
	holds(t, filepath.Join(dir, udid), state)
	if run := last(t, p); !run.Full || run.Code != 0 {
		t.Errorf("run: %+v", run)
	}
}

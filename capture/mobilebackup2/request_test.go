package mobilebackup2

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"howett.net/plist"

	"ibfs/capture/devicelink/devicelinktest"
)

// testdata is a folder of recordings of real phones; the test is skipped without.
func testdata(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("IBFS_TESTDATA")
	if dir == "" {
		dir = "../../../shared/testdata"
	}
	b, err := os.ReadFile(filepath.Join(dir, "protocol", name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s: the recordings of real phones are not here", t.Name())
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// requests are what the host said after the opening, as another decoder reads them.
func requests(t *testing.T, conn *devicelinktest.Conn) (all [][]any) {
	t.Helper()
	s := conn.Said()
	for s.Len() > 0 {
		frame, err := s.Frame()
		if err != nil {
			t.Fatal(err)
		}
		var m []any
		if _, err := plist.Unmarshal(frame, &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all[1:]
}

// TestRecordedHello says the first request as it was recorded, to the answers of
// real phones.
func TestRecordedHello(t *testing.T) {
	var s devicelinktest.Script
	s.Frame(testdata(t, "998-device-version-exchange.plist"))
	s.Message("DLMessageDeviceReady")
	s.Frame(testdata(t, "imobiledevice-net-81-device-hello-response.plist"))
	s.Frame(testdata(t, "1380-device-error-208-locked.plist"))
	_, tree := workingTree(t)
	conn, _, err := run(t, s, tree, BackupOptions{Full: true})
	if !errors.Is(err, ErrDeviceLocked) {
		t.Errorf("error %v", err)
	}
	var hello, backup []any
	if _, err := plist.Unmarshal(testdata(t, "imobiledevice-net-81-host-hello.plist"), &hello); err != nil {
		t.Fatal(err)
	}
	if _, err := plist.Unmarshal(testdata(t, "1380-host-backup-request.plist"), &backup); err != nil {
		t.Fatal(err)
	}
	backup[1].(map[string]any)["TargetIdentifier"] = udid
	backup[1].(map[string]any)["SourceIdentifier"] = udid // later clients send it
	got := requests(t, conn)
	for i, want := range [][]any{hello, backup, {"DLMessageDisconnect", "___EmptyParameterString___"}} {
		if !reflect.DeepEqual(got[i], want) {
			t.Errorf("request %d is %#v, not %#v", i, got[i], want)
		}
	}
}

func TestChangePassword(t *testing.T) {
	for name, test := range map[string]struct {
		old, new string
		want     map[string]any
	}{
		"on":        {"", "pä ss!  ", map[string]any{"NewPassword": "pä ss!  "}},
		"off":       {"old", "", map[string]any{"OldPassword": "old"}},
		"change":    {"old", "new", map[string]any{"OldPassword": "old", "NewPassword": "new"}},
		"senseless": {"", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var s devicelinktest.Script
			s.Open()
			s.Hello()
			s.Message("DLMessageMakeCoffee")
			s.Final(0, "")
			conn := &devicelinktest.Conn{Script: s}
			var log bytes.Buffer
			client, err := Start(t.Context(), conn, Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
			if err != nil {
				t.Fatal(err)
			}
			err = client.ChangePassword(t.Context(), udid, []byte(test.old), []byte(test.new))
			if test.want == nil {
				if err == nil {
					t.Error("no error")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			test.want["MessageName"], test.want["TargetIdentifier"] = "ChangePassword", udid
			if got := requests(t, conn)[1]; !reflect.DeepEqual(got, []any{"DLMessageProcessMessage", test.want}) {
				t.Errorf("request %#v", got)
			}
			for _, secret := range []string{"pä ss", "old", "\"new"} {
				if strings.Contains(log.String(), secret) {
					t.Errorf("the log has %q", secret)
				}
			}
		})
	}
}

// TestRestoreOptions sends what FC-34 asks for to an erased or another phone and to
// the same, and each option by its name.
func TestRestoreOptions(t *testing.T) {
	options := func(change func(map[string]any)) map[string]any {
		o := map[string]any{
			"RestoreSystemFiles": false, "RemoveItemsNotRestored": false,
			"RestorePreserveSettings": true, "RestoreDontCopyBackup": true,
		}
		change(o)
		return o
	}
	for name, test := range map[string]struct {
		o    RestoreOptions
		want map[string]any
	}{
		"FC-34 the same phone":    {RestoreDefaults(false), options(func(map[string]any) {})},
		"FC-34 erased or another": {RestoreDefaults(true), options(func(o map[string]any) { o["RestoreSystemFiles"], o["RemoveItemsNotRestored"] = true, true })},
		"no reboot":               {RestoreOptions{KeepSettings: true, NoReboot: true}, options(func(o map[string]any) { o["RestoreShouldReboot"] = false })},
		"settings of the backup":  {RestoreOptions{}, options(func(o map[string]any) { o["RestorePreserveSettings"] = false })},
		"copy first":              {RestoreOptions{KeepSettings: true, CopyFirst: true}, options(func(o map[string]any) { o["RestoreDontCopyBackup"] = false })},
		"password":                {RestoreOptions{KeepSettings: true, Password: []byte("p w")}, options(func(o map[string]any) { o["Password"] = "p w" })},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			finishedBackup(t, dir)
			var s devicelinktest.Script
			s.Open()
			s.Hello()
			s.Message("DLMessageDownloadFiles", []any{}, map[string]any{}, 0.0)
			s.Final(0, "")
			conn := &devicelinktest.Conn{Script: s}
			client, err := Start(t.Context(), conn, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Restore(t.Context(), "another", openOverlay(t, filepath.Join(dir, udid)), test.o); err != nil {
				t.Fatal(err)
			}
			said := conn.Said()
			for range 2 {
				if _, err := said.Frame(); err != nil {
					t.Fatal(err)
				}
			}
			frame, err := said.Frame()
			if err != nil {
				t.Fatal(err)
			}
			var got []any
			if _, err := plist.Unmarshal(frame, &got); err != nil {
				t.Fatal(err)
			}
			want := map[string]any{"MessageName": "Restore", "TargetIdentifier": "another", "SourceIdentifier": udid, "Options": test.want}
			if !reflect.DeepEqual(got[1], any(want)) {
				t.Errorf("request %#v", got[1])
			}
		})
	}
}

// TestRestoreRefused sends nothing when there is no finished backup.
func TestRestoreRefused(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"no backup": func(dir string) error { return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)) },
		"no index":  func(dir string) error { return os.Remove(filepath.Join(dir, "Manifest.db")) },
		"unfinished": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "Status.plist"), []byte(status("moving")), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			finishedBackup(t, dir)
			if err := spoil(filepath.Join(dir, udid)); err != nil {
				t.Fatal(err)
			}
			var s devicelinktest.Script
			s.Open()
			s.Hello()
			conn := &devicelinktest.Conn{Script: s}
			client, err := Start(t.Context(), conn, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Restore(t.Context(), udid, openOverlay(t, filepath.Join(dir, udid)), RestoreOptions{}); !errors.Is(err, ErrUnfinished) {
				t.Errorf("error %v", err)
			}
			if got := requests(t, conn); len(got) != 1 {
				t.Errorf("%d requests were sent", len(got))
			}
		})
	}
}

// TestLostIndex asks for a full backup when one of the index files is lost, having
// removed the others; and leaves a new or unfinished tree as it is.
func TestLostIndex(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(dir string) error
		full  bool
		left  int
	}{
		"all there":   {func(string) error { return nil }, false, 3},
		"one missing": {func(dir string) error { return os.Remove(filepath.Join(dir, "Manifest.db")) }, true, 0},
		"one empty":   {func(dir string) error { return os.WriteFile(filepath.Join(dir, "Manifest.plist"), nil, 0o600) }, true, 0},
		"none":        {func(dir string) error { return os.RemoveAll(dir) }, false, 0},
		"only Info":   {func(dir string) error { return removeIndex(dir) }, false, 0},
		"one is a folder": {func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "Manifest.db")), os.Mkdir(filepath.Join(dir, "Manifest.db"), 0o700))
		}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir, tree := workingTree(t)
			finishedBackup(t, dir)
			backup := filepath.Join(dir, udid)
			if err := test.spoil(backup); err != nil {
				t.Fatal(err)
			}
			var s devicelinktest.Script
			s.Open()
			s.Hello()
			s.Final(208, "Device locked")
			conn, _, _ := run(t, s, tree, BackupOptions{})
			request := requests(t, conn)[1][1].(map[string]any)
			if _, full := request["Options"]; full != test.full {
				t.Errorf("request %#v", request)
			}
			left := 0
			for _, name := range indexFiles {
				if _, err := os.Stat(filepath.Join(backup, name)); err == nil {
					left++
				}
			}
			if left != test.left {
				t.Errorf("%d index files are left, not %d", left, test.left)
			}
		})
	}
}

func removeIndex(dir string) (err error) {
	for _, name := range indexFiles {
		err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
	}
	return err
}

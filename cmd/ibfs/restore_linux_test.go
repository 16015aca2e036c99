package main

import (
	"strings"
	"testing"

	"ibfs/capture/fakedevice"
)

func TestRestoreCommand(t *testing.T) {
	for _, tt := range []struct{ name, password string }{{"clear", ""}, {"encrypted", samplePassword}} {
		t.Run(tt.name, func(t *testing.T) {
			anna, ben := &fakedevice.Phone{Name: "Anna's iPhone"}, &fakedevice.Phone{Name: "Ben's iPhone", NoPasscode: true}
			anna.Backup.Password = tt.password
			plugIn(t, anna, ben)
			var with []string
			if tt.password != "" {
				with = []string{"--password-file", secretFile(t, tt.password)}
			}
			works(t, append([]string{"backup", "--device", anna.Name}, with...)...)
			if _, stderr, code := ibfs(t, append([]string{"restore", "Anna's iPhone", "--device", ben.Name}, with...)...); code != exitFailed || !strings.Contains(stderr, "--yes") {
				t.Errorf("nobody was there to agree: code %d\n%s", code, stderr)
			}
			if n := len(ben.Runs()); n != 0 {
				t.Fatalf("the phone was asked %d times before anybody agreed", n)
			}
			stdout, stderr := works(t, append([]string{"restore", "Anna's iPhone", "--device", ben.Name, "--yes"}, with...)...)
			if !strings.Contains(stdout, "Ben's iPhone has the backup Anna's iPhone") || !strings.Contains(stderr, "loses everything that the backup does not have, but for its settings.\n") ||
				!strings.Contains(stderr, "does not get back settings") {
				t.Errorf("%s%s", stdout, stderr)
			}
			runs := ben.Runs()
			back := runs[len(runs)-1].Restore
			want := anna.Backup.Content[tt.password].Files
			if back == nil || len(back.Missing) > 0 {
				t.Fatalf("%+v", back)
			}
			payloads := 0
			for name, print := range want {
				if len(name) <= 40 {
					continue
				}
				if payloads++; back.Files[name] != print {
					t.Errorf("%s did not come back", name)
				}
			}
			if payloads == 0 {
				t.Error("the backup has no files")
			}
			if back.Options["RestorePreserveSettings"] != true {
				t.Errorf("it loses its settings: %v", back.Options)
			}
			if back.Options["RestoreSystemFiles"] != true || back.Options["RemoveItemsNotRestored"] != true {
				t.Errorf("another phone, with %v (FC-34)", back.Options)
			}
			_, stderr = works(t, append([]string{"restore", "Anna's iPhone", "--device", ben.Name, "--settings", "--yes"}, with...)...)
			runs = ben.Runs()
			if options := runs[len(runs)-1].Restore.Options; options["RestorePreserveSettings"] != false || strings.Contains(stderr, "settings") {
				t.Errorf("with --settings: %v\n%s", options, stderr)
			}
		})
	}
}

// At the prompt a slip is not the end.
func TestRestoreAsksForThePassword(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone", NoPasscode: true}
	p.Backup.Password = samplePassword
	plugIn(t, p)
	works(t, "backup", "--password-file", secretFile(t, samplePassword))
	for name, tt := range map[string]struct {
		answers []string
		code    int
		want    string
	}{
		"a slip":      {[]string{"slip", samplePassword}, exitDone, "has the backup"},
		"three slips": {[]string{"slip", "slop", "slap"}, exitPassword, "password is wrong"},
		"none":        {[]string{""}, exitPassword, "--password-file"},
	} {
		t.Run(name, func(t *testing.T) {
			said, code := typed(t, tt.answers, "restore", p.Name, "--yes")
			if code != tt.code || !strings.Contains(said, tt.want) || strings.Count(said, "That is not it") != min(2, len(tt.answers)-1) {
				t.Errorf("exit code %d\n%s", code, said)
			}
		})
	}
}

// While a phone gets a snapshot back, the snapshot stays.
func TestRestoreKeepsTheSnapshot(t *testing.T) {
	anna, ben := &fakedevice.Phone{Name: "Anna's iPhone"}, &fakedevice.Phone{Name: "Ben's iPhone", NoPasscode: true}
	library := plugIn(t, anna, ben)
	works(t, "backup", "--device", anna.Name)
	type ending struct {
		stderr string
		code   int
	}
	meanwhile := map[string]ending{}
	ben.SetScript(fakedevice.Fault{Before: fakedevice.StepPayloads, Do: fakedevice.Call(func() {
		for what, args := range map[string][]string{
			"delete": {"delete", anna.Name, "--yes", "--force"}, "backup": {"backup", "--device", anna.Name},
		} {
			_, stderr, code := ibfs(t, args...)
			meanwhile[what] = ending{stderr, code}
		}
	})})
	works(t, "restore", anna.Name, "--device", ben.Name, "--yes")
	if len(meanwhile) != 2 {
		t.Fatal("the restore took no payloads")
	}
	for what, got := range meanwhile {
		if got.code != exitBusy || !strings.Contains(got.stderr, "at work on this device's backups: process ") {
			t.Errorf("%s meanwhile: exit code %d\n%s", what, got.code, got.stderr)
		}
	}
	if n := len(snapshotNames(t, library, anna.UDID)); n != 1 {
		t.Errorf("there are %d snapshots", n)
	}
	works(t, "delete", anna.Name, "--yes", "--force")
}

package fakedevice_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture/fakedevice"
)

// backupOrder is what a host does beside the backup, in order, as
// idevicebackup2 and pymobiledevice3 both do. Posts get no answer, so that what
// comes by another connection may overtake one.
var backupOrder = map[string][]string{
	"notification_proxy": {
		"post com.apple.itunes-mobdev.syncWillStart",
		"post com.apple.itunes-mobdev.syncLockRequest",
		"post com.apple.itunes-mobdev.syncDidStart",
		"post com.apple.itunes-mobdev.syncDidFinish",
	},
	"afc": {
		"open /com.apple.itunes.lock_sync mode 2",
		"lock /com.apple.itunes.lock_sync 6: busy",
		"lock /com.apple.itunes.lock_sync 6",
		"unlock /com.apple.itunes.lock_sync",
		"close /com.apple.itunes.lock_sync",
	},
}

// A host takes the sync lock around its backup, and waits for it.
func TestOthersLock(t *testing.T) {
	state := content(t, backuptest.Sample())
	for name, backUp := range map[string]func(t *testing.T, m *fakedevice.Mux, dir string){
		"idevicebackup2": func(t *testing.T, m *fakedevice.Mux, dir string) {
			c := libimobiledevice(t, m)
			c.run("idevicepair", "pair")
			c.run("idevicebackup2", "backup", dir)
		},
		"pymobiledevice3": func(t *testing.T, m *fakedevice.Mux, dir string) {
			c := pymobiledevice3(t, m)
			c.run("pymobiledevice3", "lockdown", "pair")
			c.run("pymobiledevice3", "backup2", "backup", "--full", dir)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := &fakedevice.Phone{
				Backup: fakedevice.Backup{Content: fakedevice.Content{"": state}},
				Faults: fakedevice.Faults{LockBusy: 1},
			}
			backUp(t, start(t, phones(p)), t.TempDir())
			await(t, func() bool { return has(p, "notification_proxy: post com.apple.itunes-mobdev.syncDidFinish") })
			for source, want := range backupOrder {
				var got []string
				for _, e := range p.Events(source) {
					if slices.Contains(want, e.Text) {
						got = append(got, e.Text)
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s: got %q", source, got)
				}
			}
			if p.SyncLocked() {
				t.Error("the lock is held still")
			}
		})
	}
}

// Each goes on from a backup that the other made.
func TestOthersContinue(t *testing.T) {
	first, second := content(t, backuptest.Sample()), content(t, later())
	p := &fakedevice.Phone{Backup: fakedevice.Backup{Content: fakedevice.Content{"": first}}}
	m := start(t, phones(p))
	dir := t.TempDir()
	py, c := pymobiledevice3(t, m), libimobiledevice(t, m)
	c.run("idevicepair", "pair")
	c.run("idevicebackup2", "backup", dir)
	p.SetContent(fakedevice.Content{"": second})
	py.run("pymobiledevice3", "backup2", "backup", dir)
	holds(t, filepath.Join(dir, udid), second)
	if run := last(t, p); run.Full || run.Sent != 4 {
		t.Errorf("pymobiledevice3 after idevicebackup2: %+v", run)
	}
	p.SetContent(fakedevice.Content{"": first})
	c.run("idevicebackup2", "backup", dir)
	holds(t, filepath.Join(dir, udid), first)
	if run := last(t, p); run.Full {
		t.Errorf("idevicebackup2 after pymobiledevice3: %+v", run)
	}
}

// A phone that is unplugged while it waits for its passcode ends the host's
// run, and holds no lock when it is back.
func TestDetachEndsABackup(t *testing.T) {
	p := &fakedevice.Phone{Backup: fakedevice.Backup{
		Content: fakedevice.Content{"": content(t, backuptest.Sample())}, Prompt: time.Hour,
	}}
	m := start(t, phones(p))
	c := libimobiledevice(t, m)
	c.run("idevicepair", "pair")
	ended := make(chan error)
	go func() {
		_, err := c.try("idevicebackup2", "backup", t.TempDir())
		ended <- err
	}()
	await(t, func() bool { return p.SyncLocked() && len(p.Runs()) > 0 })
	m.Detach(p)
	if err := <-ended; err == nil {
		t.Error("the host's run ends well")
	}
	await(t, func() bool { return !p.SyncLocked() })
	m.Attach(p)
	contains(t, c.run("ideviceinfo"), udid)
}

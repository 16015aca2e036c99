package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
)

// TestExportInterrupted sends Ctrl-C to exports of some size at growing
// moments: each ends at once and in good order, what has its name is whole, and
// the exports come to the same in the end.
func TestExportInterrupted(t *testing.T) {
	ownHome(t)
	const path = "Phone/latest/Domains/CameraRollDomain/Media"
	b := backuptest.Backup{DeviceName: "Phone", Password: "secret"}
	content := map[string][]byte{}
	for i := range 24 {
		name := fmt.Sprintf("DCIM/100APPLE/IMG_%04d.MOV", i)
		content[name] = bytes.Repeat([]byte{byte(i)}, 8<<20+i)
		b.Files = append(b.Files, backuptest.File{Domain: "CameraRollDomain", Path: "Media/" + name, Content: content[name]})
	}
	t.Setenv("IBFS_BACKUPS", written(t, b))
	t.Setenv("IBFS_PASSWORD_FILE", passwordFile(t, "secret"))
	to := t.TempDir()
	stopped := 0
	for wait := 20 * time.Millisecond; wait < time.Second; wait += 100 * time.Millisecond {
		cmd := exec.Command(exe(t), "export", path, to)
		cmd.Env = append(os.Environ(), asCommand+"=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(wait, func() { _ = cmd.Process.Signal(os.Interrupt) })
		err := cmd.Wait()
		switch code := cmd.ProcessState.ExitCode(); {
		case code == exitInterrupted:
			stopped++
		case cmd.ProcessState.Exited() && code != exitDone:
			t.Errorf("after %v: %v", wait, err)
		}
		for name, info := range files(t, to) {
			got, err := os.ReadFile(filepath.Join(to, name))
			if want, known := content[name]; !known || err != nil || !bytes.Equal(got, want) {
				t.Errorf("after %v: %s has %d bytes, %v", wait, name, info.Size(), err)
			}
		}
	}
	if stopped == 0 {
		t.Error("no export was interrupted")
	}
	quiet(t, exe(t), "export", path, to)
	if got := files(t, to); len(got) != len(content) {
		t.Errorf("%d files of %d", len(got), len(content))
	}
}

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ibfs/capture"
)

// A desktop that hangs keeps no run up, and is shown one text at a time.
func TestNotifyHangs(t *testing.T) {
	bin := t.TempDir()
	shown := filepath.Join(bin, "shown")
	script := "#!/bin/sh\necho \"$4\" >>" + shown + "\nexec sleep 5\n"
	if err := os.WriteFile(filepath.Join(bin, "notify-send"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	a := &app{stderr: new(bytes.Buffer), getenv: func(string) string { return "unix:path=/nowhere" }}
	s := a.showRun("Anna", &backupTask, false)
	began := time.Now()
	for range 2 {
		s.event(capture.Event{Step: capture.Waiting, Need: capture.NeedUnlock})
		s.event(capture.Event{Step: capture.Waiting})
	}
	if took := time.Since(began); took > notifyTimeout/2 {
		t.Errorf("the run was kept up for %v", took)
	}
	var got []byte
	for ; len(got) == 0 && time.Since(began) < notifyTimeout; time.Sleep(10 * time.Millisecond) {
		got, _ = os.ReadFile(shown) // not there at first
	}
	if string(got) != "Unlock the phone.\n" || !s.notifying.Load() {
		t.Errorf("shown: %q", got)
	}
}

package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ibfs/capture"
)

// What a phone asks stands below the step that it asks it in, whichever of the two
// is known first.
func TestRunShowOrder(t *testing.T) {
	asks := capture.Event{Step: capture.Waiting, Need: capture.NeedPasscode}
	for name, events := range map[string][]capture.Event{
		"the question first": {asks, asks},
		"the step first":     {{Step: capture.Waiting}, asks},
		"a warning between":  {{Step: capture.Waiting}, {Warning: "x"}, asks},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			s := (&app{stderr: &stderr, getenv: func(string) string { return "" }}).showRun("Anna", &backupTask, false)
			for _, e := range events {
				s.event(e)
			}
			const step, question, warning = "Anna: The phone prepares.\n", "Anna: enter the passcode on the phone: it asks for it at each backup.\n", "ibfs: warning: Anna: x\n"
			if got := stderr.String(); got != step+question && got != step+warning+question {
				t.Errorf("%q", got)
			}
		})
	}
}

// The speed is that of the last seconds of the step that moves the files, whatever
// came before it and whatever warnings come between.
func TestRunShowSpeed(t *testing.T) {
	for name, task := range map[string]*phoneTask{"backup": &backupTask, "restore": &restoreTask} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var stderr bytes.Buffer
				s := (&app{stderr: &stderr, getenv: func(string) string { return "" }}).showRun("Anna", task, false)
				e := capture.Event{Step: capture.Waiting, Files: 1, Bytes: 40 << 30}
				s.event(e)
				e.Step = task.moves
				for i := range 150 {
					time.Sleep(100 * time.Millisecond)
					e.Bytes += 1 << 20
					s.event(e)
					if i%7 == 0 {
						s.event(capture.Event{Warning: "x"})
					}
				}
				_, told, _ := strings.Cut(stderr.String(), ", 40 GiB, ")
				if speed, _, _ := strings.Cut(told, "\n"); speed != "10 MiB/s" {
					t.Errorf("%q", stderr.String())
				}
			})
		})
	}
}

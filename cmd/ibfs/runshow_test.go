package main

import (
	"bytes"
	"testing"

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

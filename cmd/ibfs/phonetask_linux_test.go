package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"ibfs/capture/fakedevice"
)

// What ends a task is told as what it means for that task: a restore goes on from
// nothing, and a change of the password may have been made.
func TestTaskEnds(t *testing.T) {
	tasks := map[string]struct {
		args []string
		at   fakedevice.Step
		hint string // a part of it
	}{
		"restore":    {[]string{"restore", "Anna's iPhone", "--yes"}, fakedevice.StepPayloads, "a restore starts from the beginning"},
		"encryption": {[]string{"encryption", "on", "--new-password-file", secretFile(t, samplePassword)}, fakedevice.StepPrompt, "when the change is made already, it says so"},
	}
	type world struct {
		mux     *fakedevice.Mux
		phone   *fakedevice.Phone
		process chan *os.Process // of the command
	}
	ends := map[string]struct {
		do   func(world) []fakedevice.Action
		code int
		says string // a part of the error
		hint string // its beginning
	}{
		"unplugged": {func(w world) []fakedevice.Action {
			return []fakedevice.Action{fakedevice.Call(func() { w.mux.Detach(w.phone) }), fakedevice.Stall()}
		}, exitPhone, "Anna's iPhone: the phone is no longer connected\n", "connect it again; "},
		"the link ends": {func(world) []fakedevice.Action {
			return []fakedevice.Action{fakedevice.Cut()}
		}, exitPhone, "without a final answer", "run it again: "},
		"Ctrl-C": {func(w world) []fakedevice.Action {
			return []fakedevice.Action{fakedevice.Call(func() { _ = (<-w.process).Signal(os.Interrupt) }), fakedevice.Stall()}
		}, exitInterrupted, "interrupted\n", "the phone "},
		"stopped on the phone": {func(world) []fakedevice.Action {
			return []fakedevice.Action{fakedevice.Notify("com.apple.itunes-client.syncCancelRequest"), fakedevice.Stall()}
		}, exitPhone, "Anna's iPhone: it was stopped on the phone\n", "run it again: "},
	}
	for name, task := range tasks {
		t.Run(name, func(t *testing.T) {
			w := world{phone: &fakedevice.Phone{Name: "Anna's iPhone"}}
			_, w.mux = plugInto(t, w.phone)
			works(t, "backup")
			for name, end := range ends {
				cmd := exec.CommandContext(t.Context(), exe(t), task.args...)
				cmd.Env = append(os.Environ(), asCommand+"=1")
				var errs bytes.Buffer
				cmd.Stderr = &errs
				w.process = make(chan *os.Process, 1)
				var script []fakedevice.Fault
				for _, do := range end.do(w) {
					script = append(script, fakedevice.Fault{Before: task.at, Do: do})
				}
				w.phone.SetScript(script...)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				w.process <- cmd.Process
				_ = cmd.Wait() // the exit code tells
				_, hint, _ := strings.Cut(errs.String(), "\nibfs: hint: ")
				if code := cmd.ProcessState.ExitCode(); code != end.code || !strings.Contains(errs.String(), end.says) || !strings.HasPrefix(hint, end.hint) || !strings.Contains(hint, task.hint) {
					t.Errorf("%s: exit code %d\n%s", name, code, errs.String())
				}
				w.mux.Detach(w.phone)
				w.mux.Attach(w.phone)
			}
		})
	}
}

// The steps are told as those of the task.
func TestTaskSteps(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	plugIn(t, p)
	_, backup := works(t, "backup")
	_, restore := works(t, "restore", p.Name, "--yes")
	_, change := works(t, "encryption", "on", "--new-password-file", secretFile(t, samplePassword))
	for _, tt := range []struct{ name, stderr, has, hasNot string }{
		{"backup", backup, ": The phone compares.\n", "Restoring"},
		{"backup's passcode", backup, "passcode on the phone: it asks for it at each backup.\n", "phone.\n"},
		{"restore", restore, ": Restoring.\n", "The phone compares"},
		{"restore's apps", restore, ": Telling the phone which apps come.\n", "Asking the phone about its apps"},
		{"encryption", change, ": The phone makes the change.\n", "its apps"},
		{"encryption's passcode", change, ": enter the passcode on the phone.\n", "at each backup"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(tt.stderr, tt.has) || strings.Contains(tt.stderr, tt.hasNot) {
				t.Errorf("it does not say %q, or does say %q:\n%s", tt.has, tt.hasNot, tt.stderr)
			}
		})
	}
}

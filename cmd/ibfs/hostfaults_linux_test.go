package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"ibfs/capture/fakedevice"
)

// A limit of this computer is told as that, and the next backup goes on.
func TestBackupHostFaults(t *testing.T) {
	for name, tt := range map[string]struct{ limit, text, hint string }{
		"files that are too large": {"ulimit -f 32", "takes no file of that size", "FAT32"},
		"too many open files":      {"ulimit -n 20", "too many open files", "ulimit -n"},
	} {
		t.Run(name, func(t *testing.T) {
			plugIn(t, &fakedevice.Phone{Name: "Anna's iPhone"})
			works(t, "pair")
			cmd := exec.Command("sh", "-c", tt.limit+` && exec "$0" backup`, exe(t))
			cmd.Env = append(os.Environ(), asCommand+"=1")
			var errs bytes.Buffer
			cmd.Stderr = &errs
			_ = cmd.Run()
			if text := errs.String(); cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(text, tt.text) || !strings.Contains(text, tt.hint) || strings.Contains(text, "unlock the phone and") {
				t.Errorf("exit code %d\n%s", cmd.ProcessState.ExitCode(), text)
			}
			works(t, "backup")
		})
	}
}

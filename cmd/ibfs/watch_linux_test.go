package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ibfs/capture/fakedevice"
	"ibfs/capture/usbmux"
)

// Watching goes on while the daemon comes and goes, says once that it is waited
// for, and ends well, as a signal is its only end.
func TestWatch(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	t.Setenv(usbmux.AddressVariable, "UNIX:"+socket)
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	cmd := exec.Command(exe(t), "devices", "--watch")
	cmd.Env = append(os.Environ(), asCommand+"=1")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errPipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	out, errs := bufio.NewReader(pipe), bufio.NewReader(errPipe)
	if line, err := errs.ReadString('\n'); err != nil || !strings.HasPrefix(line, "usbmuxd is not running: it is waited for.") {
		t.Errorf("%q, %v", line, err)
	}
	for range 2 {
		mux, err := fakedevice.Start(fakedevice.Options{Socket: socket, Phones: []*fakedevice.Phone{p}})
		if err != nil {
			t.Fatal(err)
		}
		if line, err := out.ReadString('\n'); err != nil || line != "Attached  "+p.UDID+"  USB  Anna's iPhone\n" {
			t.Errorf("%q, %v", line, err)
		}
		mux.Close()
		if line, err := out.ReadString('\n'); err != nil || !strings.HasPrefix(line, "Detached  "+p.UDID) {
			t.Errorf("%q, %v", line, err)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	more, _ := io.ReadAll(errs) // ends as the process does
	if err := cmd.Wait(); err != nil || len(more) > 0 {
		t.Errorf("%v: %s", err, more)
	}
}

package fakedevice_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest/judge"
	"ibfs/capture/fakedevice"
)

// start starts usbmuxd with its phones and ends it with the test.
func start(t *testing.T, o fakedevice.Options) *fakedevice.Mux {
	t.Helper()
	m, err := fakedevice.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// A client is a program that others wrote, which takes what we serve for
// usbmuxd.
type client struct {
	t    *testing.T
	env  []string
	path string // of its programs that are not in PATH
}

// libimobiledevice is the idevice programs of that project.
func libimobiledevice(t *testing.T, m *fakedevice.Mux) client {
	return newClient(t, "UNIX:"+m.Socket(), "")
}

// pymobiledevice3 is the Python program.
func pymobiledevice3(t *testing.T, m *fakedevice.Mux) client {
	return newClient(t, m.Socket(), filepath.Join(judge.Tools(), "judges-phone/bin"))
}

// idevice is the Rust crate of that name.
func idevice(t *testing.T, m *fakedevice.Mux) client {
	return newClient(t, m.Socket(), filepath.Join(judge.Tools(), "judges-idevice"))
}

func newClient(t *testing.T, address, path string) client {
	t.Helper()
	if os.Getenv("IBFS_TEST_JUDGES") == "0" {
		t.Skip("IBFS_TEST_JUDGES=0")
	}
	if testing.Short() {
		t.Skip("-short asks no judge")
	}
	return client{t, append(os.Environ(), "USBMUXD_SOCKET_ADDRESS="+address, "HOME="+t.TempDir()), path}
}

// try runs a program and returns all that it prints.
func (c client) try(program string, args ...string) (string, error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*time.Minute)
	defer cancel()
	if c.path != "" {
		program = filepath.Join(c.path, program)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = c.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		c.t.Fatalf("%v (make test installs the judges, IBFS_TEST_JUDGES=0 does without)", err)
	}
	err := cmd.Wait()
	return strings.TrimSpace(out.String()), err
}

func (c client) run(program string, args ...string) string {
	c.t.Helper()
	out, err := c.try(program, args...)
	if err != nil {
		c.t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return out
}

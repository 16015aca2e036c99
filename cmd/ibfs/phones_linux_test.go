package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture/fakedevice"
	"ibfs/capture/usbmux"
)

// plugIn makes phones that hold the sample, on a cable of the commands' own, and
// a library for them. Encrypted, their password is backuptest's.
func plugIn(t *testing.T, phones ...*fakedevice.Phone) (library string) {
	t.Helper()
	library, _ = plugInto(t, phones...)
	return library
}

// plugInto is plugIn that gives the cable, too.
func plugInto(t *testing.T, phones ...*fakedevice.Phone) (library string, mux *fakedevice.Mux) {
	t.Helper()
	for i, p := range phones {
		p.UDID = "00008110-000A1C2E3F40801" + string(rune('0'+i))
		p.Backup.Content = fakedevice.Content{}
		for _, password := range []string{"", samplePassword, otherPassword} {
			b := backuptest.Sample()
			b.UDID, b.DeviceName, b.Password, b.Date = p.UDID, p.Name, password, time.Now()
			dir := filepath.Join(t.TempDir(), "content")
			if err := backuptest.Write(dir, b); err != nil {
				t.Fatal(err)
			}
			state, err := fakedevice.ReadState(os.DirFS(dir))
			if err != nil {
				t.Fatal(err)
			}
			p.Backup.Content[password] = state
		}
	}
	mux, err := fakedevice.Start(fakedevice.Options{Phones: phones})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mux.Close() })
	library = filepath.Join(t.TempDir(), "library")
	t.Setenv(usbmux.AddressVariable, "UNIX:"+mux.Socket())
	t.Setenv("IBFS_LIBRARY", library)
	return library, mux
}

const (
	samplePassword = "correct horse"
	otherPassword  = "battery staple"
)

// secretFile is a file that holds a password.
func secretFile(t *testing.T, password string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(name, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// works runs the command, which must end well.
func works(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, code := ibfs(t, args...)
	if code != 0 {
		t.Fatalf("ibfs %q: exit code %d\n%s", args, code, stderr)
	}
	return stdout, stderr
}

func snapshotNames(t *testing.T, library, udid string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(library, udid, "snapshots", "*[0-9]"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// typed runs the command at a terminal, where each question is answered in turn,
// and returns all that it says.
func typed(t *testing.T, answers []string, args ...string) (said string, code int) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	cmd := exec.CommandContext(ctx, exe(t), args...)
	cmd.Env = append(os.Environ(), asCommand+"=1", "LC_ALL=C.UTF-8")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	err = cmd.Start()
	slave.Close()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	buf := make([]byte, 4096)
	for seen := 0; ; {
		n, err := master.Read(buf)
		all.Write(buf[:n])
		if err != nil { // EIO: nobody has the terminal open any more
			break
		}
		if asked := strings.Count(all.String(), "do not): ") + strings.Count(all.String(), "Backup password of ") + strings.Count(all.String(), "New backup password") + strings.Count(all.String(), "to begin: "); asked > seen && len(answers) > 0 {
			seen = asked
			if _, err := master.WriteString(answers[0] + "\n"); err != nil {
				t.Fatal(err)
			}
			answers = answers[1:]
		}
	}
	_ = cmd.Wait()
	if ctx.Err() != nil {
		t.Fatalf("ibfs %q hangs:\n%s", args, all.String())
	}
	return strings.ReplaceAll(all.String(), "\r\n", "\n"), cmd.ProcessState.ExitCode()
}

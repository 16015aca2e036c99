package capture_test

import (
	"context"
	iofs "io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest/judge"
)

// A host is a program that others wrote, which backs up the bench's phone.
type host struct {
	b       *bench
	program string
	address string
}

func (b *bench) idevicebackup2() host {
	return newHost(b, "idevicebackup2", "UNIX:"+b.mux.Socket())
}

func (b *bench) pymobiledevice3() host {
	return newHost(b, filepath.Join(judge.Tools(), "judges-phone/bin/pymobiledevice3"), b.mux.Socket())
}

// idevice is the Rust crate of that name.
func (b *bench) idevice() host {
	return newHost(b, filepath.Join(judge.Tools(), "judges-idevice/idevice-judge"), b.mux.Socket())
}

func newHost(b *bench, program, address string) host {
	if os.Getenv("IBFS_TEST_JUDGES") == "0" {
		b.t.Skip("IBFS_TEST_JUDGES=0")
	}
	if testing.Short() {
		b.t.Skip("-short asks no judge")
	}
	return host{b, program, address}
}

func (h host) run(args ...string) string {
	h.b.t.Helper()
	ctx, cancel := context.WithTimeout(h.b.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.program, args...)
	cmd.Env = append(os.Environ(), "USBMUXD_SOCKET_ADDRESS="+h.address, "HOME="+h.b.t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		h.b.t.Fatalf("%s %s: %v (make test installs the judges, IBFS_TEST_JUDGES=0 does without)\n%s", h.program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// copied is a copy of a backup where the other programs look for it.
func copied(t testing.TB, backup string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, udid), os.DirFS(backup)); err != nil {
		t.Fatal(err)
	}
	// What is published cannot be written to; a copy can.
	err := filepath.WalkDir(dir, func(name string, d iofs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.Chmod(name, 0o600)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

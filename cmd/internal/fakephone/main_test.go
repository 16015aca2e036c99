package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// A screen is what the program printed so far.
type screen struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// await waits until a text is on the screen.
func (s *screen) await(t *testing.T, text string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !strings.Contains(s.String(), text); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%q is not on the screen:\n%s", text, s)
		}
	}
}

// playing runs the program and returns its screen, its address as it says it, and
// what changes the phone's content.
func playing(t *testing.T, o options) (out *screen, address string, again chan<- os.Signal) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	signals, ended := make(chan os.Signal), make(chan error)
	out = &screen{}
	go func() { ended <- run(ctx, out, o, signals) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	out.await(t, "127.0.0.1") // the last of its addresses
	for line := range strings.Lines(out.String()) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "USBMUXD_SOCKET_ADDRESS=UNIX:") {
			return out, line, signals
		}
	}
	t.Fatalf("no address on the screen:\n%s", out)
	return nil, "", nil
}

func ask(t *testing.T, address, program string, args ...string) string {
	t.Helper()
	if os.Getenv("IBFS_TEST_JUDGES") == "0" {
		t.Skip("IBFS_TEST_JUDGES=0")
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), address, "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v (make test installs it)\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestSampleGrows(t *testing.T) {
	dir := t.TempDir()
	out, address, again := playing(t, options{prompt: time.Millisecond})
	ask(t, address, "idevicebackup2", "backup", dir)
	again <- os.Interrupt
	out.await(t, "another now")
	ask(t, address, "idevicebackup2", "backup", dir)
	note := backuptest.FileID("HomeDomain", "Library/Notes/day 1.txt")
	if got, err := os.ReadFile(filepath.Join(dir, sampleUDID, note[:2], note)); err != nil || string(got) != "Day 1.\n" {
		t.Errorf("the note of the second backup: %q, %v", got, err)
	}
	out.await(t, "post com.apple.itunes-mobdev.syncDidFinish")
}

// Backups of samples can be encrypted under whatever password, and stay so when
// the content changes. There may be several phones.
func TestSamplesUnderAnyPassword(t *testing.T) {
	out, address, again := playing(t, options{prompt: time.Millisecond, phones: 2})
	ids := strings.Fields(ask(t, address, "idevice_id", "-l"))
	if len(ids) != 2 || ids[0] == ids[1] {
		t.Fatalf("phones: %q", ids)
	}
	dir := t.TempDir()
	for _, args := range [][]string{{"encryption", "on", "one"}, {"changepw", "one", "two"}, {"backup"}, {"again"}, {"backup"}, {"encryption", "off", "two"}} {
		if args[0] == "again" {
			again <- os.Interrupt
			out.await(t, "another now")
			continue
		}
		ask(t, address, "idevicebackup2", append(append([]string{"-u", sampleUDID}, args...), dir)...)
		want := "true\n"
		if args[len(args)-1] == "two" && args[1] == "off" {
			want = "false\n"
		}
		if got := ask(t, address, "ideviceinfo", "-u", sampleUDID, "-q", "com.apple.mobile.backup", "-k", "WillEncrypt"); got != want {
			t.Errorf("%s: WillEncrypt %q", args, got)
		}
	}
	b, err := backupfmt.OpenDir(t.Context(), filepath.Join(dir, sampleUDID), backupfmt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	secret, err := b.Derive(t.Context(), []byte("two"))
	if err == nil {
		err = b.Check(secret)
	}
	if err != nil || !b.Locked() {
		t.Errorf("the second backup: %v, locked %v", err, b.Locked())
	}
	if strings.Contains(out.String(), " two") {
		t.Errorf("a password is on the screen:\n%s", out)
	}
	out.await(t, "Test iPhone: ")
}

func TestHoldsABackup(t *testing.T) {
	dir := t.TempDir()
	b := backuptest.Sample()
	b.DeviceName, b.Password = "Anna's iPad", "secret"
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, address, _ := playing(t, options{backup: dir, passwordFile: file})
	if strings.Contains(out.String(), "secret") {
		t.Error("the password is on the screen")
	}
	if got := ask(t, address, "ideviceinfo", "-s", "-k", "DeviceName"); got != "Anna's iPad\n" {
		t.Errorf("name: %q", got)
	}
	ask(t, address, "idevicepair", "pair")
	out.await(t, "lockdown: Pair")
	if got := ask(t, address, "ideviceinfo", "-q", "com.apple.mobile.backup", "-k", "WillEncrypt"); got != "true\n" {
		t.Errorf("WillEncrypt: %q", got)
	}
}

func TestRefusesNoBackup(t *testing.T) {
	err := run(t.Context(), &screen{}, options{backup: t.TempDir()}, nil)
	if err == nil || !strings.Contains(err.Error(), "no Status.plist") {
		t.Errorf("got %v", err)
	}
}

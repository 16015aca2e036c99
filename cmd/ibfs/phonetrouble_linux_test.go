package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/capture/fakedevice"
	"ibfs/capture/usbmux"
)

// A Ctrl-C ends a backup within a second, and the phone is told.
func TestBackupInterrupted(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	p.Backup.Prompt = time.Hour
	plugIn(t, p)
	works(t, "pair")
	cmd := exec.Command(exe(t), "backup")
	cmd.Env = append(os.Environ(), asCommand+"=1")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); !p.SyncLocked(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			t.Fatalf("the backup does not begin\n%s", errs.String())
		}
	}
	began := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if took := time.Since(began); cmd.ProcessState.ExitCode() != exitInterrupted || took > 3*time.Second {
		t.Errorf("exit code %d after %v\n%s", cmd.ProcessState.ExitCode(), took, errs.String())
	}
	for range 100 {
		if !p.SyncLocked() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the phone is still locked for others")
}

// A cable that is pulled, and a daemon that ends with it, are told as that wherever
// the run was, and the next goes on.
func TestBackupUnplugged(t *testing.T) {
	for name, pull := range map[string]func(*fakedevice.Mux, *fakedevice.Phone){
		"cable":      func(m *fakedevice.Mux, p *fakedevice.Phone) { m.Detach(p) },
		"its daemon": func(m *fakedevice.Mux, p *fakedevice.Phone) { go m.Close() }, // which waits for what called it
	} {
		for _, at := range []fakedevice.Fault{
			{Before: fakedevice.StepReady}, {Before: fakedevice.StepPrompt}, {Before: fakedevice.StepDownload}, {Before: fakedevice.StepUpload}, {File: 3}, {Byte: 20_000}, {Before: fakedevice.StepMove},
		} {
			t.Run(fmt.Sprintf("%s at %s%d,%d", name, at.Before, at.File, at.Byte), func(t *testing.T) {
				p := &fakedevice.Phone{Name: "Anna's iPhone"}
				_, mux := plugInto(t, p)
				at.Do = fakedevice.Call(func() { pull(mux, p) })
				p.SetScript(at)
				if _, stderr, code := ibfs(t, "backup"); code != exitPhone || !strings.HasSuffix(stderr, "ibfs: error: Anna's iPhone: the phone is no longer connected\nibfs: hint: connect it again; run it again: it goes on from what has arrived\n") {
					t.Errorf("exit code %d\n%s", code, stderr)
				}
			})
		}
	}
}

func TestNoUsbmuxd(t *testing.T) {
	t.Setenv("IBFS_LIBRARY", t.TempDir())
	t.Setenv(usbmux.AddressVariable, "UNIX:"+filepath.Join(t.TempDir(), "none"))
	for _, args := range [][]string{{"devices"}, {"pair"}, {"backup"}, {"encryption", "on"}} {
		fails(t, exitPhone, "usbmuxd is not running", "usbmuxd", args...)
	}
	t.Setenv(usbmux.AddressVariable, "nonsense")
	fails(t, exitUsage, "no address of usbmuxd", "host:port", "devices")
}

// A daemon that ends during a pairing is told at once, and waited for.
func TestUsbmuxdEndsWhilePairing(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone", Faults: fakedevice.Faults{PairPending: -1}}
	_, mux := plugInto(t, p)
	go func() {
		asked := func(e fakedevice.Event) bool { return strings.Contains(e.String(), "Pair") }
		for t.Context().Err() == nil && !slices.ContainsFunc(p.Events(), asked) {
			time.Sleep(10 * time.Millisecond)
		}
		mux.Close()
	}()
	_, stderr, code := ibfs(t, "pair", "--wait", "4s")
	if code != exitPhone || !strings.Contains(stderr, "usbmuxd is gone: connect the phone again") || !strings.Contains(stderr, "error: Anna's iPhone: the phone is no longer connected\nibfs: hint: connect it again, and run it again\n") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// What is typed, left out or set wrongly is told before a phone is asked.
func TestCaptureUsage(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	p.Faults.PairPending = -1
	plugIn(t, p)
	for _, wait := range []string{"0s", "-1m", "soon"} {
		fails(t, exitUsage, "--wait", "ibfs pair --help", "pair", "--wait="+wait)
	}
	fails(t, exitUsage, "--all and --device", "--help", "backup", "--all", "--device", "x")
	fails(t, exitNotFound, "not a directory", "name a folder", "backup", "--library", "/etc/passwd")
	fails(t, exitNotFound, "not a directory", "name a folder", "backup", "--library", "/etc/passwd/x")
	if _, stderr, code := ibfs(t, "pair", "--wait", "1ms"); code != exitPhone || !strings.Contains(stderr, "the phone did not answer in time") || !strings.Contains(stderr, "hint: unlock the phone") {
		t.Errorf("no time at all: exit code %d\n%s", code, stderr)
	}
	p.SetFaults(fakedevice.Faults{})
	works(t, "pair")
	if _, stderr, code := ibfs(t, "encryption", "change"); code != exitFailed || !strings.Contains(stderr, "backup encryption is off\nibfs: hint: `ibfs encryption on`") {
		t.Errorf("nothing to change: exit code %d\n%s", code, stderr)
	}
	if _, stderr, code := ibfs(t, "encryption", "on"); code != exitPassword || !strings.Contains(stderr, "the new password is missing") || !strings.Contains(stderr, "--new-password-file") {
		t.Errorf("no new password: exit code %d\n%s", code, stderr)
	}
}

// A phone whose key is no longer that of the pair record is paired anew, and the
// hints lead there and not in a circle.
func TestPairAnew(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	_, mux := plugInto(t, p)
	works(t, "pair")
	first := mux.Record(p.UDID)
	refused := func(hint string, args ...string) {
		t.Helper()
		if _, stderr, code := ibfs(t, args...); code != exitPhone || !strings.Contains(stderr, "it has another key\nibfs: hint: "+hint) {
			t.Errorf("ibfs %q: exit code %d\n%s", args, code, stderr)
		}
	}
	mux.SetRecord(p.UDID, withOtherKey(t, first))
	refused("if it is your phone, after a repair or erased: `ibfs pair --new`", "backup")
	refused("if it is your phone, after a repair or erased: `ibfs pair --new`", "pair")
	if _, stderr, code := ibfs(t, "pair", "--new"); code != exitFailed || !strings.Contains(stderr, "asks again whether to trust it") || !strings.Contains(stderr, "--yes") {
		t.Errorf("without an answer: exit code %d\n%s", code, stderr)
	}
	works(t, "pair", "--new", "--yes")
	works(t, "pair")
	if now := mux.Record(p.UDID); bytes.Equal(now, first) || now == nil {
		t.Error("the record is not a new one")
	}
	p.Forget() // or another phone, which never knew this computer
	p.SetFaults(fakedevice.Faults{OwnKey: true})
	refused("if it is your phone, after a repair or erased: `ibfs pair --new`", "backup")
	works(t, "pair", "--new", "--yes")
	p.SetFaults(fakedevice.Faults{OtherKey: true})
	refused("something answers in the phone's place", "pair", "--new", "--yes")
}

// withOtherKey is a pair record with the certificate of another phone.
func withOtherKey(t *testing.T, record []byte) []byte {
	t.Helper()
	r, err := usbmux.ParsePairRecord(record)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	r.DeviceCertificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A phone that answers for another is not to be paired anew.
func TestAnswersForAnother(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone", Values: map[string]map[string]any{"": {"UniqueDeviceID": "00008110-000A1C2E3F4080FF"}}}
	plugIn(t, p)
	_, stderr, code := ibfs(t, "pair")
	if code != exitPhone || !strings.Contains(stderr, "it has another UDID\n") || strings.Contains(stderr, "--new") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// A phone whose notifications end is backed up all the same, and one that does not
// give its lock says so.
func TestBackupOfAnOddPhone(t *testing.T) {
	tests := []struct {
		name   string
		faults fakedevice.Faults
		code   int
		want   []string
	}{
		{"its notifications end", fakedevice.Faults{ProxyDies: true}, exitDone, []string{"warning: Anna's iPhone: look at the phone", "notification proxy ended"}},
		{"its lock is denied", fakedevice.Faults{LockDenied: true}, exitPhone, []string{"does not give the lock", "permission denied\nibfs: hint: unlock the phone"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &fakedevice.Phone{Name: "Anna's iPhone", Faults: tt.faults}
			plugIn(t, p)
			_, stderr, code := ibfs(t, "backup")
			if code != tt.code {
				t.Errorf("exit code %d\n%s", code, stderr)
			}
			for _, want := range tt.want {
				if strings.Count(stderr, want) != 1 {
					t.Errorf("it does not say %q once:\n%s", want, stderr)
				}
			}
		})
	}
}

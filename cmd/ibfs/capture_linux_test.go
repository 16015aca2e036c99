package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

func TestBackupCommand(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone", Faults: fakedevice.Faults{PairPending: 1}}
	library := plugIn(t, p)
	stdout, stderr := works(t, "backup")
	for _, want := range []string{"tap Trust", "backup encryption is off", "enter the passcode", "Verifying"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("it did not say %q:\n%s", want, stderr)
		}
	}
	if !strings.HasPrefix(stdout, "Anna's iPhone: snapshot 20") || !strings.Contains(stdout, "; verified.") {
		t.Errorf("%q", stdout)
	}
	if out, _ := works(t, "devices"); !strings.Contains(out, "Anna's iPhone") || !strings.Contains(out, "yes") {
		t.Errorf("devices: %q", out)
	}
	for _, path := range []string{"Anna's iPhone/latest/Domains", "/Anna's iPhone//latest/./Domains/"} {
		if out, _ := works(t, "ls", path); !strings.Contains(out, "CameraRollDomain") {
			t.Errorf("ls %s: %q", path, out)
		}
	}
	fails(t, exitFailed, "last good snapshot", "--force", "delete", "Anna's iPhone", "--yes")
	time.Sleep(1100 * time.Millisecond) // the name of a snapshot has seconds
	works(t, "backup", "--device", "anna's iphone", "--full")
	if all := snapshotNames(t, library, p.UDID); len(all) != 2 {
		t.Errorf("snapshots: %q", all)
	}
	fails(t, exitNotFound, "which snapshot?", "DEVICE@DATE", "delete", "Anna's iPhone", "--yes")
	for _, name := range snapshotNames(t, library, p.UDID) { // as backup has printed them
		works(t, "info", "Anna's iPhone@"+filepath.Base(name))
	}
	works(t, "delete", "Anna's iPhone@latest", "--yes")
	if all := snapshotNames(t, library, p.UDID); len(all) != 1 {
		t.Errorf("snapshots: %q", all)
	}
	fails(t, exitPhone, "no phone is connected", "plug", "backup", "--device", "Ben's iPad")
}

func snapshotNames(t *testing.T, library, udid string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(library, udid, "snapshots", "*[0-9]"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestBackupOfAllPhones(t *testing.T) {
	anna, ben := &fakedevice.Phone{Name: "Anna's iPhone"}, &fakedevice.Phone{Name: "Ben's iPad", Class: "iPad"}
	plugIn(t, anna, ben)
	fails(t, exitPhone, "which phone?", "--device", "backup")
	stdout, _ := works(t, "backup", "--all", "--json")
	var told []backedUp
	if err := json.Unmarshal([]byte(stdout), &told); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(told, func(a, b backedUp) int { return strings.Compare(a.Device, b.Device) })
	if len(told) != 2 || told[0].Device != "Anna's iPhone" || told[1].Device != "Ben's iPad" || told[1].Files == 0 || told[1].Verified != "all" {
		t.Errorf("%+v", told)
	}
	if out, _ := works(t, "list", "--json"); strings.Count(out, `"device"`) != 2 {
		t.Errorf("list: %s", out)
	}
}

// A library that a person has named is not made anew where its disk is missing.
func TestNamedLibrary(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	library := plugIn(t, p)
	away := filepath.Join(t.TempDir(), "disk", "library")
	fails(t, exitNotFound, away, "plugged in", "backup", "--library", away)
	if _, err := os.Stat(filepath.Dir(away)); err == nil {
		t.Error("the disk's folder was made")
	}
	t.Setenv("IBFS_LIBRARY", away)
	fails(t, exitNotFound, away, "plugged in", "backup")
	if _, stderr := works(t, "backup", "--library", library); !strings.Contains(stderr, "A new library is made in "+library+".\n") {
		t.Errorf("it did not say that it makes a library:\n%s", stderr)
	}
	for name, want := range map[string]string{filepath.Join(library, p.UDID, "device.json"): "made anew", filepath.Join(library, "library.json"): ""} {
		if err := os.WriteFile(name, []byte(`{"schema`), 0o600); err != nil {
			t.Fatal(err)
		}
		if want == "" {
			fails(t, exitDamaged, "library.json: not as ibfs writes it", "remove its library.json", "backup", "--library", library)
			continue
		}
		if _, stderr := works(t, "backup", "--library", library); !strings.Contains(stderr, want) || strings.Contains(stderr, "new library") {
			t.Errorf("a damaged %s:\n%s", filepath.Base(name), stderr)
		}
	}
}

func TestEncryptionCommand(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	plugIn(t, p)
	right, other := secretFile(t, samplePassword), secretFile(t, otherPassword)
	works(t, "pair")
	endsWith := func(code int, args ...string) {
		t.Helper()
		if _, stderr, got := ibfs(t, args...); got != code {
			t.Errorf("ibfs %q: exit code %d, want %d\n%s", args, got, code, stderr)
		}
	}
	endsWith(exitFailed, "encryption", "off", "--password-file", right)
	works(t, "encryption", "on", "--new-password-file", right)
	if !p.WillEncrypt() {
		t.Fatal("it is not on")
	}
	if _, stderr := works(t, "backup"); !strings.Contains(stderr, "without the backup password") {
		t.Errorf("it did not say that the password is missing:\n%s", stderr)
	}
	time.Sleep(1100 * time.Millisecond)
	stdout, stderr := works(t, "backup", "--password-file", other)
	if !strings.Contains(stdout, "as far as that is possible") || !strings.Contains(stderr, "not the password of the last snapshot") || !strings.Contains(stderr, "does not open the new backup") {
		t.Errorf("a wrong password, with a snapshot to test it on: %s%s", stdout, stderr)
	}
	time.Sleep(1100 * time.Millisecond)
	if stdout, stderr = works(t, "backup", "--password-file", right); !strings.Contains(stdout, "; verified.") || strings.Contains(stderr, "not the password") {
		t.Errorf("the right password: %s%s", stdout, stderr)
	}
	endsWith(exitPassword, "encryption", "change", "--password-file", other, "--new-password-file", right)
	endsWith(exitUsage, "encryption", "maybe")
	works(t, "encryption", "change", "--password-file", right, "--new-password-file", other)
	time.Sleep(1100 * time.Millisecond)
	stdout, stderr = works(t, "backup", "--password-file", other)
	if !strings.Contains(stdout, "; verified.") || !strings.Contains(stderr, "tried on the new one at the end") {
		t.Errorf("the new password after a change: %s%s", stdout, stderr)
	}
	time.Sleep(1100 * time.Millisecond)
	stdout, stderr = works(t, "backup", "--password-file", right)
	if !strings.Contains(stdout, "as far as that is possible") || !strings.Contains(stderr, "does not open the new backup") {
		t.Errorf("the old password after a change: %s%s", stdout, stderr)
	}
	works(t, "encryption", "off", "--password-file", other)
	if p.WillEncrypt() {
		t.Error("it is still on")
	}
}

// At the prompt a password that does not open the last snapshot may be typed anew,
// or again the same, which means it.
func TestBackupAsksForThePassword(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	p.Backup.Password = samplePassword
	plugIn(t, p)
	works(t, "backup", "--password-file", secretFile(t, samplePassword))
	for _, tt := range []struct {
		name    string
		answers []string
		changed bool // on the phone
		want    []string
	}{
		{"a slip", []string{"slip", samplePassword}, false, []string{"not the password of the last snapshot", "; verified."}},
		{"three slips", []string{"slip", "slop", "slap"}, false, []string{"It is tried on the new backup", "does not open the new backup", "as far as that is possible"}},
		{"none", []string{"slip", ""}, false, []string{"as far as that is possible"}},
		{"changed and meant", []string{otherPassword, otherPassword}, true, []string{"type it again", "It is tried on the new backup", "; verified."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.changed {
				works(t, "encryption", "change", "--password-file", secretFile(t, samplePassword), "--new-password-file", secretFile(t, otherPassword))
			}
			said, code := typed(t, tt.answers, "backup")
			if code != 0 {
				t.Errorf("exit code %d", code)
			}
			for _, want := range tt.want {
				if !strings.Contains(said, want) {
					t.Errorf("it did not say %q:\n%s", want, said)
				}
			}
			if !strings.Contains(said, "; verified.") { // a later one is tested on a snapshot of the right password
				works(t, "delete", "Anna's iPhone@latest", "--yes")
			}
		})
	}
	works(t, "encryption", "off", "--password-file", secretFile(t, otherPassword))
	if said, code := typed(t, []string{""}, "encryption", "on"); code != exitPassword || !strings.Contains(said, "--new-password-file") {
		t.Errorf("an empty new password: exit code %d\n%s", code, said)
	}
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
		if asked := strings.Count(all.String(), "do not): ") + strings.Count(all.String(), "New backup password"); asked > seen && len(answers) > 0 {
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

func TestRestoreCommand(t *testing.T) {
	for _, tt := range []struct{ name, password string }{{"clear", ""}, {"encrypted", samplePassword}} {
		t.Run(tt.name, func(t *testing.T) {
			anna, ben := &fakedevice.Phone{Name: "Anna's iPhone"}, &fakedevice.Phone{Name: "Ben's iPhone", NoPasscode: true}
			anna.Backup.Password = tt.password
			plugIn(t, anna, ben)
			var with []string
			if tt.password != "" {
				with = []string{"--password-file", secretFile(t, tt.password)}
			}
			works(t, append([]string{"backup", "--device", anna.Name}, with...)...)
			if _, stderr, code := ibfs(t, append([]string{"restore", "Anna's iPhone", "--device", ben.Name}, with...)...); code != exitFailed || !strings.Contains(stderr, "--yes") {
				t.Errorf("nobody was there to agree: code %d\n%s", code, stderr)
			}
			if n := len(ben.Runs()); n != 0 {
				t.Fatalf("the phone was asked %d times before anybody agreed", n)
			}
			stdout, stderr := works(t, append([]string{"restore", "Anna's iPhone", "--device", ben.Name, "--yes"}, with...)...)
			if !strings.Contains(stdout, "Ben's iPhone has the backup Anna's iPhone") || !strings.Contains(stderr, "loses everything") {
				t.Errorf("%s%s", stdout, stderr)
			}
			runs := ben.Runs()
			back := runs[len(runs)-1].Restore
			want := anna.Backup.Content[tt.password].Files
			if back == nil || len(back.Missing) > 0 {
				t.Fatalf("%+v", back)
			}
			for name, print := range want {
				if len(name) > 40 && back.Files[name] != print { // the payloads
					t.Errorf("%s did not come back", name)
				}
			}
			if back.Options["RestoreSystemFiles"] != true || back.Options["RemoveItemsNotRestored"] != true {
				t.Errorf("another phone, with %v (FC-34)", back.Options)
			}
		})
	}
}

// A running mount shows a new snapshot, and latest follows.
func TestBackupShowsInARunningMount(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	library := plugIn(t, p)
	works(t, "backup")
	point := mounted(t, library)
	latest := func() string {
		target, err := os.Readlink(filepath.Join(point, p.Name, "latest"))
		if err != nil {
			t.Fatal(err)
		}
		return target
	}
	before := latest()
	time.Sleep(1100 * time.Millisecond)
	works(t, "backup")
	for began := time.Now(); latest() == before; time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > 5*time.Second {
			t.Fatal("latest does not follow")
		}
	}
	if _, err := os.ReadDir(filepath.Join(point, p.Name, latest(), "Domains")); err != nil {
		t.Error(err)
	}
}

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
	for !p.SyncLocked() {
		time.Sleep(10 * time.Millisecond)
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
		for !slices.ContainsFunc(p.Events(), func(e fakedevice.Event) bool { return strings.Contains(e.String(), "Pair") }) {
			time.Sleep(10 * time.Millisecond)
		}
		mux.Close()
	}()
	_, stderr, code := ibfs(t, "pair", "--wait", "4s")
	if code != exitPhone || !strings.Contains(stderr, "usbmuxd is gone: connect the phone again") || !strings.Contains(stderr, "error: Anna's iPhone: the phone is no longer connected\nibfs: hint: connect it again") {
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

// A disk that has no more than what is kept free is told before the phone is asked.
func TestBackupToAFullDisk(t *testing.T) {
	needRoot(t, "to mount a small disk")
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	plugIn(t, p)
	at := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=512m", "ibfs-test", at).CombinedOutput(); err != nil {
		t.Skipf("no disk can be mounted: %v: %s", err, out)
	}
	t.Cleanup(func() { exec.Command("umount", "-l", at).Run() })
	_, stderr, code := ibfs(t, "backup", "--library", filepath.Join(at, "library"))
	if code != exitFailed || !strings.Contains(stderr, "512 MiB free, and 1.0 GiB are kept free") || !strings.Contains(stderr, "hint: make room there") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	for _, e := range p.Events() {
		if strings.Contains(e.String(), "Pair") || strings.Contains(e.String(), "mobilebackup2") {
			t.Errorf("the phone was asked: %v", e)
		}
	}
}

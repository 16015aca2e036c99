package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/capture/fakedevice"
	"ibfs/capture/library"
)

func TestBackupCommand(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone", Faults: fakedevice.Faults{PairPending: 1}}
	library := plugIn(t, p)
	stdout, stderr := works(t, "backup")
	for _, want := range []string{"tap Trust", "backup encryption is off", "enter the passcode", "Verifying"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("it did not say %q:\n%s", want, stderr)
		}
	}
	if strings.Index(stderr, "The phone prepares") > strings.Index(stderr, "enter the passcode") {
		t.Errorf("a question before the step that it is of:\n%s", stderr)
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
		if out, _ := works(t, "info", "Anna's iPhone@"+filepath.Base(name)); !strings.Contains(out, filepath.Base(name)+"\n") || !strings.Contains(out, "By the phone") {
			t.Errorf("info of %s:\n%s", name, out)
		}
	}
	works(t, "delete", "Anna's iPhone@latest", "--yes")
	if all := snapshotNames(t, library, p.UDID); len(all) != 1 {
		t.Errorf("snapshots: %q", all)
	}
	fails(t, exitPhone, "none of the phones is called \"Ben's iPad\"; connected: Anna's iPhone (", "name one of these", "backup", "--device", "Ben's iPad")
}

func TestBackupOfAllPhones(t *testing.T) {
	anna, ben := &fakedevice.Phone{Name: "Anna's iPhone"}, &fakedevice.Phone{Name: "Ben's iPad", Class: "iPad"}
	plugIn(t, anna, ben)
	fails(t, exitUsage, "which phone?", "--device", "backup")
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
	t.Setenv("IBFS_LIBRARY", library)
	if _, stderr := works(t, "backup", "--library", library); !strings.Contains(stderr, "A new library is made in "+library+".\n") {
		t.Errorf("it did not say that it makes a library:\n%s", stderr)
	}
	const how = "`ibfs mount --backups "
	if _, stderr := works(t, "backup"); strings.Contains(stderr, how) {
		t.Errorf("it says how to see what is seen:\n%s", stderr)
	}
	other := filepath.Join(t.TempDir(), "Anna's library")
	if _, stderr := works(t, "backup", "--library", other); !strings.HasSuffix(stderr, how+`'`+filepath.Dir(other)+`/Anna'\''s library' FOLDER`+"` shows it, and so does `ibfs list` with that option.\n") {
		t.Errorf("it does not say how to see it:\n%s", stderr)
	}
	damage := func(name string) {
		if err := os.WriteFile(name, []byte(`{"schema`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	damage(filepath.Join(library, p.UDID, "device.json"))
	if _, stderr := works(t, "backup", "--library", library); !strings.Contains(stderr, "made anew") || strings.Contains(stderr, "new library") {
		t.Errorf("a damaged device.json:\n%s", stderr)
	}
	damage(filepath.Join(library, "library.json"))
	fails(t, exitDamaged, "library.json: not as ibfs writes it", "remove its library.json", "backup", "--library", library)
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

// Of files that a phone cannot read the first thousand are named, and the rest counted;
// to a person, the first twenty.
func TestBackupOfUnreadableFiles(t *testing.T) {
	p := &fakedevice.Phone{UDID: "00008110-000A1C2E3F40801E", Name: "Anna's iPhone"}
	for i := range 1003 {
		frames := fakedevice.Frame(0x0B, []byte("Operation not permitted"))
		path := fmt.Sprintf("%s/Snapshot/00/%040x", p.UDID, i)
		p.Backup.Script = append(p.Backup.Script, fakedevice.Fault{Before: fakedevice.StepManifests, Do: fakedevice.UploadFrames(path, frames)})
	}
	script := slices.Clone(p.Backup.Script)
	plugIn(t, p)
	stdout, stderr := works(t, "backup", "--json")
	var told []backedUp
	if err := json.Unmarshal([]byte(stdout), &told); err != nil {
		t.Fatal(err)
	}
	if len(told) != 1 || len(told[0].Warnings) != 1000 || told[0].More != 3 {
		t.Errorf("%d warnings, and %d more", len(told[0].Warnings), told[0].More)
	}
	if !strings.Contains(stderr, "Operation not permitted") || !strings.Contains(stderr, "the phone could not read 3 more files") {
		t.Errorf("%s", stderr)
	}
	p.SetScript(script...)
	_, stderr = works(t, "backup")
	if n := strings.Count(stderr, "Operation not permitted"); n != mostUnread || !strings.Contains(stderr, "the phone could not read 983 more files") {
		t.Errorf("%d are named\n%s", n, stderr)
	}
}

// Who is at work on a phone's snapshots is told before the phone, or a person, is
// asked for anything.
func TestBackupWhileBusy(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	p.Backup.Password = samplePassword
	dir := plugIn(t, p)
	lib, err := library.Create(dir, library.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := lib.Device(p.UDID)
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	said, code := typed(t, []string{samplePassword}, "backup")
	if code != exitBusy || !strings.Contains(said, fmt.Sprintf("process %d on", os.Getpid())) || strings.Contains(said, "Password of") {
		t.Errorf("exit code %d\n%s", code, said)
	}
	for _, e := range p.Events() {
		if strings.Contains(e.String(), "Pair") {
			t.Errorf("the phone was asked: %v", e)
		}
	}
}

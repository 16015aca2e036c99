package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
)

// The cases are those of field-cases.md, by their numbers.

// written writes a backup into a new folder.
func written(t *testing.T, b backuptest.Backup) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "backup")
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	return dir
}

func note(password string) backuptest.Backup {
	return backuptest.Backup{
		DeviceName: "Phone", Password: password,
		Files: []backuptest.File{
			{Domain: "HomeDomain", Path: "Library/a.plist", Content: []byte("bplist00 lower")},
			{Domain: "HomeDomain", Path: "Library/A.plist", Content: []byte("bplist00 upper")},
		},
	}
}

const notePath = "Phone/latest/Domains/HomeDomain/Library/a.plist"

// passwordFile writes a file that holds a password.
func passwordFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFieldCases(t *testing.T) {
	t.Setenv("IBFS_PASSWORD_FILE", "")
	tests := []struct {
		name   string
		backup backuptest.Backup
		damage func(dir string) error
		args   []string // after --backups DIR; DIR in them is replaced
		code   int
		stdout string // parts
		stderr string
	}{
		{"FC-01 decrypted by another program", with(note("secret"), func(b *backuptest.Backup) { b.ClearIndex, b.ClearBlobs = true, true }), nil,
			[]string{"cat", notePath}, 0, "bplist00 lower", ""},
		{"FC-02 no Manifest.plist", with(note(""), func(b *backuptest.Backup) { b.NoManifestPlist, b.NoStatus = true, true }), nil,
			[]string{"cat", notePath}, 0, "bplist00 lower", ""},
		{"FC-02 told", with(note(""), func(b *backuptest.Backup) { b.NoManifestPlist, b.NoStatus = true, true }), nil,
			[]string{"info"}, 0, "Manifest.plist is absent", ""},
		{"FC-03 rows of flags 16", with(note(""), func(b *backuptest.Backup) {
			b.Files = append(b.Files, backuptest.File{Null: true, FileID: strings.Repeat("0123456789", 4)})
		}), nil, []string{"verify"}, 0, "0 damaged", ""},
		{"FC-05 odd Info.plist", note(""), func(dir string) error {
			return os.WriteFile(dir+"/Info.plist", []byte("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>Device Name</key><string>A\x0bB</string>"+
				"<key>Last Backup Date</key><date>yesterday</date></dict></plist>"), 0o600)
		}, []string{"list"}, 0, "A\ufffdB", ""},
		{"FC-06 a file of the backup", note(""), nil, []string{"info", "DIR/Manifest.plist"}, 0, "Phone", ""},
		{"FC-06 a shard", note(""), nil, []string{"info", "DIR/" + backuptest.FileID("HomeDomain", "Library/a.plist")[:2]}, 0, "Phone", ""},
		{"FC-08 wrong password", note("secret"), nil, []string{"cat", "--password-file", passwordFile(t, "no"), notePath}, exitPassword, "", "not the phone's passcode"},
		{"FC-08 no password", note("secret"), nil, []string{"cat", notePath}, exitPassword, "", "--password-file"},
		{"FC-09 LF", note("pä ss!  "), nil, []string{"cat", "--password-file", passwordFile(t, "pä ss!  \n"), notePath}, 0, "bplist00 lower", ""},
		{"FC-09 CRLF", note("pä ss!  "), nil, []string{"cat", "--password-file", passwordFile(t, "pä ss!  \r\n"), notePath}, 0, "bplist00 lower", ""},
		{"FC-09 no newline", note("pä ss!  "), nil, []string{"cat", "--password-file", passwordFile(t, "pä ss!  "), notePath}, 0, "bplist00 lower", ""},
		{"truncated keybag", note("secret"), func(dir string) error { return backuptest.Truncate(dir+"/Manifest.plist", 60) },
			[]string{"cat", "--password-file", passwordFile(t, "secret"), notePath}, exitDamaged, "", "Manifest.plist"},
		{"cut manifest", note("secret"), func(dir string) error { return backuptest.Truncate(dir+"/Manifest.db", 1000) },
			[]string{"cat", "--password-file", passwordFile(t, "secret"), notePath}, exitDamaged, "", "hint"},
		{"a file that is not there", note(""), nil, []string{"cat", "Phone/latest/Domains/nothing"}, exitNotFound, "", "spelled"},
		{"a backup that is not there", note(""), nil, []string{"info", "Nobody"}, exitNotFound, "", "ibfs list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := written(t, tt.backup)
			if tt.damage != nil {
				if err := tt.damage(dir); err != nil {
					t.Fatal(err)
				}
			}
			args := []string{tt.args[0], "--backups", dir}
			for _, a := range tt.args[1:] {
				args = append(args, strings.Replace(a, "DIR", dir, 1))
			}
			stdout, stderr, code := ibfs(t, args...)
			if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("code %d, stdout %q, stderr %q; want %d, %q, %q", code, stdout, stderr, tt.code, tt.stdout, tt.stderr)
			}
		})
	}
}

func with(b backuptest.Backup, change func(*backuptest.Backup)) backuptest.Backup {
	change(&b)
	return b
}

func TestFC07Unpacked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "unpacked")
	if err := backuptest.WriteUnpacked(dir, backuptest.Sample()); err != nil {
		t.Fatal(err)
	}
	_, stderr, code := ibfs(t, "list", "--backups", dir)
	if code != exitNotFound || !strings.Contains(stderr, "already unpacked") {
		t.Errorf("code %d, %s", code, stderr)
	}
}

// TestFC16Export copies to a folder that takes names that differ by case for
// one, and refuses others (FC-15): nothing is overwritten, all is told.
func TestFC16Export(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make a FAT volume")
	}
	image, at := filepath.Join(t.TempDir(), "fat"), t.TempDir()
	quiet(t, "truncate", "-s", "20M", image)
	if out, err := exec.Command("/sbin/mkfs.vfat", image).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.vfat: %v: %s", err, out)
	}
	if out, err := exec.Command("mount", "-o", "loop", image, at).CombinedOutput(); err != nil {
		t.Skipf("no FAT volume can be mounted here: %s", out)
	}
	t.Cleanup(func() { exec.Command("umount", at).Run() })
	b := note("")
	for i, name := range []string{"a:b", "AUX", "x?", strings.Repeat("n", 240)} {
		b.Files = append(b.Files, backuptest.File{Domain: "HomeDomain", Path: "Library/" + name, Content: fmt.Appendf(nil, "odd %d", i)})
	}
	dir := written(t, b)
	stdout, stderr, code := ibfs(t, "export", "--backups", dir, "Phone/latest/Domains/HomeDomain", at)
	if code != exitPartly {
		t.Errorf("code %d, %s%s", code, stdout, stderr)
	}
	entries, err := os.ReadDir(at + "/Library")
	if err != nil || len(entries) != len(b.Files) {
		t.Errorf("%d files, %v, want %d: %s", len(entries), err, len(b.Files), stdout)
	}
	if again, _, _ := ibfs(t, "export", "--backups", dir, "Phone/latest/Domains/HomeDomain", at); !strings.Contains(again, "0 files copied") {
		t.Errorf("the second export copies again: %s", again)
	}
}

// TestFC21Publish sees a new snapshot in a mount that stands.
func TestFC21Publish(t *testing.T) {
	library := t.TempDir()
	b := note("")
	b.Date = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := backuptest.Write(library+"/one", b); err != nil {
		t.Fatal(err)
	}
	at := mounted(t, library)
	first, err := os.Readlink(at + "/Phone/latest")
	if err != nil {
		t.Fatal(err)
	}
	b.Date = b.Date.Add(24 * time.Hour)
	if err := backuptest.Write(t.TempDir()+"/two", b); err != nil {
		t.Fatal(err)
	}
	if err := backuptest.Write(library+"/two", b); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	waitFor(t, func() bool { now, _ := os.Readlink(at + "/Phone/latest"); return now != first })
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("latest followed after %v", took)
	}
}

// TestFC22FC23Helper mounts as mount(8) does at boot: with options that are for
// others, and without an environment.
func TestFC22FC23Helper(t *testing.T) {
	if os.Getenv("IBFS_TEST_FUSE") == "0" {
		t.Skip("IBFS_TEST_FUSE=0: nothing is mounted")
	}
	dir, at := written(t, note("secret")), t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "mount.fuse.ibfs")
	if err := os.Symlink(exe, link); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Env = []string{asCommand + "=1"}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
		return string(out)
	}
	out := run(link, dir, at, "-o", "rw,nofail,_netdev,x-systemd.automount,dev,suid,password-file="+passwordFile(t, "secret\n"))
	if out != "" {
		t.Errorf("it says %q", out)
	}
	table, err := os.ReadFile("/proc/self/mounts") // FC-29
	if err != nil || !strings.Contains(string(table), dir+" "+at+" fuse.ibfs ro,nosuid,nodev") {
		t.Errorf("the mount table: %v\n%s", err, table)
	}
	if _, err := os.Stat(filepath.Join(at, notePath)); err != nil {
		t.Error(err)
	}
	run(exe, "unmount", at)
}

// TestFC25Databases opens databases in the mount with sqlite3.
func TestFC25Databases(t *testing.T) {
	s := backuptest.Sample()
	s.Password = "secret"
	at := mounted(t, written(t, s))
	latest := filepath.Join(at, "Anna’s iPhone/latest")
	if n := quiet(t, "sqlite3", "-readonly", latest+"/Manifest.db", "SELECT count(*) > 50 FROM Files"); n != "1\n" {
		t.Errorf("Manifest.db: %q", n)
	}
	if n := quiet(t, "sqlite3", "file:"+latest+"/Domains/HomeDomain/Library/SMS/sms.db?immutable=1", "SELECT count(*) > 0 FROM sqlite_schema"); n != "1\n" {
		t.Errorf("sms.db: %q", n)
	}
}

// TestMountpoints tells what stands in the way of a mount.
func TestMountpoints(t *testing.T) {
	dir := written(t, note(""))
	full := t.TempDir()
	if err := os.WriteFile(full+"/file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	at := mounted(t, dir)
	for name, tt := range map[string]struct{ at, want string }{
		"not empty":       {full, "the folder is not empty"},
		"a file":          {full + "/file", "it is not a folder"},
		"mounted already": {at, "backups are mounted there already"},
		"the backup":      {dir, "lie in each other"},
		"in the backup":   {dir + "/new", "lie in each other"},
		"around it":       {filepath.Dir(dir), "lie in each other"},
		"no parent":       {full + "/a/b/c", "there is no such folder"},
	} {
		_, stderr, code := ibfs(t, "mount", "--backups", dir, tt.at)
		if code != exitMountpoint || !strings.Contains(stderr, tt.want) || strings.Count(stderr, "\n") != 2 {
			t.Errorf("%s: code %d, %s", name, code, stderr)
		}
	}
}

// TestBusy names who keeps a mount from being unmounted.
func TestBusy(t *testing.T) {
	at := mounted(t, written(t, note("")))
	holder := exec.Command("sleep", "60")
	holder.Dir = at
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	_, stderr, code := ibfs(t, "unmount", at)
	if code != exitBusy || !strings.Contains(stderr, fmt.Sprintf("sleep (%d)", holder.Process.Pid)) {
		t.Errorf("code %d, %s", code, stderr)
	}
	_ = holder.Process.Kill()
	_ = holder.Wait()
}

// TestUnlockRunning gives a password to a mount that stands.
func TestUnlockRunning(t *testing.T) {
	dir := written(t, note("other"))
	second := note("secret")
	second.UDID, second.DeviceName = strings.Repeat("b", 40), "Second"
	if err := backuptest.Write(filepath.Dir(dir)+"/second", second); err != nil {
		t.Fatal(err)
	}
	at := mounted(t, filepath.Dir(dir))
	if text, err := os.ReadFile(at + "/Phone/latest/LOCKED.txt"); err != nil || !strings.Contains(string(text), "ibfs unlock") {
		t.Errorf("LOCKED.txt: %q, %v", text, err)
	}
	if _, err := os.Stat(at + "/Second/latest/Domains"); err != nil {
		t.Error("a locked backup keeps another from being shown:", err)
	}
	stdout, stderr, code := ibfs(t, "unlock", "--password-file", passwordFile(t, "other"))
	if code != 0 || !strings.Contains(stdout, "Unlocked Phone/") {
		t.Errorf("unlock: %d, %s%s", code, stdout, stderr)
	}
	if b, err := os.ReadFile(filepath.Join(at, notePath)); err != nil || string(b) != "bplist00 lower" {
		t.Errorf("after unlocking: %q, %v", b, err)
	}
}

// manyReaders is how long TestManyReaders reads.
const manyReaders = 10 * time.Second

// TestManyReaders has 16 processes read the same and different files while
// others list: none gets an error, and the mount does not grow.
func TestManyReaders(t *testing.T) {
	s := backuptest.Sample()
	s.Password = "secret"
	at := mounted(t, written(t, s))
	length := manyReaders
	if testing.Short() {
		length = 2 * time.Second
	}
	round := func(d time.Duration) {
		var wg sync.WaitGroup
		script := fmt.Sprintf(`end=$(($(date +%%s%%N)+%d)); while [ $(date +%%s%%N) -lt $end ]; do `, d.Nanoseconds())
		for i := range 16 {
			what := `find . -type f -path '*Domains*' -exec cat {} + >/dev/null || exit 1; done`
			if i%4 == 0 {
				what = `ls -lR . >/dev/null || exit 1; done`
			}
			wg.Go(func() {
				cmd := exec.Command("sh", "-c", script+what)
				cmd.Dir = at
				if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
					t.Errorf("reader %d: %v: %s", i, err, out)
				}
			})
		}
		wg.Wait()
	}
	pid := pidOf(t, at)
	round(length / 2)
	warm := rss(t, pid)
	round(length / 2)
	if end := rss(t, pid); end > warm+warm/4+16<<10 {
		t.Errorf("the mount grew from %d to %d KiB", warm, end)
	}
}

// pidOf is the process that serves a mountpoint.
func pidOf(t *testing.T, at string) int {
	t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range processes {
		line, _ := os.ReadFile(p)
		if strings.Contains(string(line), "--foreground") && strings.HasSuffix(string(line), at+"\x00") {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(p)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("no process serves", at)
	return 0
}

func rss(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	var kib int
	for line := range strings.Lines(string(status)) {
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kib); n == 1 {
			return kib
		}
	}
	t.Fatal("no VmRSS")
	return 0
}

// TestListJSON is what scripts rely on.
func TestListJSON(t *testing.T) {
	stdout, _, code := ibfs(t, "list", "--json", "--backups", written(t, note("secret")))
	var all []listed
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || code != 0 || len(all) != 1 || all[0].Device != "Phone" || !all[0].Encrypted || !all[0].Latest {
		t.Errorf("%d, %v: %s", code, err, stdout)
	}
}

// TestReadOnly refuses every kind of write.
func TestReadOnly(t *testing.T) {
	at := mounted(t, written(t, note("")))
	for name, err := range map[string]error{
		"create":   os.WriteFile(at+"/new", nil, 0o600),
		"truncate": os.Truncate(filepath.Join(at, notePath), 0),
		"remove":   os.Remove(filepath.Join(at, notePath)),
		"mkdir":    os.Mkdir(at+"/new", 0o700),
		"rename":   os.Rename(at+"/Phone", at+"/Other"),
	} {
		if pe, ok := err.(interface{ Unwrap() error }); !ok || pe.Unwrap() != syscall.EROFS {
			t.Errorf("%s: %v", name, err)
		}
	}
}

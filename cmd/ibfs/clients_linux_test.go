package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
)

// TestClients copies and walks a mount of every generation with the programs
// that people use; each ends well and says nothing (FC-24, FC-32).
func TestClients(t *testing.T) {
	needs(t, "rsync", "tar", "getfattr")
	library, backups := allGenerations(t)
	at := mounted(t, library)
	for client, line := range map[string]string{
		"cp":    `cp -a "$0/." "$1"`,
		"rsync": `rsync -aX "$0/" "$1"`,
		"tar":   `tar -C "$0" --xattrs --xattrs-include='*' -cf - . | tar -C "$1" --xattrs --xattrs-include='*' -xf -`,
	} {
		t.Run(client, func(t *testing.T) {
			to := t.TempDir()
			if out := quiet(t, "sh", "-c", line, at, to); out != "" {
				t.Errorf("it says %s", out)
			}
			if here, there := entriesOf(t, at), entriesOf(t, to); here != there {
				t.Errorf("the mount, and the copy:%s", differences(here, there))
			}
			for name, b := range backups {
				checkContents(t, b, filepath.Join(to, name, "latest/Domains"))
			}
			quiet(t, "chmod", "-R", "u+w", to) // for who clears up and is not root
		})
	}
	t.Run("find, du, getfattr", func(t *testing.T) {
		for name, b := range backups {
			domains := filepath.Join(at, name, "latest/Domains")
			var files, folders, bytes int
			for f := range b.Rows() {
				switch {
				case f.IsDir():
					folders++
				case f.IsLink():
					bytes += len(linksOfSample[f.Domain+"/"+f.Path])
				default:
					files++
					bytes += len(f.Content)
				}
			}
			found := quiet(t, "find", domains, "-mindepth", "1", "-printf", "%y")
			if f, d := strings.Count(found, "f"), strings.Count(found, "d"); f != files || d != folders {
				t.Errorf("%s: find counts %d files and %d folders, want %d and %d", name, f, d, files, folders)
			}
			if sum, _, _ := strings.Cut(quiet(t, "du", "-sb", domains), "\t"); sum != strconv.Itoa(bytes) {
				t.Errorf("%s: du counts %s bytes, want %d", name, sum, bytes)
			}
		}
		shown := quiet(t, "getfattr", "--absolute-names", "-R", "-h", "-d", "-m", "-", at)
		if n := strings.Count(shown, "user.ios.com.apple.assetsd.UUID="); n < 8*12 {
			t.Errorf("getfattr shows the UUID of %d photos", n)
		}
	})
}

// differences are the first lines that are in one text alone.
func differences(a, b string) (lines string) {
	for i, text := range []string{a, b} {
		other, found := "\n"+[]string{b, a}[i], 0
		for line := range strings.Lines(text) {
			if !strings.Contains(other, "\n"+line) && found < 10 {
				lines += "\n" + "-+"[i:i+1] + strings.TrimSuffix(line, "\n")
				found++
			}
		}
	}
	return lines
}

// entriesOf lists what is in a folder: type, time and, of files and links, size
// and target; with the attributes of all.
func entriesOf(t *testing.T, dir string) string {
	t.Helper()
	list := quiet(t, "sh", "-c", `cd "$0" && find . -mindepth 1 \( -type d -printf '%P d %T@\n' -o -printf '%P %y %T@ %s %l\n' \) | sort
		find . -mindepth 1 -print0 | sort -z | xargs -0 getfattr -h -d -m 'user[.]'`, dir)
	if strings.Count(list, "\n") < 100 {
		t.Errorf("a list of %s", list)
	}
	return list
}

func checkContents(t *testing.T, b backuptest.Backup, domains string) {
	t.Helper()
	for f := range b.Rows() {
		if f.IsDir() || f.IsLink() {
			continue
		}
		path := filepath.Join(domains, f.Domain, f.Path)
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, f.Content) {
			t.Errorf("%s: %d bytes, %v, want the %d of the phone", path, len(got), err, len(f.Content))
		}
	}
}

// TestFC24ManyAttributes has a file with more and longer attributes than most
// file systems take.
func TestFC24ManyAttributes(t *testing.T) {
	needs(t, "rsync", "getfattr")
	b := note("secret")
	file := backuptest.File{Domain: "HomeDomain", Path: "Library/many", Content: []byte("x"), Xattrs: map[string][]byte{}}
	for i := range 40 {
		file.Xattrs[fmt.Sprintf("com.example.n%02d", i)] = fmt.Appendf(nil, "value %d", i)
	}
	long := file
	long.Path = "Library/long"
	long.Xattrs = maps.Clone(file.Xattrs)
	long.Xattrs["60k"], long.Xattrs["100k"] = bytes.Repeat([]byte("x"), 60<<10), bytes.Repeat([]byte("x"), 100<<10)
	b.Files = append(b.Files, file, long)
	at := mounted(t, written(t, b))
	library := filepath.Join(at, "Phone/latest/Domains/HomeDomain/Library")
	shown := quiet(t, "getfattr", "--absolute-names", "-d", library+"/many", library+"/long")
	if n := strings.Count(shown, "user.ios.com.example.n"); n != 80 || !strings.Contains(shown, "user.ios.60k=") || strings.Contains(shown, "user.ios.100k") {
		t.Errorf("getfattr shows %d of 80: %.2000s", n, shown)
	}
	to := t.TempDir()
	quiet(t, "cp", "-a", library, to+"/cp")
	quiet(t, "rsync", "-aX", "--exclude=long", library+"/", to+"/rsync") // ext4 takes no 60 KiB
	for _, copied := range []string{"/cp/many", "/rsync/many"} {
		if value, _ := xattr(t, to+copied, "user.ios.com.example.n39"); string(value) != "value 39" {
			t.Errorf("%s: the last attribute is %q", copied, value)
		}
	}
}

// TestFC25Databases opens databases in the mount with sqlite3.
func TestFC25Databases(t *testing.T) {
	needs(t, "sqlite3")
	for name, b := range backuptest.Variants(backuptest.Sample()) {
		if b.Generation != backuptest.Modern {
			continue
		}
		at := mounted(t, written(t, b))
		latest := filepath.Join(at, "Anna’s iPhone/latest")
		var rows int
		for range b.Rows() {
			rows++
		}
		if n := quiet(t, "sqlite3", "-readonly", latest+"/Manifest.db", "PRAGMA integrity_check; SELECT count(*) FROM Files"); n != fmt.Sprintf("ok\n%d\n", rows) {
			t.Errorf("%s: Manifest.db: %q, want %d rows", name, n, rows)
		}
		if n := quiet(t, "sqlite3", "file:"+latest+"/Domains/HomeDomain/Library/SMS/sms.db?immutable=1", "PRAGMA integrity_check; SELECT count(*) FROM message"); n != "ok\n200\n" {
			t.Errorf("%s: sms.db: %q", name, n)
		}
		for _, db := range []string{latest + "/Manifest.db", latest + "/Domains/HomeDomain/Library/SMS/sms.db"} {
			quiet(t, "flock", "-s", "-n", db, "true")
		}
	}
}

// TestFC27FewDescriptors opens more files than the mount's process may have
// open: each opens and reads right, or does not open for want of descriptors.
func TestFC27FewDescriptors(t *testing.T) {
	b := backuptest.Backup{DeviceName: "Phone", Password: "secret"}
	for i := range 1000 {
		b.Files = append(b.Files, backuptest.File{
			Domain: "CameraRollDomain", Path: fmt.Sprintf("Media/DCIM/100APPLE/IMG_%04d.JPG", i), Content: bytes.Repeat([]byte{byte(i)}, 100),
		})
	}
	at := mountedBy(t, []string{"sh", "-c", `ulimit -n 256 && exec "$0" "$@"`, exe(t)}, written(t, b))
	photos := filepath.Join(at, "Phone/latest/Domains/CameraRollDomain/Media/DCIM/100APPLE")
	var open []*os.File
	for i := range 1000 {
		f, err := os.Open(fmt.Sprintf("%s/IMG_%04d.JPG", photos, i))
		if err == nil {
			open = append(open, f)
			got := make([]byte, 101)
			if n, _ := f.Read(got); n != 100 || got[0] != byte(i) || got[99] != byte(i) {
				t.Fatalf("photo %d, %d files open: %d bytes, %v", i, len(open), n, got[:1])
			}
		} else if !strings.HasSuffix(err.Error(), "too many open files") {
			t.Fatalf("photo %d, %d files open: %v", i, len(open), err)
		}
		if _, err := os.ReadDir(filepath.Dir(photos)); err != nil {
			t.Fatalf("%d files open: %v", len(open), err)
		}
	}
	t.Logf("%d of 1000 files are open at once", len(open))
	if len(open) < 100 {
		t.Errorf("%d files can be open at once", len(open))
	}
	for _, f := range open {
		f.Close()
	}
	waitFor(t, "a file opens again", func() bool {
		got, err := os.ReadFile(photos + "/IMG_0999.JPG")
		return err == nil && len(got) == 100
	})
}

// TestFC29OnlyItsUser keeps everybody else out, and says what it is in the
// table of mounts.
func TestFC29OnlyItsUser(t *testing.T) {
	needRoot(t, "to become another user")
	dir := written(t, note(""))
	look := func(at string) (string, int) {
		for path := at; path != "/"; path = filepath.Dir(path) { // the way there is open
			if path != at {
				_ = os.Chmod(path, 0o755)
			}
		}
		_, stderr, code := program(t, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "ls", at)
		return stderr, code
	}
	at := mounted(t, dir)
	if stderr, code := look(at); code == 0 || !strings.Contains(stderr, "Permission denied") {
		t.Errorf("another user: %d, %s", code, stderr)
	}
	if got, want := quiet(t, "findmnt", "-no", "SOURCE,FSTYPE", at), dir+" fuse.ibfs\n"; got != want {
		t.Errorf("the mount is %q, want %q", got, want)
	}
	if got := quiet(t, "df", "--output=source,size,avail,target", at); !strings.Contains(got, dir) {
		t.Errorf("df says %s", got)
	}
	if stderr, code := look(mounted(t, dir, "--allow-other")); code != 0 {
		t.Errorf("another user, with --allow-other: %d, %s", code, stderr)
	}
}

// TestFC32TargetsAreTold tells what a link leads to on the phone, which no
// attribute of it can.
func TestFC32TargetsAreTold(t *testing.T) {
	dir := written(t, backuptest.Sample())
	stdout, _, _ := ibfs(t, "ls", "--json", "--backups", dir, "Anna’s iPhone/latest/Domains/HomeDomain/Library/WebKit")
	var all []lsEntry
	if err := json.Unmarshal([]byte(stdout), &all); err != nil {
		t.Fatal(err, stdout)
	}
	i := slices.IndexFunc(all, func(e lsEntry) bool { return e.Name == "v0" })
	if i < 0 || all[i].Type != "link" || all[i].Target != "../../Library/SMS" || all[i].OnPhone != "/var/mobile/Library/SMS" {
		t.Errorf("--json: %+v", all)
	}
	if stdout, _, _ := ibfs(t, "ls", "--long", "--backups", dir, "Anna’s iPhone/latest/Domains/HomeDomain/Library/WebKit"); !strings.Contains(stdout, "v0 -> ../../Library/SMS  (on the phone: /var/mobile/Library/SMS)\n") {
		t.Errorf("--long: %s", stdout)
	}
}

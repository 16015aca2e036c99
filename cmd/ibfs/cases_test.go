package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
)

// The cases are those of field-cases.md, by their numbers.

func note(password string) backuptest.Backup {
	return backuptest.Backup{
		DeviceName: "Phone", Password: password, Apps: backuptest.SampleApps[:1],
		Files: []backuptest.File{
			{Domain: "HomeDomain", Path: "Library/a.plist", Content: []byte("bplist00 lower")},
			{Domain: "HomeDomain", Path: "Library/A.plist", Content: []byte("bplist00 upper")},
			{Domain: "AppDomain-net.whatsapp.WhatsApp", Path: "Documents/x", Content: []byte("x")},
		},
	}
}

const (
	noteFolder = "Phone/latest/Domains/HomeDomain/Library"
	notePath   = noteFolder + "/a.plist"
)

func with(b backuptest.Backup, change func(*backuptest.Backup)) backuptest.Backup {
	change(&b)
	return b
}

// TestFieldCases runs a command on a backup that came from odd hands.
func TestFieldCases(t *testing.T) {
	ownHome(t)
	decrypted := with(note("secret"), func(b *backuptest.Backup) { // FC-01
		b.ClearIndex, b.ClearBlobs = true, true
		b.Files = append(b.Files, backuptest.File{Domain: "HomeDomain", Path: "Library/longer", Content: []byte("bplist00 of 22 bytes ..."), SizeDelta: -7})
	})
	indexOnly := with(note("secret"), func(b *backuptest.Backup) { b.ClearIndex = true })
	bare := with(note(""), func(b *backuptest.Backup) { b.NoManifestPlist, b.NoStatus = true, true })
	nameless := with(bare, func(b *backuptest.Backup) { b.NoInfo = true })
	nulls := with(note(""), func(b *backuptest.Backup) {
		b.Files = append(b.Files, backuptest.File{Null: true, FileID: strings.Repeat("0123456789", 4)})
	})
	umlauts := note("pä ss!  ")
	right, none := []string{"--password-file", passwordFile(t, "secret")}, []string(nil)

	for _, tt := range []struct {
		name   string
		backup backuptest.Backup
		damage func(dir string) error
		args   []string // DIR in them is the backup's folder
		more   []string
		code   int
		stdout string // parts; "" is nothing at all
		stderr string
	}{
		{"FC-01 decrypted by another program", decrypted, nil, []string{"cat", notePath}, none, 0, "bplist00 lower", ""},
		{"FC-01 of another size than its row says", decrypted, nil, []string{"cat", noteFolder + "/longer"}, none, 0, "bplist00 of 22 bytes ...", ""},
		{"FC-01 the size that ls tells", decrypted, nil, []string{"ls", "-l", noteFolder}, none, 0, " 24  ", ""},
		{"FC-01 the index alone is decrypted", indexOnly, nil, []string{"cat", notePath}, right, 0, "bplist00 lower", ""},
		{"FC-01 the index alone, no password", indexOnly, nil, []string{"cat", notePath}, none, exitPassword, "", "--password-file"},
		{"FC-02 no Manifest.plist", bare, nil, []string{"cat", notePath}, none, 0, "bplist00 lower", ""},
		{"FC-02 is told", bare, nil, []string{"info"}, none, 0, "Manifest.plist is absent", ""},
		{"without Status.plist nobody knows whether it finished", bare, nil, []string{"info"}, none, 0, "not known", ""},
		{"FC-02 a name from Info.plist", bare, nil, []string{"list"}, none, 0, "Phone ", ""},
		{"FC-02 a name from the folder", nameless, nil, []string{"list"}, none, 0, "\nbackup ", ""},
		{"FC-03 rows of flags 16 are no damage", nulls, nil, []string{"verify"}, none, 0, "3 files, 29 B read, 2 digests compared, 0 damaged", ""},
		{"FC-03 every other row is there", nulls, nil, []string{"cat", notePath}, none, 0, "bplist00 lower", ""},
		{"FC-06 a file of the backup", note(""), nil, []string{"info", "DIR/Manifest.plist"}, none, 0, "Phone", ""},
		{"FC-06 a shard", note(""), nil, []string{"info", "DIR/" + backuptest.FileID("HomeDomain", "Library/a.plist")[:2]}, none, 0, "Phone", ""},
		{"FC-06 the folder above", note(""), nil, []string{"info", "DIR/.."}, none, 0, "Phone", ""},
		{"FC-06 a scan from above", note(""), nil, []string{"list", "--backups", "DIR/.."}, none, 0, "Phone", ""},
		{"FC-08 wrong password", note("secret"), nil, []string{"cat", notePath}, []string{"--password-file", passwordFile(t, "no")}, exitPassword, "", "not the phone's passcode"},
		{"FC-08 no password", note("secret"), nil, []string{"cat", notePath}, none, exitPassword, "", "--password-file"},
		{"FC-09 LF", umlauts, nil, []string{"cat", notePath}, []string{"--password-file", passwordFile(t, "pä ss!  \n")}, 0, "bplist00 lower", ""},
		{"FC-09 CRLF", umlauts, nil, []string{"cat", notePath}, []string{"--password-file", passwordFile(t, "pä ss!  \r\n")}, 0, "bplist00 lower", ""},
		{"FC-09 no newline", umlauts, nil, []string{"cat", notePath}, []string{"--password-file", passwordFile(t, "pä ss!  ")}, 0, "bplist00 lower", ""},
		{"FC-09 two newlines", umlauts, nil, []string{"cat", notePath}, []string{"--password-file", passwordFile(t, "pä ss!  \n\n")}, exitPassword, "", "wrong"},
		{"FC-09 no spaces", umlauts, nil, []string{"cat", notePath}, []string{"--password-file", passwordFile(t, "pä ss!\n")}, exitPassword, "", "wrong"},
		{"keybag cut off", note("secret"), func(dir string) error { return backuptest.Truncate(dir+"/Manifest.plist", 60) },
			[]string{"cat", notePath}, right, exitDamaged, "", "Manifest.plist"},
		{"manifest cut off", note("secret"), func(dir string) error { return backuptest.Truncate(dir+"/Manifest.db", 1000) },
			[]string{"cat", notePath}, right, exitDamaged, "", "ibfs: hint: try another copy"},
		{"blob gone", note(""), func(dir string) error { return os.RemoveAll(blobOf(dir)) }, []string{"cat", notePath}, none, exitFailed, "", "its blob is missing"},
		{"blob gone, verified", note(""), func(dir string) error { return os.RemoveAll(blobOf(dir)) }, []string{"verify"}, none, exitDamaged, "missing  HomeDomain/Library/a.plist", "damage was found"},
		{"blob cut off, verified", note("secret"), func(dir string) error { return backuptest.Truncate(blobOf(dir), -5) }, []string{"verify"}, right, exitDamaged, "length   HomeDomain/Library/a.plist", "damage was found"},
		{"blob changed, verified", note(""), func(dir string) error { return backuptest.FlipBit(blobOf(dir), 9) }, []string{"verify"}, none, exitDamaged, "digest   HomeDomain/Library/a.plist", "damage was found"},
		{"a file that is not there", note(""), nil, []string{"cat", "Phone/latest/Domains/nothing"}, none, exitNotFound, "", "spelled"},
		{"a backup that is not there", note(""), nil, []string{"info", "Nobody"}, none, exitNotFound, "", "ibfs list"},
		{"a folder for a file", note(""), nil, []string{"cat", noteFolder}, none, exitFailed, "", "is a folder"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := written(t, tt.backup)
			if tt.damage != nil {
				if err := tt.damage(dir); err != nil {
					t.Fatal(err)
				}
			}
			args := append(strings.Split(strings.ReplaceAll(strings.Join(tt.args, "\x00"), "DIR", dir), "\x00"), tt.more...)
			if tt.args[0] != "list" || len(tt.args) == 1 {
				args = append(args, "--backups", dir)
			}
			stdout, stderr, code := ibfs(t, args...)
			if code != tt.code || !has(stdout, tt.stdout) || !has(stderr, tt.stderr) || code != 0 && strings.Count(stderr, "\n") != 2 {
				t.Errorf("code %d, stdout %q, stderr %q; want %d, %q, %q", code, stdout, stderr, tt.code, tt.stdout, tt.stderr)
			}
		})
	}
}

// has says whether a text has a part, which is all of it when it is nothing.
func has(text, part string) bool { return strings.Contains(text, part) && (part != "" || text == "") }

// blobOf is the blob of notePath.
func blobOf(dir string) string {
	id := backuptest.FileID("HomeDomain", "Library/a.plist")
	return filepath.Join(dir, id[:2], id)
}

// bombs make howett.net/plist 1.0.1 panic past its own error return.
var bombs = map[string]string{
	"data of 2^64-1 bytes": "\x4f\x13\xff\xff\xff\xff\xff\xff\xff\xff",
	"text of 2^63 units":   "\x6f\x13\x80\x00\x00\x00\x00\x00\x00\x00",
	"a list of 2^63":       "\xaf\x13\x80\x00\x00\x00\x00\x00\x00\x00",
}

// bomb is a property list of one object.
func bomb(object string) []byte {
	return fmt.Appendf(nil, "bplist00%s\x08%s%s%s%s", object, "\x00\x00\x00\x00\x00\x00\x01\x01", "\x00\x00\x00\x00\x00\x00\x00\x01",
		"\x00\x00\x00\x00\x00\x00\x00\x00", "\x00\x00\x00\x00\x00\x00\x00"+string(rune(8+len(object))))
}

// TestFC04Bombs puts lists that no library survives in the place of sound ones.
func TestFC04Bombs(t *testing.T) {
	ownHome(t)
	for name, object := range bombs {
		for _, list := range []string{"Info.plist", "Status.plist", "Manifest.plist"} {
			t.Run(list+" with "+name, func(t *testing.T) {
				dir := written(t, note(""))
				if err := os.WriteFile(filepath.Join(dir, list), bomb(object), 0o600); err != nil {
					t.Fatal(err)
				}
				info, stderr, code := ibfs(t, "info", "--backups", dir)
				if code != 0 || stderr != "" || strings.Count(info, "\nNote ") != 1 || !strings.Contains(info, list) {
					t.Errorf("info: %d, %s%s", code, info, stderr)
				}
				if got, stderr, code := ibfs(t, "cat", filepath.Join("Phone", "latest", "Manifest.db"), "--backups", dir); code != 0 || !strings.HasPrefix(got, "SQLite") {
					t.Errorf("cat: %d, %.20q %s", code, got, stderr)
				}
			})
		}
	}
}

// TestFC05OddInfo keeps the names that an Info.plist has beside odd values.
func TestFC05OddInfo(t *testing.T) {
	ownHome(t)
	dir := written(t, note(""))
	text, err := os.ReadFile(dir + "/Info.plist")
	if err != nil {
		t.Fatal(err)
	}
	odd := bytes.ReplaceAll(text, []byte("<string>Phone</string>"), []byte("<string>A\x0bB</string>"))
	odd = bytes.Replace(odd, []byte("<date>2026"), []byte("<date>yesterday"), 1)
	if bytes.Count(odd, []byte("\x0b")) == 0 || !bytes.Contains(odd, []byte("yesterday")) {
		t.Fatalf("Info.plist is %s", text)
	}
	if err := os.WriteFile(dir+"/Info.plist", odd, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := quiet(t, exe(t), "list", "--backups", dir); !strings.Contains(got, "\nA\ufffdB ") {
		t.Errorf("list: %s", got)
	}
	if got := quiet(t, exe(t), "ls", "--backups", dir, "A\ufffdB/latest/Apps"); !strings.Contains(got, "WhatsApp") {
		t.Errorf("Apps: %s", got)
	}
	if _, stderr, code := ibfs(t, "cat", "--backups", dir, strings.Replace(notePath, "Phone", "A\ufffdB", 1)); code != 0 {
		t.Errorf("cat: %d, %s", code, stderr)
	}
}

func TestFC07Unpacked(t *testing.T) {
	ownHome(t)
	dir := filepath.Join(t.TempDir(), "unpacked")
	if err := backuptest.WriteUnpacked(dir, backuptest.Sample()); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"list", "--backups", dir}, {"list", "--backups", filepath.Dir(dir)}, {"info", dir}} {
		_, stderr, code := ibfs(t, args...)
		if code != exitNotFound || !strings.Contains(stderr, "already unpacked") || strings.Count(stderr, "use the folders as they are") != 1 || strings.Count(stderr, "as they are") != 1 {
			t.Errorf("ibfs %q: code %d, %s", args, code, stderr)
		}
	}
}

// TestFC08Words answers what people ask who know of no password, in every place
// where they are told to give it.
func TestFC08Words(t *testing.T) {
	ownHome(t)
	dir := written(t, note("secret"))
	_, wrong, _ := ibfs(t, "ls", "--backups", dir, "--password-file", passwordFile(t, "no"), "Phone/latest")
	at := filepath.Join(t.TempDir(), "mount")
	needFUSE(t)
	_, asked, code := ibfs(t, "mount", "--backups", dir, at)
	if code != 0 || !strings.Contains(asked, "stays locked; `ibfs unlock` opens it") {
		t.Fatalf("mount: %d, %s", code, asked)
	}
	t.Cleanup(func() { unmounted(t, at) })
	locked, err := os.ReadFile(at + "/Phone/latest/LOCKED.txt")
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"the message": wrong, "LOCKED.txt": string(locked)} {
		text = strings.ToLower(strings.Join(strings.Fields(text), " "))
		for _, word := range []string{"passcode", "apple account", "older phone", "keychain access", "reset all settings", "for later backups"} {
			if !strings.Contains(text, word) {
				t.Errorf("%s does not speak of %q: %s", where, word, text)
			}
		}
	}
}

// TestListJSON is what scripts rely on.
func TestListJSON(t *testing.T) {
	ownHome(t)
	stdout, _, code := ibfs(t, "list", "--json", "--backups", written(t, note("secret")))
	var all []listed
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || code != 0 || len(all) != 1 || all[0].Device != "Phone" || !all[0].Encrypted || !all[0].Latest {
		t.Errorf("%d, %v: %s", code, err, stdout)
	}
}

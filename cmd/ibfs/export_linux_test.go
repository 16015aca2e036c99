package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/cmd/ibfs/internal/export"
)

// exported exports a folder of note's tree and returns the report.
func exported(t *testing.T, backup, from, to string, want int) (r exportReport) {
	t.Helper()
	stdout, stderr, code := ibfs(t, "export", "--json", "--backups", backup, from, to)
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != want {
		t.Fatalf("export: exit code %d, want %d: %v %s%s", code, want, err, stdout, stderr)
	}
	return r
}

// TestFC15RefusedNames exports to a volume that refuses names: those are
// replaced, told, and can be undone; all else is copied.
func TestFC15RefusedNames(t *testing.T) {
	ownHome(t)
	d := newDisk(t)
	b := note("")
	long := strings.Repeat("n", 240)
	names := map[string]string{ // here: on the disk
		"a:b": "a%3Ab", "AUX": "AUX", "x?": "x%3F", "100%": "100%", "50%?": "50%25%3F", long: long, "tab\tnl\n": "tab%09nl%0A", "sound.txt": "sound.txt",
	}
	for name := range names {
		b.Files = append(b.Files, backuptest.File{Domain: "MediaDomain", Path: "Odd/" + name, Content: []byte(name)})
	}
	b.Files = append(b.Files,
		backuptest.File{Domain: "MediaDomain", Path: "Odd/link", Target: "sound.txt"},
		backuptest.File{Domain: "MediaDomain", Path: "Odd/gone", Content: []byte("x"), Blob: backuptest.Absent},
		backuptest.File{Domain: "MediaDomain", Path: "Odd/in: a folder/?", Content: []byte("deep")})
	dir := written(t, b)
	r := exported(t, dir, "Phone/latest/Domains/MediaDomain", d.at+"/out", exitPartly)
	for name, want := range names {
		if got, err := os.ReadFile(filepath.Join(d.at, "out/Odd", want)); err != nil || string(got) != name {
			t.Errorf("%q: %q, %v", want, got, err)
		}
		renamed := slices.Contains(r.Renamed, export.Renamed{Path: "Odd/" + name, Name: want})
		if renamed != (name != want) {
			t.Errorf("%q is told as renamed: %v", name, renamed)
		}
	}
	if got, err := os.ReadFile(d.at + "/out/Odd/in%3A a folder/%3F"); err != nil || string(got) != "deep" {
		t.Errorf("in a folder of an odd name: %q, %v", got, err)
	}
	var failed []string
	for _, f := range r.Failed {
		failed = append(failed, f.Path)
	}
	slices.Sort(failed)
	if !slices.Equal(failed, []string{"Odd/gone", "Odd/link"}) || r.Copied != len(names)+1 {
		t.Errorf("%d copied, failed are %+v", r.Copied, r.Failed)
	}
	again := exported(t, dir, "Phone/latest/Domains/MediaDomain", d.at+"/out", exitPartly)
	if again.Copied != 0 || again.Present != len(names)+1 {
		t.Errorf("the second export: %+v", again)
	}
	fails(t, exitPartly, "not everything was copied", "list above", "export", "--backups", dir, "Phone/latest/Domains/MediaDomain", d.at+"/out")
}

// TestFC16OneNameForTwo exports names that differ by case, and by Unicode form,
// to a volume that takes them for one: none is written over another.
func TestFC16OneNameForTwo(t *testing.T) {
	ownHome(t)
	d := newDisk(t)
	b := note("secret")
	for _, name := range []string{"Ä.txt", "ä.txt", "B/x", "b/x", "b/X", "C", "c/inside"} {
		b.Files = append(b.Files, backuptest.File{Domain: "HomeDomain", Path: "Library/" + name, Content: []byte(name)})
	}
	dir := written(t, b)
	t.Setenv("IBFS_PASSWORD_FILE", passwordFile(t, "secret"))
	r := exported(t, dir, noteFolder, d.at+"/out", exitPartly)
	var contents []string
	err := filepath.WalkDir(d.at+"/out", func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		got, err := os.ReadFile(path)
		contents = append(contents, string(got))
		return err
	})
	var want []string
	for _, f := range b.Files {
		if strings.HasPrefix(f.Path, "Library/") {
			want = append(want, string(f.Content))
		}
	}
	slices.Sort(contents)
	slices.Sort(want)
	if err != nil || !slices.Equal(contents, want) || r.Copied != len(want) || len(r.Failed) > 0 {
		t.Errorf("%v, copied %d, the disk holds %q, want %q; failed %v", err, r.Copied, contents, want, r.Failed)
	}
	if len(r.Renamed) != 5 {
		t.Errorf("renamed: %v", r.Renamed)
	}
	if again := exported(t, dir, noteFolder, d.at+"/out", exitPartly); again.Copied != 0 || again.Present != len(want) || len(again.Renamed) != 5 {
		t.Errorf("the second export: %+v", again)
	}
}

// TestExportGoesOn takes up an export that ended, and keeps times.
func TestExportGoesOn(t *testing.T) {
	ownHome(t)
	b := backuptest.Sample()
	dir, to := written(t, b), t.TempDir()
	first := exported(t, dir, "Anna’s iPhone/latest/Domains", to, 0)
	checkContents(t, b, to)
	for i, f := range b.Files {
		path := filepath.Join(to, f.Domain, f.Path)
		if info, err := os.Lstat(path); err != nil || !f.IsLink() && !f.IsDir() && !info.ModTime().Equal(modTime(b, f)) {
			t.Errorf("%s: %v, %v", path, info, err)
		}
		if i%3 == 0 && len(f.Content) > 1 {
			if err := os.Truncate(path, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	second := exported(t, dir, "Anna’s iPhone/latest/Domains", to, 0)
	checkContents(t, b, to)
	if second.Copied == 0 || second.Copied+second.Present != first.Copied || second.Copied > first.Copied/2 {
		t.Errorf("first %+v, second %+v", first, second)
	}
	if stray, _ := filepath.Glob(to + "/*/*.part"); len(stray) > 0 {
		t.Error("left behind:", stray)
	}
}

// TestExportIntoBackup writes nothing into a backup, by whatever name.
func TestExportIntoBackup(t *testing.T) {
	ownHome(t)
	dir := written(t, note(""))
	link := linkTo(t, dir)
	for _, to := range []string{dir, dir + "/sub", dir + "/a/b", link, link + "/sub", filepath.Dir(blobOf(dir))} {
		fails(t, exitFailed, "the folder is part of a backup", "outside of the backups", "export", "--backups", dir, noteFolder, to)
		fails(t, exitFailed, "the folder is part of a backup", "outside of the backups", "export", dir, to)
	}
	if _, err := os.Stat(dir + "/sub"); err == nil {
		t.Error("a folder was made in the backup")
	}
	if _, stderr, code := ibfs(t, "export", "--backups", dir, noteFolder, filepath.Dir(dir)+"/beside"); code != 0 {
		t.Errorf("beside it: %d, %s", code, stderr)
	}
}

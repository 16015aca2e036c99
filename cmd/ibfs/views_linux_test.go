package main

import (
	"bytes"
	"encoding/json"
	iofs "io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/cmd/ibfs/internal/demo"
	"ibfs/fs/view"
)

var demoBackups = sync.OnceValues(demo.Backups)

// demoLibrary writes the demo's backups with a password of their own, "" for
// none, below a new folder.
func demoLibrary(t *testing.T, password string) (dir string) {
	t.Helper()
	all, err := demoBackups()
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, b := range all {
		b.Password = password
		writeTo(t, filepath.Join(dir, b.Date.Format("2006-01-02")), b)
	}
	return dir
}

// files are the regular files below a folder, by their paths there.
func files(t *testing.T, dir string) map[string]iofs.FileInfo {
	t.Helper()
	all := map[string]iofs.FileInfo{}
	err := filepath.WalkDir(dir, func(path string, e iofs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		all[rel], err = e.Info()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestDemoShowsEveryView wants something of the phone's in every view, and
// nothing that could not be read.
func TestDemoShowsEveryView(t *testing.T) {
	latest := filepath.Join(mounted(t, demoLibrary(t, "secret")), "Anna's iPhone/latest")
	for _, name := range viewNames() {
		if _, err := os.Stat(filepath.Join(latest, name)); err != nil {
			t.Errorf("%s is not there: %v", name, err)
			continue
		}
		entries := 0
		for file, info := range files(t, filepath.Join(latest, name)) {
			switch filepath.Base(file) {
			case view.LostName, view.FailedName:
				text, err := os.ReadFile(filepath.Join(latest, name, file))
				t.Errorf("%s: %s, %v", name, text, err)
			case view.MissingName:
			default:
				if info.Size() > 0 {
					entries++
				}
			}
		}
		if entries == 0 {
			t.Errorf("%s shows nothing", name)
		}
	}
}

// TestViewsAreOneTree holds what ls, cat and export show of the views against
// the mount, of a backup with a password and of one without.
func TestViewsAreOneTree(t *testing.T) {
	for name, password := range map[string]string{"encrypted": "secret", "plain": ""} {
		t.Run(name, func(t *testing.T) {
			library := demoLibrary(t, password)
			latest := filepath.Join(mounted(t, library), "Anna's iPhone/latest")
			t.Setenv("IBFS_BACKUPS", library)
			t.Setenv("IBFS_PASSWORD_FILE", passwordFile(t, "secret"))
			top, _, _ := ibfs(t, "ls", "Anna's iPhone/latest")
			for _, name := range viewNames() {
				_, err := os.Stat(filepath.Join(latest, name))
				if shown := strings.Contains("\n"+top, "\n"+name+"/\n"); shown != (err == nil) {
					t.Errorf("%s: %v; ls shows\n%s", name, err, top)
				} else if shown {
					sameAsMounted(t, filepath.Join(latest, name), "Anna's iPhone/latest/"+name)
				}
			}
		})
	}
}

func sameAsMounted(t *testing.T, mounted, path string) {
	t.Helper()
	var listed []lsEntry
	stdout := quiet(t, exe(t), "ls", "--json", path)
	if err := json.Unmarshal([]byte(stdout), &listed); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(mounted)
	if err != nil || len(entries) != len(listed) || len(entries) == 0 {
		t.Errorf("%s: the mount lists %d, %v; ls %d", path, len(entries), err, len(listed))
	}
	for _, e := range listed {
		info, err := os.Lstat(filepath.Join(mounted, e.Name))
		if err != nil || typeName(info.Mode()) != e.Type || e.Type == "file" && info.Size() != e.Size || !info.ModTime().Equal(e.ModTime) {
			t.Errorf("%s/%s: ls has %+v; the mount %v, %v", path, e.Name, e, info, err)
		}
	}
	to := t.TempDir()
	quiet(t, exe(t), "export", path, to)
	here, there := files(t, mounted), files(t, to)
	if len(here) != len(there) || len(here) == 0 {
		t.Errorf("%s: %d files in the mount, %d are exported", path, len(here), len(there))
	}
	shown := ""
	for name, info := range here {
		want, err := os.ReadFile(filepath.Join(mounted, name))
		if err != nil || int64(len(want)) != info.Size() {
			t.Errorf("%s/%s: %d bytes of %d, %v", path, name, len(want), info.Size(), err)
		}
		got, err := os.ReadFile(filepath.Join(to, name))
		if err != nil || !bytes.Equal(got, want) || !there[name].ModTime().Equal(info.ModTime()) {
			t.Errorf("%s/%s: export differs: %v", path, name, err)
		}
		if shown == "" || name < shown {
			shown = name
		}
	}
	want, _ := os.ReadFile(filepath.Join(mounted, shown))
	if got := quiet(t, exe(t), "cat", path+"/"+shown); got != string(want) {
		t.Errorf("cat %s/%s: %d bytes, want %d", path, shown, len(got), len(want))
	}
}

// TestExportViewAgain exports every view of a backup, of the same again, and of
// the next: what is there stays, what is new comes.
func TestExportViewAgain(t *testing.T) {
	ownHome(t)
	t.Setenv("IBFS_BACKUPS", demoLibrary(t, "secret"))
	t.Setenv("IBFS_PASSWORD_FILE", passwordFile(t, "secret"))
	for _, view := range viewNames() {
		to := t.TempDir()
		first := exportedView(t, 0, view, "Anna's iPhone@2026-10", to)
		before := files(t, to)
		if n := first.Copied + first.Linked; n < len(before) || n == 0 || first.Present > 0 {
			t.Errorf("%s: %d files, the report is %+v", view, len(before), first)
		}
		if again := exportedView(t, 0, strings.ToUpper(view), "Anna's iPhone@2026-10", to); again.Copied+again.Linked > 0 || again.Present != first.Copied+first.Linked {
			t.Errorf("%s, again: %+v", view, again)
		}
		next := exportedView(t, 0, view, to)
		after := files(t, to)
		for name := range before {
			if after[name] == nil {
				t.Errorf("%s: %s is gone", view, name)
			}
		}
		if next.Copied+next.Linked+next.Present < len(after)-len(before) || len(after) < len(before) {
			t.Errorf("%s: %d files, then %d; %+v", view, len(before), len(after), next)
		}
		fresh := t.TempDir()
		exportedView(t, 0, view, fresh)
		for name, want := range files(t, fresh) {
			if got := after[name]; got == nil || got.Size() != want.Size() || !got.ModTime().Equal(want.ModTime()) {
				t.Errorf("%s: %s is %v, want %v", view, name, got, want)
			}
		}
	}
}

// TestExportInAnotherTimeZone exports views whose names have local times twice:
// no file comes a second time, and pages lead to those that are there.
func TestExportInAnotherTimeZone(t *testing.T) {
	ownHome(t)
	t.Setenv("IBFS_BACKUPS", demoLibrary(t, "secret"))
	t.Setenv("IBFS_PASSWORD_FILE", passwordFile(t, "secret"))
	for _, view := range []string{"WhatsApp", "Voice memos", "Voicemail"} {
		to := t.TempDir()
		t.Setenv("TZ", "UTC")
		exportedView(t, 0, view, to)
		t.Setenv("TZ", "Asia/Tokyo")
		exportedView(t, 0, view, to)
		fresh := t.TempDir()
		exportedView(t, 0, view, fresh)
		got, want := files(t, to), files(t, fresh)
		for name := range want {
			if got[name] == nil {
				t.Errorf("%s: %s is not there", view, name)
			}
		}
		for name := range got {
			if want[name] == nil && !strings.HasSuffix(name, ".txt") { // such as a text beside a recording
				t.Errorf("%s: %s is there under two names", view, name)
			}
		}
	}
}

// exportedView exports a view and returns the report.
func exportedView(t *testing.T, want int, view string, args ...string) (r exportReport) {
	t.Helper()
	stdout, stderr, code := ibfs(t, append([]string{"export", "--json", "--view", view}, args...)...)
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != want {
		t.Fatalf("export --view %s %q: exit code %d, want %d: %v %s%s", view, args, code, want, err, stdout, stderr)
	}
	return r
}

// TestExportViewRefuses names what is wrong with a view, and with a backup.
func TestExportViewRefuses(t *testing.T) {
	ownHome(t)
	library, to := t.TempDir(), t.TempDir()
	for _, name := range []string{"Anna", "Ben"} {
		b := backuptest.Sample()
		b.DeviceName, b.UDID = name, strings.Repeat(name[:1], 40)
		writeTo(t, filepath.Join(library, name), b)
	}
	bare := written(t, backuptest.Backup{DeviceName: "Bare", Files: []backuptest.File{{Domain: "HomeDomain", Path: "Library/x", Content: []byte("x")}}})
	fails(t, exitNotFound, "more than one backup fits: Anna@", "name one of them", "export", "--backups", library, "--view", "contacts", to)
	fails(t, exitNotFound, `"cars": there is no such view; there are Apps, Contacts`, "as its folder", "export", "--backups", library, "--view", "cars", "Ben", to)
	fails(t, exitNotFound, "Contacts of Bare, ", `"About this backup.txt"`, "export", "--backups", bare, "--view", "contacts", to)
	fails(t, exitUsage, "FOLDER is missing", "export --help", "export", "--view", "contacts")
	fails(t, exitUsage, `"c" is one argument too many`, "export --help", "export", "--view", "contacts", "a", "b", "c")
	if left, err := os.ReadDir(to); err != nil || len(left) > 0 {
		t.Errorf("%v, %v is left behind", err, left)
	}
	shown, _, _ := ibfs(t, "__complete", "export", "--view", "C")
	if lines := strings.Split(shown, "\n"); !slices.Contains(lines, "Contacts") || !slices.Contains(lines, "Calls") || slices.Contains(lines, "Apps") {
		t.Errorf("completions of C: %q", lines)
	}
}

// TestAboutTellsWhatIsLeftOut reads of every view whether it is there, or why
// not.
func TestAboutTellsWhatIsLeftOut(t *testing.T) {
	ownHome(t)
	const withheld = "Calls: since iOS 13 phones leave it out of a backup without a password"
	for name, c := range map[string]struct {
		password string
		calls    string
	}{
		"encrypted": {"secret", "Calls: no Library/CallHistoryDB/CallHistory.storedata in HomeDomain"},
		"plain":     {"", withheld},
	} {
		bare := written(t, backuptest.Backup{DeviceName: "Bare", Password: c.password, Files: []backuptest.File{{Domain: "HomeDomain", Path: "Library/x", Content: []byte("x")}}})
		t.Setenv("IBFS_PASSWORD_FILE", passwordFile(t, "secret"))
		about := quiet(t, exe(t), "cat", "--backups", bare, "Bare/latest/About this backup.txt")
		_, list, _ := strings.Cut(about, "Not here, because this backup holds no such data:\n\n")
		list, _, _ = strings.Cut(list, "\n\n")
		var told []string
		for line := range strings.Lines(list + "\n") {
			view, _, _ := strings.Cut(strings.TrimSpace(line), ":")
			told = append(told, view)
		}
		if !slices.Equal(told, viewNames()) {
			t.Errorf("%s: tells %q, want %q", name, told, viewNames())
		}
		for _, want := range []string{c.calls, "Photos: no photo library and no camera folder; with iCloud Photos"} {
			if !strings.Contains(list, "  "+want) {
				t.Errorf("%s: does not tell %q:\n%s", name, want, list)
			}
		}
	}
	whole := quiet(t, exe(t), "cat", "--backups", demoLibrary(t, "secret"), "Anna's iPhone/latest/About this backup.txt")
	if strings.Contains(whole, "Not here") || strings.Contains(whole, "Not shown") {
		t.Errorf("of a backup that holds all it says\n%s", whole)
	}
}

// TestExportWithoutHardLinks exports views to a volume that has none, and
// refuses names: those of views it takes as they are.
func TestExportWithoutHardLinks(t *testing.T) {
	ownHome(t)
	d := newDisk(t)
	t.Setenv("IBFS_BACKUPS", demoLibrary(t, "secret"))
	t.Setenv("IBFS_PASSWORD_FILE", passwordFile(t, "secret"))
	for _, name := range []string{"photos", "messages", "notes"} {
		to := filepath.Join(d.at, name)
		first := exportedView(t, 0, name, to)
		if all := files(t, to); first.Linked > 0 || first.Copied != len(all) {
			t.Errorf("%s: %d files, %+v", name, len(all), first)
		}
		if again := exportedView(t, 0, name, to); again.Copied > 0 || again.Present != first.Copied {
			t.Errorf("%s, again: %+v", name, again)
		}
	}
}

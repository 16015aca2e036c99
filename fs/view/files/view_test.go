package files_test

import (
	"errors"
	iofs "io/fs"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/files"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
)

const (
	group = "AppDomainGroup-group.com.apple.FileProvider.LocalStorage"
	local = "File Provider Storage/"
	cloud = "Library/Mobile Documents/"
)

func sample() backuptest.Backup {
	at := func(domain, path string) backuptest.File {
		return backuptest.File{Domain: domain, Path: path, Content: []byte("content of " + path)}
	}
	all := []backuptest.File{
		{Domain: group, Path: local + "Empty", Mode: backuptest.Folder},
		{Domain: group, Path: local + "Passwords", Target: "/etc/passwd"},
		{Domain: group, Path: local + "Projects/latest", Target: "ibfs"},
		{Domain: "HomeDomain", Path: cloud + "iCloud~com~example~empty/Documents", Mode: backuptest.Folder},
	}
	for _, p := range []string{
		"Letter.pdf", "letter.PDF", ".hidden", "-rf", "CON.txt", "What: is* this?.txt", strings.Repeat("long ", 50) + ".txt",
		"Projects/ibfs/README: a file.md", "Projects/deep/" + strings.Repeat("d/", 30) + "leaf", ".Trash/Old.pdf", ".Trash/Old folder/x.txt",
	} {
		all = append(all, at(group, local+p))
	}
	for _, p := range []string{
		"com~apple~CloudDocs/Tax/2025.pdf", "com~apple~CloudDocs/.Note.txt.icloud", "com~apple~CloudDocs/Pages", "com~apple~CloudDocs/.Trash/Old.pdf",
		"com~apple~Pages/Documents/Letter.pages/Data/preview.jpg", "iCloud~com~example~pages/Documents/other.txt", "com~apple~Numbers/Library/state.plist",
	} {
		all = append(all, at("HomeDomain", cloud+p))
	}
	return backuptest.Backup{Files: all}
}

func TestView(t *testing.T) { viewtest.Run(t, viewtest.Case{View: files.View{}, Backup: sample()}) }

// Each of the two places is shown without the other, and nothing without both.
func TestPlaces(t *testing.T) {
	for name, tt := range map[string]struct {
		domain, path string
		want         string // folders
	}{
		"on the phone":  {group, local + "a.txt", "On My iPhone"},
		"in iCloud":     {"HomeDomain", cloud + "com~apple~CloudDocs/a.txt", "iCloud Drive"},
		"apps alone":    {"HomeDomain", cloud + "com~apple~Pages/Documents/a.txt", ""},
		"neither":       {"HomeDomain", "Library/a.txt", ""},
		"a file for it": {group, "File Provider Storage", "On My iPhone"},
	} {
		t.Run(name, func(t *testing.T) {
			b := backuptest.Backup{Files: []backuptest.File{{Domain: tt.domain, Path: tt.path, Content: []byte("x")}}}
			shown, err := files.View{}.Open(t.Context(), viewtest.Source(t, b, nil))
			if tt.want == "" {
				if !errors.Is(err, view.ErrAbsent) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			all, err := iofs.ReadDir(vtree.FS(t.Context(), shown), ".")
			if err != nil || len(all) != 1 || all[0].Name() != tt.want {
				t.Errorf("%v, %v", all, err)
			}
		})
	}
}

// A link of a project stays in the mount, and one beside the projects is left
// out.
func TestLinks(t *testing.T) {
	b := sample()
	b.Files = append(b.Files, backuptest.File{Domain: group, Path: local + "Projects/Passwords", Target: "/etc/passwd"})
	fsys := vtree.FS(t.Context(), viewtest.Open(t, files.View{}, b, nil))
	for name, want := range map[string]string{
		"On My iPhone/Projects/latest": "ibfs", "On My iPhone/Projects/Passwords": "../../../Domains/.device/etc/passwd", "On My iPhone/Passwords": "",
	} {
		if got, err := iofs.ReadLink(fsys, name); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestPad(t *testing.T) {
	b := sample()
	b.ProductType = "iPad13,4"
	shown := viewtest.Open(t, files.View{}, b, nil)
	if _, err := iofs.Stat(vtree.FS(t.Context(), shown), "On My iPad/Letter.pdf"); err != nil {
		t.Error(err)
	}
}

// TestRealBackup shows what a real phone of iOS 14.3 had on it.
func TestRealBackup(t *testing.T) {
	shown := viewtest.OpenDir(t, files.View{}, viewtest.RealPath(t, "ios14-backup"))
	all, err := iofs.ReadDir(vtree.FS(t.Context(), shown), "On My iPhone")
	if err != nil || len(all) != 1 || all[0].Name() != "sysdiagnose_2021.09.29_09-40-55+0100_iPhone-OS_iPhone_18C66.tar.gz" {
		t.Errorf("%v, %v", all, err)
	}
}

package ringtones_test

import (
	"errors"
	iofs "io/fs"
	"slices"
	"strings"
	"testing"

	"howett.net/plist"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/ringtones"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
)

const (
	folder = "Media/iTunes_Control/Ringtones/"
	list   = "Media/iTunes_Control/iTunes/Ringtones.plist"
)

func tone(domain, path string) backuptest.File {
	return backuptest.File{Domain: domain, Path: path, Content: []byte("sound of " + path)}
}

func names(t *testing.T, list any) []byte {
	t.Helper()
	b, err := plist.Marshal(list, plist.BinaryFormat)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sample(t *testing.T) backuptest.Backup {
	known := map[string]any{"Ringtones": map[string]any{
		"ABCD.m4r": map[string]any{"Name": "Marimba: at dawn"}, "EFGH.m4r": map[string]any{"Name": "marimba: AT dawn"}, "IJKL.m4r": map[string]any{"Name": "../../etc/passwd"},
		"MNOP.m4r": map[string]any{"Name": 7}, "gone.m4r": map[string]any{"Name": "Gone"}, "wrong": "type", "empty.m4r": map[string]any{"Name": " "},
	}}
	return backuptest.Backup{Files: []backuptest.File{
		{Domain: "TonesDomain", Path: list, Content: names(t, known)},
		tone("TonesDomain", folder+"ABCD.m4r"), tone("TonesDomain", folder+"EFGH.m4r"), tone("TonesDomain", folder+"IJKL.m4r"),
		tone("TonesDomain", folder+"MNOP.m4r"), tone("TonesDomain", folder+"empty.m4r"), tone("TonesDomain", folder+"note.txt"),
		tone("TonesDomain", "Media/Purchases/Bought.M4R"), tone("TonesDomain", "Media/Purchases/Song.m4a"), tone("MediaDomain", folder+"Old tone.m4r"),
		{Domain: "TonesDomain", Path: folder + "link.m4r", Target: "/etc/passwd"}, {Domain: "TonesDomain", Path: folder + "folder.m4r", Mode: backuptest.Folder},
	}}
}

func TestView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{View: ringtones.View{}, Backup: sample(t)})
}

// Without a list, or with one that is damaged, tones have the names of their
// files; without both there is no view.
func TestList(t *testing.T) {
	file := tone("MediaDomain", folder+"ABCD.m4r")
	for name, tt := range map[string]struct {
		files []backuptest.File
		want  []string
	}{
		"none":       {[]backuptest.File{file}, []string{"ABCD.m4r"}},
		"damaged":    {[]backuptest.File{file, {Domain: "MediaDomain", Path: list, Content: []byte("bplist00 no")}}, []string{"ABCD.m4r", view.LostName}},
		"other form": {[]backuptest.File{file, {Domain: "MediaDomain", Path: list, Content: names(t, []any{"x"})}}, []string{"ABCD.m4r", view.LostName}},
		"alone":      {[]backuptest.File{{Domain: "MediaDomain", Path: list, Content: names(t, map[string]any{"Ringtones": map[string]any{}})}}, nil},
		"neither":    {[]backuptest.File{tone("MediaDomain", "Media/a.m4r")}, []string{"absent"}},
	} {
		t.Run(name, func(t *testing.T) {
			tree, err := ringtones.View{}.Open(t.Context(), viewtest.Source(t, backuptest.Backup{Files: tt.files}, nil))
			if errors.Is(err, view.ErrAbsent) {
				if !slices.Equal(tt.want, []string{"absent"}) {
					t.Error(err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			all, err := iofs.ReadDir(vtree.FS(t.Context(), tree), ".")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range all {
				got = append(got, e.Name())
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", strings.Join(got, ", "), tt.want)
			}
		})
	}
}

package main

import (
	"strings"
	"testing"

	"ibfs/capture/fakedevice"
)

// TestCompletion asks for what a shell offers.
func TestCompletion(t *testing.T) {
	ownHome(t)
	plugIn(t, &fakedevice.Phone{Name: "Anna's iPhone"})
	backups := written(t, note(""))
	t.Setenv("IBFS_BACKUPS", backups)
	snapshot := strings.Fields(quiet(t, exe(t), "ls", "Phone"))[1]
	for _, tt := range []struct {
		line []string
		want string // the last word is for the shell: 0 is go on with files, 2 no space behind, 4 no files
	}{
		{[]string{"info", ""}, "Phone :0"},
		{[]string{"info", "X"}, ":0"},
		{[]string{"delete", "Ph"}, "Phone :0"},
		{[]string{"verify", "Phone@"}, "Phone@" + strings.TrimSuffix(snapshot, "/") + " :0"},
		{[]string{"info", "Phone", ""}, ":0"},
		{[]string{"info", "./"}, ":0"},
		{[]string{"ls", ""}, "Phone/ :2"},
		{[]string{"ls", "Phone/la"}, "Phone/latest/ :2"},
		{[]string{"cat", noteFolder + "/"}, noteFolder + "/A.plist " + noteFolder + "/a.plist :0"},
		{[]string{"cat", notePath, noteFolder + "/a"}, notePath + " :0"},
		{[]string{"ls", "Phone/latest/absent/"}, ":0"},
		{[]string{"ls", "../Phone"}, ":0"},
		{[]string{"export", "Phone/la"}, "Phone/latest/ :2"},
		{[]string{"export", "Phone/latest", ""}, ":0"},
		{[]string{"export", "--view", "photos", ""}, "Phone :0"},
		{[]string{"export", "--view", "PHO"}, "PHOtos :4"},
		{[]string{"restore", "--device", "Anna"}, "Anna's iPhone :4"},
		{[]string{"pair", "--device", "000081"}, "00008110-000A1C2E3F408010 :4"},
		{[]string{"--backups", backups + "/absent", "info", ""}, ":0"},
	} {
		stdout, _, code := ibfs(t, append([]string{"__complete"}, tt.line...)...)
		if got := strings.Join(strings.Split(strings.TrimSpace(stdout), "\n"), " "); got != tt.want || code != exitDone {
			t.Errorf("%q: %q, exit code %d; want %q", tt.line, got, code, tt.want)
		}
	}
}

// TestCompletionOfMounts offers the folders that something is mounted on.
func TestCompletionOfMounts(t *testing.T) {
	at := mounted(t, written(t, note("secret")))
	if got, _, _ := ibfs(t, "__complete", "unmount", ""); got != at+"\n:0\n" {
		t.Errorf("unmount: %q", got)
	}
}

package backupfmt_test

import (
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
)

// TestDeadLinksAreFound: a link that cannot be shown is found, a sound one is not.
func TestDeadLinksAreFound(t *testing.T) {
	link := func(path, target string) backuptest.File {
		return backuptest.File{Domain: "HomeDomain", Path: path, Mode: 0o120755, Target: target}
	}
	dir := t.TempDir()
	if err := backuptest.Write(dir, backuptest.Backup{Files: []backuptest.File{
		link("sound", "/var/mobile/Library"), link("none", ""), link("long", "/"+strings.Repeat("x", 5000)), link("nul", "/var\x00/x"),
	}}); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(findings(t, openDir(t, dir, "")), "\n")
	for _, want := range []string{"none: damaged: the link has no target", "long: damaged: the link's target has 5001 bytes", "nul: damaged: the link's target has a NUL"} {
		if !strings.Contains(all, want) {
			t.Errorf("%s\nwant %q", all, want)
		}
	}
	if strings.Contains(all, "sound") {
		t.Error(all)
	}
}

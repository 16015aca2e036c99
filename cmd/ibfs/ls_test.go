package main

import (
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
)

// TestLsOfBadLinks lists what cannot be looked at, and says where it is.
func TestLsOfBadLinks(t *testing.T) {
	ownHome(t)
	b := note("")
	b.Files = append(b.Files, backuptest.File{Domain: "HomeDomain", Path: "Library/bad", Mode: 0o120755})
	stdout, stderr, code := ibfs(t, "ls", "-l", "--backups", written(t, b), noteFolder)
	want := "\n?                       ?  ?                    bad\n"
	if code != exitFailed || !strings.HasSuffix(stdout, want) || !strings.Contains(stderr, "/Domains/HomeDomain/Library/bad: ") {
		t.Errorf("%d\n%s%s", code, stdout, stderr)
	}
}

// TestListOfLongNames keeps one name from pushing all else aside.
func TestListOfLongNames(t *testing.T) {
	ownHome(t)
	b := note("")
	b.DeviceName = strings.Repeat("é", 125)
	got := quiet(t, exe(t), "list", "--backups", written(t, b))
	want := strings.Repeat("é", 39) + "…  2026"
	if !strings.Contains(got, "\n"+want) {
		t.Errorf("list: %s", got)
	}
}

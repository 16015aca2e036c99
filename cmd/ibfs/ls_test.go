package main

import (
	"bytes"
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
	if code != exitDamaged || !strings.HasSuffix(stdout, want) || !strings.Contains(stderr, "/Domains/HomeDomain/Library/bad: ") {
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

func TestWarnDamage(t *testing.T) {
	for places, want := range map[int]string{0: "", 1: "ibfs: warning: 1 damaged place in ", 2: "ibfs: warning: 2 damaged places in "} {
		var stderr bytes.Buffer
		(&app{stderr: &stderr}).warnDamage(places)
		if got := stderr.String(); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%d: %q, want %q", places, got, want)
		}
	}
}

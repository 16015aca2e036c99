package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"ibfs/capture/fakedevice"
)

// What a phone calls itself takes no more than a line, and a phone without a name is
// told by its UDID, also in what is typed before a restore.
func TestNamesOfPhones(t *testing.T) {
	long := &fakedevice.Phone{Name: strings.Repeat("Ü\u202e", 4000)}
	plugIn(t, long)
	stdout, stderr := works(t, "backup")
	for line := range strings.Lines(stderr + stdout) {
		if n := utf8.RuneCountInString(line); n > nameWidth+200 {
			t.Errorf("a line of %d characters: %.100s", n, line)
		}
	}
	bare := &fakedevice.Phone{Values: map[string]map[string]any{"": {"DeviceName": nil}}}
	library := plugIn(t, bare)
	if stdout, _ = works(t, "backup"); !strings.HasPrefix(stdout, bare.UDID+": snapshot ") {
		t.Fatalf("it says: %s", stdout)
	}
	const question = "Type the phone's UDID, "
	for answer, want := range map[string]string{"": `the answer was ""`, "Anna": `the answer was "Anna", not "` + bare.UDID + `"`} {
		said, code := typed(t, []string{answer}, "restore", snapshotNames(t, library, bare.UDID)[0])
		if code != exitFailed || !strings.Contains(said, question) || !strings.Contains(said, want) || strings.Contains(said, "--yes") || !strings.Contains(said, "type it as it is asked for") {
			t.Errorf("answered %q: exit code %d\n%s", answer, code, said)
		}
	}
}

// Of many files that a phone could not read a person is told of some, and a
// program of all.
func TestUnreadFiles(t *testing.T) {
	const many, lost = 1000, 7
	var warnings []string
	for i := range many {
		warnings = append(warnings, fmt.Sprintf("file %d%s", i, strings.Repeat("\x1b[", 600)))
	}
	told := func(json bool) (lines []string) {
		var b strings.Builder
		a := &app{stderr: &b, json: json}
		backupRun{app: a, show: a.showRun("Anna's iPhone", &backupTask, false)}.tellUnread(warnings, lost)
		return strings.Split(strings.TrimSpace(b.String()), "\n")
	}
	lines := told(false)
	if len(lines) != mostUnread+1 || !strings.HasSuffix(lines[mostUnread], fmt.Sprintf("the phone could not read %d more files", many-mostUnread+lost)) {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
	for _, line := range lines {
		if utf8.RuneCountInString(line) > nameWidth+textWidth+len("the phone could not read a file: ") {
			t.Errorf("a line of %d characters", utf8.RuneCountInString(line))
		}
	}
	if lines = told(true); len(lines) != many+1 || !strings.Contains(lines[many-1], "file 999") {
		t.Errorf("a program is told in %d lines", len(lines))
	}
}

// With --json the error is an event like the others.
func TestErrorEvent(t *testing.T) {
	p := &fakedevice.Phone{Name: "Anna's iPhone"}
	plugIn(t, p)
	p.SetScript(fakedevice.Fault{Before: fakedevice.StepMove, Do: fakedevice.Cut()})
	_, stderr, code := ibfs(t, "backup", "--json")
	var last struct {
		Error, Hint string
		Code        int
	}
	for line := range strings.Lines(stderr) {
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			t.Errorf("no event: %s", line)
		}
	}
	if code != exitPhone || last.Code != code || !strings.Contains(last.Error, "without a final answer") || !strings.Contains(last.Hint, "run it again") {
		t.Errorf("exit code %d, %+v", code, last)
	}
}

func TestClipped(t *testing.T) {
	for s, want := range map[string]string{"": "", "abc": "abc", "abcd": "abcd", "abcde": "abc…", "äöüßä": "äöü…", "äöüß": "äöüß", "\xff\xfe\xfd\xfc\xfb": "\xff\xfe\xfd…"} {
		if got := clipped(s, 4); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	if got := shown(strings.Repeat("\x1b", 10), 10); got != `\u001b\u0…` {
		t.Errorf("escaped: %q", got)
	}
}

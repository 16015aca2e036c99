package mobilebackup2

import (
	"strings"
	"testing"

	"ibfs/capture/devicelink"
)

func TestFullBackup(t *testing.T) {
	dir, tree := workingTree(t)
	content := map[string]string{"a": "hello", "empty": "", "large": strings.Repeat("0123456789abcdef", 100_000)}
	var seen []Progress
	_, result, err := run(t, fullRun(content), tree, BackupOptions{Progress: func(p Progress) { seen = append(seen, p) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.Close(); err != nil {
		t.Fatal(err)
	}
	got := files(t, dir)
	want := map[string]string{
		"./": "", udid + "/": "", udid + "/Status.plist": status("finished"),
		udid + "/Manifest.plist": "manifest", udid + "/Manifest.db": "database",
	}
	for name, c := range content {
		want[udid+"/"+shard(name)[:2]+"/"] = ""
		want[udid+"/"+shard(name)] = c
	}
	mustEqual(t, "the tree", got, want)
	if result.Received.Files != len(content)+3 || result.Sent.Files != 1 || result.Percent != 100 || len(result.Warnings) != 0 || result.Failures != 0 {
		t.Errorf("result %+v", result)
	}
	highest := 0.0
	for _, p := range seen {
		if p.Percent < highest {
			t.Errorf("the percentage falls from %v to %v", highest, p.Percent)
		}
		highest = max(highest, p.Percent)
	}
	if last := seen[len(seen)-1]; last.Phase != devicelink.Finished || last.Raw != -1 {
		t.Errorf("last progress %+v", last)
	}
}

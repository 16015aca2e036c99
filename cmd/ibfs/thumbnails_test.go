package main

import (
	"crypto/md5"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFC28Thumbnails(t *testing.T) {
	if os.Getenv("IBFS_TEST_FUSE") == "0" {
		t.Skip("IBFS_TEST_FUSE=0: nothing is mounted")
	}
	backup := written(t, note("secret"))
	cache, dir := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	at := filepath.Join(dir, "my phone")
	if _, stderr, code := ibfs(t, "mount", "--backups", backup, "--password-file", passwordFile(t, "secret"), at); code != 0 || !strings.Contains(stderr, "--thumbnails") {
		t.Fatalf("mount: code %d, stderr %q; want a word on thumbnails", code, stderr)
	}

	device := filepath.Join(at, "Phone")
	snapshot, err := os.Readlink(filepath.Join(device, "latest"))
	if err != nil {
		t.Fatal(err)
	}
	// A thumbnail by its name alone, of a file of the mount and of another.
	thumbnail := func(path string) string {
		uri := "file://" + strings.ReplaceAll(path, " ", "%20")
		name := filepath.Join(cache, "thumbnails/normal", fmt.Sprintf("%x.png", md5.Sum([]byte(uri))))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	ours := thumbnail(filepath.Join(device, snapshot, "Domains/HomeDomain/Library/a.plist"))
	foreign := thumbnail("/home/anna/cat.jpg")

	held, err := os.Open(at)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, code := ibfs(t, "unmount", "--thumbnails", at); code != exitBusy {
		t.Errorf("unmount while in use: code %d", code)
	}
	held.Close()
	if _, err := os.Stat(ours); err != nil {
		t.Errorf("an unmount that failed removed a thumbnail: %v", err)
	}
	if stdout, stderr, code := ibfs(t, "unmount", "--thumbnails", at); code != 0 || !strings.Contains(stdout, "Thumbnails removed: 1.") {
		t.Errorf("unmount: code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if _, err := os.Stat(ours); err == nil {
		t.Error("the thumbnail is still there")
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("another's thumbnail is gone: %v", err)
	}
}

package mobilebackup2

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzPath lets no path through that a file system reads as anything but plain
// names below the backup.
func FuzzPath(f *testing.F) {
	for _, path := range badPaths {
		f.Add(path)
	}
	f.Add(udid + "/00/0000000000000000000000000000000000000000")
	f.Add(udid + "/…/ø")
	f.Fuzz(func(t *testing.T, path string) {
		if checkPath(udid, path) != nil {
			return
		}
		if !filepath.IsLocal(path) || filepath.Clean(path) != path || !within(path, udid) ||
			!utf8.ValidString(path) || strings.ContainsAny(path, "\x00\\\n\x1b") || strings.Contains(path, ownPrefix+"staging") && strings.Contains(path, "/"+ownPrefix) {
			t.Errorf("%q passes", path)
		}
		dir, name := split(path)
		if dir != "" && dir+"/"+name != path || strings.Contains(name, "/") || name == "" {
			t.Errorf("%q is split into %q and %q", path, dir, name)
		}
	})
}

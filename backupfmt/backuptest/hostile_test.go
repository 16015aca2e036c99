package backuptest

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHostileRowsSpoilNoOther(t *testing.T) {
	for name, b := range Variants(Sample()) {
		t.Run(name, func(t *testing.T) {
			sample := b
			for _, c := range Hostile(b.Generation) {
				b.Files = append(b.Files[:len(b.Files):len(b.Files)], c.Files...)
			}
			dir := writeTemp(t, b)
			r := read(t, dir, b.Password)
			check(t, r, sample.Rows())
			ids := make(map[string]bool)
			for f := range b.Rows() {
				ids[f.ID()] = true
			}
			for id := range ids {
				if r.rows[id] == nil {
					t.Errorf("no row %q", id)
				}
			}
			if len(r.rows) != len(ids) {
				t.Errorf("%d rows, want %d", len(r.rows), len(ids))
			}
			for file := range files(t, filepath.Dir(dir)) {
				if base := filepath.Base(file); !isFileID(base) && !strings.HasPrefix(base, "Manifest.") && filepath.Ext(base) != ".plist" {
					t.Errorf("writes %s", file)
				}
			}
		})
	}
}

func TestHostileCasesStandAlone(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range Hostile(Modern) {
		if seen[c.Name] || len(c.Files) == 0 {
			t.Errorf("%q: named twice or empty", c.Name)
		}
		seen[c.Name] = true
		if err := Write(t.TempDir(), Backup{Password: "secret", Files: c.Files}); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

func TestDamage(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 1024) // four pages
	for name, c := range map[string]struct {
		do   func(name string) error
		want func() string
	}{
		"flip the third byte": {func(n string) error { return FlipBit(n, 2) }, func() string { return "013" + content[3:] }},
		"flip the last byte":  {func(n string) error { return FlipBit(n, -1) }, func() string { return content[:len(content)-1] + "g" }},
		"cut to 5":            {func(n string) error { return Truncate(n, 5) }, func() string { return "01234" }},
		"cut 5 off":           {func(n string) error { return Truncate(n, -5) }, func() string { return content[:len(content)-5] }},
		"corrupt page 2": {func(n string) error { return CorruptPage(n, 2) },
			func() string { return content[:4096] + string(noise("page", 4096)) + content[8192:] }},
		"append": {func(n string) error { return Append(n, []byte("x")) }, func() string { return content + "x" }},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := c.do(file); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want() {
				t.Errorf("%d bytes: %s...", len(got), hex.EncodeToString(got[:5]))
			}
		})
	}
}

func TestDamageRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, make([]byte, 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"bit past the end":       FlipBit(file, 5000),
		"bit before the start":   FlipBit(file, -5001),
		"longer than it is":      Truncate(file, 5001),
		"less than nothing":      Truncate(file, -5001),
		"page past the end":      CorruptPage(file, 2),
		"page 0":                 CorruptPage(file, 0),
		"file that is not there": FlipBit(file+"x", 0),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FC-07
func TestUnpackedHasNoIndex(t *testing.T) {
	dir := t.TempDir()
	b := Sample()
	if err := WriteUnpacked(dir, b); err != nil {
		t.Fatal(err)
	}
	got := files(t, dir)
	for _, f := range b.Files {
		if f.IsDir() || f.IsLink() {
			continue
		}
		if string(got[filepath.Join(f.Domain, f.Path)]) != string(f.Content) {
			t.Errorf("%s/%s differs", f.Domain, f.Path)
		}
	}
	for _, name := range []string{"Manifest.db", "Manifest.mbdb"} {
		if got[name] != nil {
			t.Errorf("has %s", name)
		}
	}
	for _, name := range []string{"Info.plist", "Manifest.plist", "Status.plist"} {
		if got[name] == nil {
			t.Errorf("has no %s", name)
		}
	}
}

package backupfmt_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// many is a backup whose manifest has some hundred pages.
func many(password string) backuptest.Backup {
	b := backuptest.Backup{Password: password, Rounds: backuptest.Rounds{SHA256: 10, SHA1: 10}}
	for i := range 2000 {
		b.Files = append(b.Files, backuptest.File{
			Domain: "HomeDomain", Path: fmt.Sprintf("Library/Folder %d/file %d.txt", i%20, i), Content: fmt.Appendf(nil, "content %d", i),
		})
	}
	return b
}

// TestDamagedManifest damages the manifest of an encrypted and of a plain
// backup: rows are lost, but not more than the damage covers, and none is shown
// with other content than its own.
func TestDamagedManifest(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(manifest string) error
		lost   int // rows that may be lost at most
	}{
		"a page in the middle":    {func(m string) error { return backuptest.CorruptPage(m, 100) }, 40},
		"many pages":              {corruptPages(60, 80, 81, 82, 83, 120, 200), 7 * 40},
		"a flipped bit in a page": {func(m string) error { return backuptest.FlipBit(m, 4096*90+77) }, 40},
		"the end cut off":         {func(m string) error { return backuptest.Truncate(m, -4096*40) }, 2000},
		"cut within a page":       {func(m string) error { return backuptest.Truncate(m, -4096*10-1000) }, 2000},
		"cut to half":             {func(m string) error { return backuptest.Truncate(m, 4096*150) }, 2000},
		"garbage behind the end":  {func(m string) error { return backuptest.Append(m, make([]byte, 100)) }, 0},
	} {
		for _, password := range []string{"", "secret"} {
			t.Run(strings.TrimSpace(name+" "+password), func(t *testing.T) {
				b := many(password)
				dir := t.TempDir()
				if err := backuptest.Write(dir, b); err != nil {
					t.Fatal(err)
				}
				if err := c.damage(filepath.Join(dir, "Manifest.db")); err != nil {
					t.Fatal(err)
				}
				opened := openDir(t, dir, password)
				x, err := opened.Index(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				checkTree(t, opened, x)
				found := 0
				for _, f := range b.Files {
					checkHarmless(t, opened, f)
					if e, err := opened.Lookup(t.Context(), f.Domain, f.Path); err == nil {
						if file, err := opened.Open(t.Context(), e); err == nil {
							file.Close()
							found++
						}
					}
				}
				n, _ := x.Damage()
				t.Logf("%d of %d files, %d damaged", found, len(b.Files), n)
				if lost := len(b.Files) - found; lost > c.lost {
					t.Errorf("%d files are lost, more than %d", lost, c.lost)
				}
			})
		}
	}
}

func corruptPages(pages ...int) func(string) error {
	return func(manifest string) error {
		for _, p := range pages {
			if err := backuptest.CorruptPage(manifest, p); err != nil {
				return err
			}
		}
		return nil
	}
}

func openDir(t *testing.T, dir, password string) *backupfmt.Backup {
	t.Helper()
	b, err := backupfmt.OpenDir(t.Context(), dir, backupfmt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if b.Locked() {
		secret, err := b.Derive(t.Context(), []byte(password))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Unlock(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// TestBudget shares a budget that holds no two indexes: each use builds anew,
// with the same numbers.
func TestBudget(t *testing.T) {
	budget := backupfmt.NewBudget(1)
	var all []*backupfmt.Backup
	var numbers []backupfmt.Entry
	for range 3 {
		dir := t.TempDir()
		if err := backuptest.Write(dir, many("")); err != nil {
			t.Fatal(err)
		}
		b, err := backupfmt.OpenDir(t.Context(), dir, backupfmt.Options{Budget: budget})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		all = append(all, b)
	}
	for round := range 3 {
		for i, b := range all {
			x, err := b.Index(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			e, ok := x.Lookup(backupfmt.RootEntry, "HomeDomain")
			if ok {
				e, ok = x.Lookup(e, "Library")
			}
			if ok {
				e, ok = x.Lookup(e, "Folder 7")
			}
			if !ok {
				t.Fatal("folder is lost")
			}
			if round == 0 {
				numbers = append(numbers, e)
			} else if numbers[i] != e {
				t.Errorf("number %d, was %d", e, numbers[i])
			}
		}
	}
}

// TestFolderReplaced takes the folder of an open backup away and puts it back,
// as an unplugged disk does.
func TestFolderReplaced(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "backup")
	b := many("secret")
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	opened := openDir(t, dir, "secret")
	if _, err := opened.Index(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkFile(t, opened, b.Files[0])
	if err := os.CopyFS(dir+"-copy", os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	e, err := opened.Lookup(t.Context(), b.Files[1].Domain, b.Files[1].Path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opened.Open(t.Context(), e); err == nil {
		t.Error("a file opens though the backup is gone")
	}
	if err := os.Rename(dir+"-copy", dir); err != nil {
		t.Fatal(err)
	}
	checkFile(t, opened, b.Files[1])
}

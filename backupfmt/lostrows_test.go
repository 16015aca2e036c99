package backupfmt_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"howett.net/plist"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// findings verifies a backup and lists what was found, as "path: detail".
func findings(t *testing.T, b *backupfmt.Backup) (all []string) {
	t.Helper()
	report, err := b.Verify(t.Context(), backupfmt.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		all = append(all, fmt.Sprintf("%s %s/%s: %s", f.Kind, f.Domain, f.Path, f.Detail))
	}
	return all
}

// TestBadRowsAreNamed: verify names each row that is not shown, and none that is.
func TestBadRowsAreNamed(t *testing.T) {
	row := func(path string, id int64) backuptest.File {
		return backuptest.File{Domain: "HomeDomain", Path: path, Content: []byte("x"), RowID: id}
	}
	for name, tt := range map[string]struct {
		bad  []backuptest.File
		want []string
	}{
		"numbers out of range": {
			[]backuptest.File{row("Library/high", 1<<31+5), row("Library/low", -7), row("Library/zero", 1<<62)},
			[]string{"Library/high: damaged: the row number is out of range: 2147483653", "Library/low:", "Library/zero:"},
		},
		"below a file": {
			[]backuptest.File{row("Library/good.txt/under", 0), row("Library/good.txt/deep/er", 0)},
			[]string{"Library/good.txt/under: damaged: it lies below", "Library/good.txt/deep: ", "Library/good.txt/deep/er: damaged: it lies below"},
		},
		"no size": {
			[]backuptest.File{{Domain: "HomeDomain", Path: "Library/size", Content: []byte("abc"), SizeDelta: -1000}},
			[]string{"Library/size: the manifest does not tell its size, which is 3 bytes"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			good := row("Library/good.txt", 0)
			if err := backuptest.Write(dir, backuptest.Backup{Files: append([]backuptest.File{good}, tt.bad...)}); err != nil {
				t.Fatal(err)
			}
			b := openDir(t, dir, "")
			checkFile(t, b, good)
			all := strings.Join(findings(t, b), "\n")
			if strings.Count(all, "\n")+1 != len(tt.want) || strings.Contains(all, "good.txt: ") {
				t.Errorf("%s", all)
			}
			for _, want := range tt.want {
				if !strings.Contains(all, "HomeDomain/"+want) {
					t.Errorf("%s\nwant %q", all, want)
				}
			}
			x, err := b.Index(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if files, _ := x.Totals(); name != "no size" && files != 1 {
				t.Errorf("%d files are counted", files)
			}
		})
	}
}

var rowNumber = regexp.MustCompile(`rows behind row (\d+)`)

// TestClaimedLength: a header can say any length. SQLite looks through a database
// that says one it can have, and is not asked to for another, as it takes a bit of
// memory for each page.
func TestClaimedLength(t *testing.T) {
	for name, c := range map[string]struct {
		times uint32 // the pages that there are
		want  string // of the first finding, "" for none
	}{
		"its own":    {1, ""},
		"twice":      {2, "never used"},
		"a thousand": {1000, "bytes, and its header says"},
		"all":        {0, "bytes, and its header says"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := backuptest.Write(dir, backuptest.Backup{Files: many("").Files[:50]}); err != nil {
				t.Fatal(err)
			}
			manifest := filepath.Join(dir, "Manifest.db")
			b, err := os.ReadFile(manifest)
			if err != nil {
				t.Fatal(err)
			}
			pages := binary.BigEndian.Uint32(b[28:]) * c.times
			if c.times == 0 {
				pages = math.MaxUint32 - 1
			}
			binary.BigEndian.PutUint32(b[28:], pages)
			if err := os.WriteFile(manifest, b, 0o600); err != nil {
				t.Fatal(err)
			}
			all := findings(t, openDir(t, dir, ""))
			if c.want == "" && len(all) == 0 {
				return
			}
			if len(all) == 0 || c.want == "" || !strings.Contains(all[0], c.want) {
				t.Errorf("%q, want %q", all, c.want)
			}
		})
	}
}

// TestGapsAreTold: where a manifest was cut, each stretch without rows is told
// once, by a row that there is.
func TestGapsAreTold(t *testing.T) {
	for _, cut := range []int64{4096 * 30, 4096 * 150, 4096 * 250} {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			dir := t.TempDir()
			if err := backuptest.Write(dir, many("")); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(filepath.Join(dir, "Manifest.db"), cut); err != nil {
				t.Fatal(err)
			}
			x, err := openDir(t, dir, "").Index(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			_, damage := x.Damage()
			for _, d := range damage {
				for _, m := range rowNumber.FindAllStringSubmatch(d.Err.Error(), -1) {
					if n, err := strconv.Atoi(m[1]); err != nil || n > 3000 || seen[m[1]] {
						t.Errorf("there is no row %s, or it came before: %v", m[1], d.Err)
					}
					seen[m[1]] = true
				}
			}
			if len(seen) == 0 {
				t.Errorf("no gap is told: %v", damage)
			}
		})
	}
}

// TestWhyItDoesNotOpen: the reason is the one that holds.
func TestWhyItDoesNotOpen(t *testing.T) {
	emptied := func(t *testing.T, dir string) {
		if err := os.Truncate(filepath.Join(dir, "Manifest.db"), 0); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		password string
		damage   func(*testing.T, string)
		want     string
	}{
		"plain, empty":     {"", emptied, "Manifest.db is empty"},
		"encrypted, empty": {"pw", emptied, "Manifest.db is empty"},
		"plain, no database": {"", func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "Manifest.db"), make([]byte, 8192), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "no database, though this backup has no password"},
		"encrypted, no plist": {"pw", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "Manifest.plist")); err != nil {
				t.Fatal(err)
			}
		}, "which holds the keybag, is missing"},
		"encrypted, keybag cut": {"pw", cutKeybag, "keybag in Manifest.plist"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := backuptest.Write(dir, backuptest.Backup{Password: tt.password, Rounds: backuptest.Rounds{SHA256: 10, SHA1: 10}}); err != nil {
				t.Fatal(err)
			}
			tt.damage(t, dir)
			_, err := backupfmt.OpenDir(t.Context(), dir, backupfmt.Options{})
			if !errors.Is(err, backupfmt.ErrDamaged) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// cutKeybag leaves a quarter of the keybag.
func cutKeybag(t *testing.T, dir string) {
	t.Helper()
	name := filepath.Join(dir, "Manifest.plist")
	var m map[string]any
	b, err := os.ReadFile(name)
	if err == nil {
		_, err = plist.Unmarshal(b, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	bag := m["BackupKeyBag"].([]byte)
	m["BackupKeyBag"] = bag[:len(bag)/4]
	if b, err = plist.Marshal(m, plist.BinaryFormat); err == nil {
		err = os.WriteFile(name, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

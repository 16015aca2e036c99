// Package viewtest is the suite that every view passes. A view's test gives it
// a small backup that holds the view's data:
//
//	func TestView(t *testing.T) {
//		viewtest.Run(t, viewtest.Case{View: calls.View{}, Backup: sample, Databases: []view.Place{{Domain: "HomeDomain", Path: "Library/…"}}})
//	}
//
// It holds the tree against what the seam promises, against the rules for names
// and times (views.md section 2), against the blobs of the rows that it shows,
// and against testdata/golden.txt, which -update writes. It interrupts the view in
// its midst, and wants the same tree of it later. Then it damages each of
// the databases in every way that it knows, and wants of each a folder that can
// be listed and read to its end, in bounded time and without a panic.
package viewtest

import (
	"cmp"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/vtree/vtreetest"
)

var (
	update   = flag.Bool("update", false, "write the golden trees anew")
	thorough = flag.Bool("thorough", false, "interrupt each view at every point, not at some of them")
)

// A Case is one view with a backup for it.
type Case struct {
	View   view.View
	Backup backuptest.Backup // sound, small and unencrypted
	Zone   *time.Location    // default: UTC

	// Databases are what the view reads. Without all of them it must be absent.
	Databases []view.Place

	// Fallback says that the view shows something without its databases.
	Fallback bool

	// Golden is the golden tree below testdata; default "golden.txt".
	Golden string
}

// Run runs the suite.
func Run(t *testing.T, c Case) {
	dir := Write(t, c.Backup)
	t.Run("tree", func(t *testing.T) { vtreetest.Check(t, open(t, c, dir, "").tree) })
	t.Run("golden", func(t *testing.T) { golden(t, c, dir) })
	t.Run("names and times", func(t *testing.T) { open(t, c, dir, "").walk() })
	t.Run("stable", func(t *testing.T) { stable(t, c, dir) })
	t.Run("encrypted", func(t *testing.T) { encrypted(t, c, dir) })
	t.Run("parallel", func(t *testing.T) { parallel(t, c, dir) })
	t.Run("interrupted", func(t *testing.T) { interrupted(t, c, dir) })
	t.Run("rows are blobs", func(t *testing.T) { blobs(t, c, dir) })
	if len(c.Databases) > 0 && !c.Fallback {
		t.Run("absent", func(t *testing.T) { absent(t, c) })
	}
	if len(c.Databases) > 0 {
		t.Run("damaged", func(t *testing.T) { damaged(t, c) })
	}
}

// golden compares the tree with the one in testdata.
func golden(t *testing.T, c Case, dir string) {
	var b strings.Builder
	for _, l := range open(t, c, dir, "").walk() {
		b.WriteString(l.golden() + "\n")
	}
	Golden(t, cmp.Or(c.Golden, "golden.txt"), b.String())
}

// Golden compares a text with a file of testdata, which a reviewer has seen and
// -update writes anew.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(name, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v; run the test with -update and look at what it writes", err)
	}
	if d := difference(strings.Split(got, "\n"), strings.Split(string(want), "\n")); d != "" {
		t.Errorf("it is not that of %s (-update, and say why in the commit):\n%s", name, d)
	}
}

// stable opens the same backup twice, and once where the tree has to be built
// again for each look into it.
func stable(t *testing.T, c Case, dir string) {
	first := open(t, c, dir, "").walk()
	compare(t, "a second open", open(t, c, dir, "").walk(), first)
	o := openWith(t, c, dir, "", view.Options{Budget: backupfmt.NewBudget(1)})
	compare(t, "under a budget", o.walk(), first)
	o.other.hold(1 << 30)
	compare(t, "built again", o.walk(), first)
}

func encrypted(t *testing.T, c Case, dir string) {
	b := c.Backup
	b.Password = "secret"
	b.Rounds = backuptest.Rounds{SHA256: 10, SHA1: 10}
	compare(t, "encrypted", open(t, c, Write(t, b), b.Password).walk(), open(t, c, dir, "").walk())
}

func compare(t *testing.T, how string, got, want []line) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	texts := func(lines []line) (all []string) {
		for _, l := range lines {
			all = append(all, l.String())
		}
		return all
	}
	t.Errorf("%s: another tree:\n%s", how, difference(texts(got), texts(want)))
}

// difference are the first lines that one has and the other has not.
func difference(got, want []string) string {
	var b strings.Builder
	n := 0
	side := func(sign string, these, others []string) {
		for _, l := range these {
			if n < 40 && !slices.Contains(others, l) {
				b.WriteString(sign + l + "\n")
				n++
			}
		}
	}
	side("- ", want, got)
	side("+ ", got, want)
	if n == 0 && !slices.Equal(got, want) {
		return "the same lines in another order"
	}
	return b.String()
}

// absent takes the view's databases out of the backup.
func absent(t *testing.T, c Case) {
	b := c.Backup
	b.Files = slices.DeleteFunc(slices.Clone(b.Files), func(f backuptest.File) bool {
		return slices.Contains(c.Databases, view.Place{Domain: f.Domain, Path: strings.TrimSuffix(f.Path, "-wal")})
	})
	if _, err := c.View.Open(t.Context(), Source(t, b, c.Zone)); !errors.Is(err, view.ErrAbsent) {
		t.Errorf("without its databases the view opens with %v, want one that wraps view.ErrAbsent", err)
	}
}

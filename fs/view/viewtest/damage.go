package viewtest

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"iter"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
)

// patience is how long a view may take over a damaged sample on a busy machine.
const patience = time.Minute

// maxChanges bounds the changes that are tried of one database: of more, each
// n-th is.
const maxChanges = 240

// damaged does to each database whatever can be done to one, and reads the view.
func damaged(t *testing.T, c Case) {
	for _, p := range c.Databases {
		b := c.Backup
		i := slices.IndexFunc(b.Files, func(f backuptest.File) bool { return view.Place{Domain: f.Domain, Path: f.Path} == p })
		if i < 0 {
			t.Errorf("the backup has no %s in %s", p.Path, p.Domain)
			continue
		}
		t.Run(filepath.Base(p.Path), func(t *testing.T) { damagedDatabase(t, c, b, b.Files[i]) })
		t.Run(filepath.Base(p.Path)+"-wal", func(t *testing.T) { noLog(t, c, p) })
	}
}

// noLog gives a database a log of which the backup has the row alone: what is
// shown without one is there, and a text. A database that changes nothing when
// it is there, as another has taken its place, needs none.
func noLog(t *testing.T, c Case, p view.Place) {
	log := backuptest.File{Domain: p.Domain, Path: p.Path + "-wal"}
	others := slices.DeleteFunc(slices.Clone(c.Backup.Files), func(f backuptest.File) bool { return f.Domain == log.Domain && f.Path == log.Path })
	look := func(files ...backuptest.File) (lines []string, says bool) {
		b := c.Backup
		b.Files = files
		o := open(t, c, Write(t, b), "")
		for _, l := range o.walk() {
			if path.Base(l.path) != view.LostName {
				lines = append(lines, l.golden())
			}
		}
		return lines, o.saysWhy()
	}
	sound, _ := look(append(others, log)...)
	log.Content, log.Blob = []byte("a log"), backuptest.Absent
	left, says := look(append(others, log)...)
	if d := difference(left, sound); d != "" && !c.Fallback {
		t.Errorf("what is left:\n%s", d)
	}
	if says {
		return
	}
	if len(c.Databases) > 1 {
		without, _ := look(slices.DeleteFunc(others, func(f backuptest.File) bool { return f.Domain == p.Domain && f.Path == p.Path })...)
		if slices.Equal(without, sound) {
			return
		}
	}
	t.Error("no text in the view's folder says that the log is missing")
}

func damagedDatabase(t *testing.T, c Case, b backuptest.Backup, db backuptest.File) {
	dir := Write(t, b)
	blob := filepath.Join(dir, db.ID()[:2], db.ID())
	try := func(name string, content []byte, needText bool) {
		t.Run(name, func(t *testing.T) {
			err := os.WriteFile(blob, content, 0o644)
			if content == nil {
				err = os.Remove(blob)
			}
			if err != nil {
				t.Fatal(err)
			}
			readDamaged(t, c, dir, needText)
		})
	}
	told := !c.Fallback && len(c.Databases) == 1
	try("empty", []byte{}, told)
	try("no database", []byte(strings.Repeat("noise ", 5000)), told)
	other, err := backuptest.Database("CREATE TABLE other (a); INSERT INTO other VALUES (1)")
	if err != nil {
		t.Fatal(err)
	}
	try("unknown form", other, told)
	for name, content := range damagedPages(db.Content) {
		try(name, content, false)
	}
	all := slices.Collect(changes(t, db.Content))
	limit := maxChanges
	if testing.Short() {
		limit = 40
	}
	step, done := 1+(len(all)-1)/limit, 0
	for i := 0; i < len(all); i += step {
		changed, err := alter(t, db.Content, all[i].statements)
		if err != nil {
			continue // the schema does not allow it
		}
		done++
		try(all[i].name, changed, false)
	}
	if done == 0 {
		t.Errorf("none of %d changes could be made", len(all))
	}
	try("no blob", nil, told)
}

// readDamaged reads all of a view: whatever it shows, it can be read.
func readDamaged(t *testing.T, c Case, dir string, needText bool) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	o := &opened{T: t, source: sourceIn(t, dir, "", view.Options{Zone: c.Zone}), damage: true, ctx: ctx}
	tree, err := c.View.Open(ctx, o.source)
	switch {
	case errors.Is(err, view.ErrAbsent) && !needText:
		return // what there was of it is gone
	case err != nil && !errors.Is(err, view.ErrAbsent):
		tree = view.Failed(c.View.Name(), time.Time{}, err) // as a snapshot shows it
	case err != nil:
		t.Fatalf("the data is there and damaged, not absent: %v", err)
	}
	o.tree = tree
	o.walk()
	if ctx.Err() != nil {
		t.Errorf("it takes more than %v", patience)
	}
	if needText && !o.saysWhy() {
		t.Errorf("no text in the view's folder says why: %v", o.lines)
	}
}

// saysWhy reports whether the view's own folder holds a text of the seam.
func (o *opened) saysWhy() bool {
	for _, name := range []string{view.FailedName, view.LostName} {
		if _, err := o.tree.Lookup(o.ctx, o.tree.Root(), name); err == nil {
			return true
		} else if !errors.Is(err, iofs.ErrNotExist) {
			o.Error(err)
		}
	}
	return false
}

const pageSize = 4096

// damagedPages cuts a database at each page, and overwrites each.
func damagedPages(db []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		noise := make([]byte, pageSize)
		rnd := rand.New(rand.NewPCG(1, 2))
		for i := range noise {
			noise[i] = byte(rnd.Uint32())
		}
		for off := pageSize; off < len(db); off += pageSize {
			n := off / pageSize
			overwritten, zeroed := slices.Clone(db), slices.Clone(db)
			copy(overwritten[off:], noise)
			clear(zeroed[off:min(off+pageSize, len(db))])
			if !yield(fmt.Sprintf("cut after page %d", n), db[:off]) ||
				!yield(fmt.Sprintf("page %d is noise", n+1), overwritten) ||
				!yield(fmt.Sprintf("page %d is zeros", n+1), zeroed) {
				return
			}
		}
	}
}

package viewtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	iofs "io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// An opened view is a view's tree, with what it is made from.
type opened struct {
	*testing.T
	tree   vtree.Tree
	source *view.Source
	other  holder
	damage bool // the backup is damaged: the content of a row may be unreadable

	ctx   context.Context
	lines []line
}

// holder is somebody else who takes of the budget.
type holder struct{ *backupfmt.Share }

func (h holder) hold(bytes int64) {
	if h.Share != nil {
		h.Hold(bytes)
	}
}

// sourceIn is what a view reads: a backup in a folder, unlocked where there is a
// password. The test fails where a view panics.
func sourceIn(t testing.TB, dir, password string, opt view.Options) *view.Source {
	t.Helper()
	b, err := backupfmt.OpenDir(t.Context(), dir, backupfmt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if password != "" {
		secret, err := b.Derive(t.Context(), []byte(password))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Unlock(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
	}
	opt.Log = slog.New(noPanic{t})
	return view.NewSource(b, opt)
}

func open(t *testing.T, c Case, dir, password string) *opened {
	t.Helper()
	return openWith(t, c, dir, password, view.Options{})
}

func openWith(t *testing.T, c Case, dir, password string, opt view.Options) *opened {
	t.Helper()
	opt.Zone = c.Zone
	o := &opened{T: t, source: sourceIn(t, dir, password, opt), ctx: t.Context()}
	if opt.Budget != nil {
		o.other.Share = opt.Budget.Share(func() {})
	}
	o.tree = treeOf(t, c.View, o.source)
	if o.tree.Root() != view.Base {
		t.Errorf("the view's folder has the number %#x, want view.Base", o.tree.Root())
	}
	return o
}

// noPanic fails a test whose view panicked, which the seam makes a text.
type noPanic struct{ t testing.TB }

func (noPanic) Enabled(context.Context, slog.Level) bool { return true }
func (n noPanic) WithAttrs([]slog.Attr) slog.Handler     { return n }
func (n noPanic) WithGroup(string) slog.Handler          { return n }

func (n noPanic) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "panic" || a.Key == "stack" {
			n.t.Errorf("%s: %s %v", r.Message, a.Key, a.Value)
		}
		return true
	})
	return nil
}

// leftOpen fails a test that leaves files of its backups open, which are closed. What reads
// the manifest at that moment needs a moment to see that it is closed.
func leftOpen(t testing.TB, dir string) {
	dir, err := filepath.EvalSymlinks(dir) // as /proc names it
	if err != nil {
		t.Error(err)
	}
	var names []string
	for range 100 {
		if names = openBelow(dir); len(names) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("still open: %q", names)
}

func openBelow(dir string) (names []string) {
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		return nil
	}
	for _, fd := range fds {
		if name, err := os.Readlink(fd); err == nil && strings.HasPrefix(name, dir+"/") {
			names = append(names, name)
		}
	}
	return names
}

// A line is one entry of a tree with all that is seen of it.
type line struct {
	path string
	id   vtree.ID
	mode iofs.FileMode
	size int64
	time time.Time
	sum  string // of the content
}

func (l line) String() string { return fmt.Sprintf("%#x %s", uint64(l.id), l.golden()) }

// golden leaves the number out, as those of rows depend on how the backup is
// written.
func (l line) golden() string {
	at := "-"
	if !l.time.IsZero() {
		at = l.time.UTC().Format("2006-01-02T15:04:05Z")
	}
	return fmt.Sprintf("%v %7d %20s %8s %s", l.mode, l.size, at, l.sum, l.path)
}

// maxEntries bounds a walk: a sample is small, whatever was done to it.
const maxEntries = 100_000

// walk reads all of a tree, and holds what the view itself made of it against
// the rules.
func (o *opened) walk() []line {
	o.Helper()
	o.lines = nil
	o.folder("", o.tree.Root())
	return o.lines
}

func (o *opened) folder(path string, dir vtree.ID) {
	type entry struct {
		name string
		id   vtree.ID
		typ  iofs.FileMode
	}
	var all []entry
	err := o.tree.ReadDir(o.ctx, dir, 0, func(name string, id vtree.ID, typ iofs.FileMode) bool {
		all = append(all, entry{name, id, typ})
		return len(all) < maxEntries
	})
	if err != nil {
		o.Errorf("list %q: %v", path, err)
	}
	own := dir >= view.Base // else it is a folder of the backup, with the phone's own names
	taken := map[string]string{}
	for _, e := range all {
		if len(o.lines) >= maxEntries {
			o.Fatalf("more than %d entries", maxEntries)
		}
		full := strings.TrimPrefix(path+"/"+e.name, "/")
		if own {
			o.name(full, e.name, e.typ, taken)
		}
		o.entry(full, e.id, own)
		if e.typ.IsDir() {
			o.folder(full, e.id)
		}
	}
}

// name holds a name against the rules for those that a view makes.
func (o *opened) name(path, name string, typ iofs.FileMode, taken map[string]string) {
	if safe := view.SafeName(name); safe != name {
		o.Errorf("%q: not a name for every system; it would be %q", path, safe)
	}
	if typ == iofs.ModeSymlink {
		o.Errorf("%q: a view makes no links", path)
	}
	key := norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))
	if before, ok := taken[key]; ok {
		o.Errorf("%q: on some systems the same name as %q", path, before)
	}
	taken[key] = name
}

func (o *opened) entry(path string, id vtree.ID, own bool) {
	a, err := o.tree.Attr(o.ctx, id)
	if err != nil {
		o.Errorf("attributes of %q: %v", path, err)
		return
	}
	l := line{path: path, id: id, mode: a.Mode, size: a.Size, time: a.ModTime.UTC()}
	if year := l.time.Year(); own && id >= view.Base && !l.time.IsZero() && (year < 1990 || year > 2100) {
		o.Errorf("%q: its time is %v", path, l.time)
	}
	if a.Mode.IsRegular() {
		l.sum = o.content(path, id, a.Size)
	}
	o.lines = append(o.lines, l)
}

// content reads a file to its end and returns a short sum of it.
func (o *opened) content(path string, id vtree.ID, size int64) string {
	b, err := read(o.ctx, o.tree, id)
	switch {
	case err != nil && o.damage && id < view.Base:
		return "" // a row of the backup: the blob is gone
	case err != nil:
		o.Errorf("read %q: %v", path, err)
		return ""
	case int64(len(b)) != size:
		o.Errorf("%q: %d bytes in its attributes, %d when read", path, size, len(b))
	case strings.Contains(string(b), "a mistake of ibfs"):
		o.Errorf("%q: %s", path, b)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:4])
}

func read(ctx context.Context, tree vtree.Tree, id vtree.ID) ([]byte, error) {
	f, err := tree.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()+1))
	if err == nil && int64(len(b)) != f.Size() {
		err = fmt.Errorf("%d bytes where %d should be", len(b), f.Size())
	}
	return b, err
}

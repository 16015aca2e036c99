package view_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

func source(t *testing.T, b backuptest.Backup, opt view.Options) (*view.Source, string) {
	t.Helper()
	dir := t.TempDir()
	if err := backuptest.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	backup, err := backupfmt.OpenDir(t.Context(), dir, backupfmt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backup.Close() })
	return view.NewSource(backup, opt), dir
}

func TestRead(t *testing.T) {
	s, dir := source(t, backuptest.Backup{Files: []backuptest.File{
		{Domain: "HomeDomain", Path: "Library/a", Content: []byte("content")},
		{Domain: "HomeDomain", Path: "Library/gone", Content: []byte("gone")},
		{Domain: "HomeDomain", Path: "Library/gone.db", Content: []byte("gone")},
	}}, view.Options{})
	for _, path := range []string{"Library/gone", "Library/gone.db"} {
		id := backuptest.FileID("HomeDomain", path)
		if err := os.Remove(filepath.Join(dir, id[:2], id)); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := s.Read(t.Context(), "HomeDomain", "Library/a", 7); err != nil || string(b) != "content" {
		t.Errorf("%q, %v", b, err)
	}
	read := func(path string, limit int64) error {
		_, err := s.Read(t.Context(), "HomeDomain", path, limit)
		return err
	}
	database := func(path string) error {
		_, err := s.Database(t.Context(), "HomeDomain", path)
		return err
	}
	for name, c := range map[string]struct{ err, want error }{
		"too long":               {read("Library/a", 6), view.ErrTooLong},
		"no row":                 {read("Library/b", 6), view.ErrAbsent},
		"no blob":                {read("Library/gone", 6), backupfmt.ErrNoBlob},
		"no database":            {database("Library/b"), view.ErrAbsent},
		"a database of no bytes": {database("Library/gone.db"), backupfmt.ErrNoBlob},
		"a database that is not": {database("Library/a"), backupfmt.ErrDamaged},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
}

// TestLinks hangs folders at places of several depths: what a link in them leads
// to is in the mount, at its own place where that hangs too.
func TestLinks(t *testing.T) {
	link := func(path, target string) backuptest.File {
		return backuptest.File{Domain: "HomeDomain", Path: path, Target: target}
	}
	s, _ := source(t, backuptest.Backup{Files: []backuptest.File{
		{Domain: "HomeDomain", Path: "Library/Files/a", Content: []byte("a")},
		{Domain: "HomeDomain", Path: "Library/SMS/b", Content: []byte("b")},
		link("Library/Files/beside", "/var/mobile/Library/Files/a"),
		link("Library/Files/in/deep", "../a"),
		link("Library/Files/in/out", "/var/mobile/Library/SMS/b"),
		link("Library/Files/in/away", "/etc/passwd"),
		link("Library/Files/up", "../../../../../../../etc/passwd"),
	}}, view.Options{})
	l := s.Layout(t.Context())
	files, err := s.Lookup(t.Context(), "HomeDomain", "Library/Files")
	if err != nil {
		t.Fatal(err)
	}
	l.Root().Dir("On My iPhone").Hang("Files", files)
	tree, err := l.Tree()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"beside":  "a",
		"in/deep": "../a",
		"in/out":  "../../../../Domains/HomeDomain/Library/SMS/b",
		"in/away": "../../../../Domains/.device/etc/passwd",
		"up":      "../../../Domains/.device/etc/passwd",
	} {
		id, err := vtree.Find(t.Context(), tree, "On My iPhone/Files/"+path, false)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tree.ReadLink(t.Context(), id)
		if err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", path, got, err, want)
		}
		if a, err := tree.Attr(t.Context(), id); err != nil || a.Size != int64(len(want)) {
			t.Errorf("%s: size %d, %v", path, a.Size, err)
		}
	}
}

// TestLayoutNumbersFolders numbers a folder behind its name, and a bundle of the
// backup, as any file, before its extension.
func TestLayoutNumbersFolders(t *testing.T) {
	s, _ := source(t, backuptest.Backup{Files: []backuptest.File{{Domain: "MediaDomain", Path: "Sent/Plan.pages/index", Content: []byte("a")}}}, view.Options{})
	bundle, err := s.Lookup(t.Context(), "MediaDomain", "Sent/Plan.pages")
	if err != nil {
		t.Fatal(err)
	}
	l := s.Layout(t.Context())
	for _, name := range []string{"St. Mo", "st. mo", "v1.0", "v1.0", "v1.0 (2)"} {
		l.Root().Dir(name)
	}
	l.Root().File("v1.0", vtree.Bytes(nil), time.Time{})
	for range 2 {
		name := l.Root().Row("Plan.pages", bundle, time.Time{})
		l.Root().File("of "+name, vtree.Bytes(nil), time.Time{})
	}
	tree, err := l.Tree()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	err = tree.ReadDir(t.Context(), tree.Root(), 0, func(name string, _ vtree.ID, _ iofs.FileMode) bool {
		got = append(got, name)
		return true
	})
	want := []string{
		"Plan (2).pages", "Plan.pages", "St. Mo", "of Plan (2).pages", "of Plan.pages", "st. mo (2)", "v1 (2).0", "v1.0", "v1.0 (2)", "v1.0 (2) (2)",
	}
	if slices.Sort(got); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\n got %q\nwant %q", err, got, want)
	}
}

// TestLayoutBoundsFolders shows one folder of the backup again and again, as
// rows of a damaged database can: of so many files only the first are there.
func TestLayoutBoundsFolders(t *testing.T) {
	const files, times, bound = 2000, 60, 100_000
	b := backuptest.Backup{}
	for i := range files {
		b.Files = append(b.Files, backuptest.File{Domain: "MediaDomain", Path: fmt.Sprintf("a/b/%d", i), Blob: backuptest.Absent})
	}
	s, _ := source(t, b, view.Options{})
	folder, err := s.Lookup(t.Context(), "MediaDomain", "a")
	if err != nil {
		t.Fatal(err)
	}
	l := s.Layout(t.Context())
	shown := 0
	for range times {
		if l.Root().Row("a", folder, time.Time{}) != "" {
			shown++
		}
	}
	tree, err := l.Tree()
	if err != nil {
		t.Fatal(err)
	}
	fsys := vtree.FS(t.Context(), tree)
	n := 0
	for i := range shown {
		name := "a"
		if i > 0 {
			name = fmt.Sprintf("a (%d)", i+1)
		}
		entries, err := iofs.ReadDir(fsys, name+"/b")
		if err != nil {
			t.Fatal(err)
		}
		n += len(entries)
	}
	text, err := iofs.ReadFile(fsys, view.LostName)
	if n+shown != bound || err != nil || !strings.Contains(string(text), view.ErrTooLong.Error()) {
		t.Errorf("%d files in %d folders; %s, %v", n, shown, text, err)
	}
}

func TestLayoutTellsWhatIsLost(t *testing.T) {
	s, _ := source(t, backuptest.Backup{Files: []backuptest.File{
		{Domain: "HomeDomain", Path: "a", Content: []byte("a")},
		{Domain: "HomeDomain", Path: "link", Target: "a"},
	}}, view.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	l := s.Layout(ctx)
	link, err := s.Lookup(ctx, "HomeDomain", "link")
	if err != nil {
		t.Fatal(err)
	}
	l.Root().Row("a link", link, time.Time{})
	l.Root().Row("no row", 999, time.Time{})
	for range 2000 {
		l.Lost("a row\nof two lines", errors.New("damaged"))
	}
	tree, err := l.Tree()
	if err != nil {
		t.Fatal(err)
	}
	b, err := iofs.ReadFile(vtree.FS(ctx, tree), view.LostName)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"  a link: it is a symbolic link\n", "  no row: ", "  a row of two lines: damaged\n", "  and 1002 more\n"} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("the text has no %q", want)
		}
	}
	cancel()
	if _, err := l.Tree(); !errors.Is(err, context.Canceled) {
		t.Errorf("a layout whose building was given up: %v", err)
	}
}

func TestLazy(t *testing.T) {
	budget := backupfmt.NewBudget(1 << 10)
	s, _ := source(t, backuptest.Backup{}, view.Options{Budget: budget})
	built := 0
	tree := s.Lazy("Test", func(ctx context.Context) (vtree.Tree, error) {
		built++
		l := s.Layout(ctx)
		l.Root().File("a", vtree.Bytes(nil), time.Time{})
		return l.Tree()
	})
	look := func(want int) {
		t.Helper()
		if _, err := tree.Lookup(t.Context(), view.Base, "a"); err != nil || built != want {
			t.Errorf("%v; built %d times, want %d", err, built, want)
		}
	}
	look(1)
	look(1)
	budget.Share(func() {}).Hold(1 << 20)
	look(2) // it had to go, and was built again
	s.Close()
	budget.Share(func() {}).Hold(1 << 20)
	look(2) // it is no longer in the books
}

func TestLazyFailures(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		panic any
		text  string // "" when the error passes
	}{
		"a schema":         {err: view.ErrSchema, text: view.ErrSchema.Error()},
		"a panic":          {panic: "row 7", text: "a mistake of ibfs: row 7"},
		"a context":        {err: context.Canceled},
		"the disk is away": {err: backupfmt.ErrFolderGone},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := source(t, backuptest.Backup{}, view.Options{})
			tree := s.Lazy("Test", func(context.Context) (vtree.Tree, error) {
				if c.panic != nil {
					panic(c.panic)
				}
				return nil, c.err
			})
			b, err := iofs.ReadFile(vtree.FS(t.Context(), tree), view.FailedName)
			switch {
			case c.text == "" && !errors.Is(err, c.err):
				t.Errorf("%v, want %v", err, c.err)
			case c.text != "" && (err != nil || !strings.Contains(string(b), c.text)):
				t.Errorf("%q, %v", b, err)
			}
		})
	}
}

// TestLazyWaits: who waits for another's building goes when its context ends,
// and builds when the other gave up.
func TestLazyWaits(t *testing.T) {
	s, _ := source(t, backuptest.Backup{}, view.Options{})
	synctest.Test(t, func(t *testing.T) {
		first, giveUp := context.WithCancel(t.Context())
		slow := true
		tree := s.Lazy("Test", func(ctx context.Context) (vtree.Tree, error) {
			if slow {
				slow = false
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return s.Layout(ctx).Tree()
		})
		look := func(ctx context.Context) error {
			return tree.ReadDir(ctx, view.Base, 0, func(string, vtree.ID, iofs.FileMode) bool { return true })
		}
		results := make(chan error, 3)
		go func() { results <- look(first) }()
		synctest.Wait()
		second, leave := context.WithCancel(t.Context())
		go func() { results <- look(second) }()
		synctest.Wait()
		leave()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("the one who waits: %v", err)
		}
		go func() { results <- look(t.Context()) }()
		synctest.Wait()
		giveUp()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("the one who builds: %v", err)
		}
		if err := <-results; err != nil {
			t.Errorf("the next: %v", err)
		}
	})
}

// TestParentWaits: who asks for a folder that has to be built goes when its
// context ends.
func TestParentWaits(t *testing.T) {
	s, _ := source(t, backuptest.Backup{Files: []backuptest.File{{Domain: "HomeDomain", Path: "a"}}}, view.Options{})
	row, err := s.Lookup(t.Context(), "HomeDomain", "a")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		tree vtree.Tree
		id   vtree.ID
	}{
		"a row": {view.NewManifest(s.Backup), vtree.ID(row)},
		"a view": {s.Lazy("Test", func(ctx context.Context) (vtree.Tree, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}), view.Base + 1},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := c.tree.Parent(ctx, c.id); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

// TestDiskGoesAway: what cannot be read because the disk is away is no damage;
// it is all there once the disk is back.
func TestDiskGoesAway(t *testing.T) {
	db := made(t, `CREATE TABLE t (a TEXT); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		SELECT printf('%.*c', 300, 'x') FROM n`)
	dir := t.TempDir()
	if err := backuptest.Write(dir, backuptest.Backup{Files: []backuptest.File{{Domain: "HomeDomain", Path: dbPath, Content: db}}}); err != nil {
		t.Fatal(err)
	}
	disk := &disk{FS: os.DirFS(dir)}
	b, err := backupfmt.Open(t.Context(), disk, backupfmt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := view.NewSource(b, view.Options{})
	rows := 0
	tree := s.Lazy("Test", func(ctx context.Context) (vtree.Tree, error) {
		d, err := s.Database(ctx, "HomeDomain", dbPath)
		if err != nil {
			return nil, err
		}
		defer d.Close()
		table, err := d.Table(ctx, "t")
		if err != nil {
			return nil, err
		}
		l := s.Layout(ctx)
		for _, err := range d.Scan(ctx, table, "a") {
			if rows++; err != nil {
				l.Lost("a row", err)
			}
			if rows == 100 {
				disk.away.Store(true)
			}
		}
		return l.Tree()
	})
	list := func() ([]iofs.DirEntry, error) { return iofs.ReadDir(vtree.FS(t.Context(), tree), ".") }
	if _, err := list(); !errors.Is(err, syscall.EIO) {
		t.Errorf("while the disk is away: %v", err)
	}
	disk.away.Store(false)
	rows = 1000
	if all, err := list(); err != nil || len(all) != 0 || rows != 3000 {
		t.Errorf("when it is back: %v, %v, %d rows", all, err, rows-1000)
	}
}

// disk is a file system whose files cannot be read while it is away.
type disk struct {
	iofs.FS
	away atomic.Bool
}

func (d *disk) Open(name string) (iofs.File, error) {
	f, err := d.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return &diskFile{f.(*os.File), d}, nil
}

type diskFile struct {
	*os.File
	disk *disk
}

func (f *diskFile) ReadAt(p []byte, off int64) (int, error) {
	if f.disk.away.Load() {
		return 0, &iofs.PathError{Op: "read", Path: f.Name(), Err: syscall.EIO}
	}
	return f.File.ReadAt(p, off)
}

func TestRenderPanics(t *testing.T) {
	s, _ := source(t, backuptest.Backup{}, view.Options{})
	c := s.Render(func(context.Context) ([]byte, error) { panic("row 7") })
	if _, err := c.Size(t.Context()); err == nil || err.Error() != "a mistake of ibfs: row 7" {
		t.Error(err)
	}
}

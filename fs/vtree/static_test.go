package vtree_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	iofs "io/fs"
	"maps"
	"strings"
	"testing"
	"time"

	"ibfs/fs/vtree"
	"ibfs/fs/vtree/vtreetest"
)

var day = time.Date(2026, 11, 20, 8, 15, 2, 0, time.UTC)

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// rows is a tree such as the manifest's: root 0, numbers from 1.
func rows(t *testing.T) *vtree.Static {
	s := vtree.NewStatic(0, vtree.Meta{ModTime: day})
	data := must(s.AddDir(0, "Data", vtree.Meta{}))(t)
	must(s.AddFile(data, "chat.db", vtree.Bytes(bytes.Repeat([]byte("row "), 999)), vtree.Meta{}))(t)
	must(s.AddFile(data, "empty", vtree.Bytes(nil), vtree.Meta{}))(t)
	deep := must(s.AddDir(data, "Deep", vtree.Meta{}))(t)
	must(s.AddLink(deep, "up", "../chat.db", vtree.Meta{}))(t)
	return s
}

func odd(t *testing.T) *vtree.Static {
	s := vtree.NewStatic(3<<30, vtree.Meta{})
	for _, name := range []string{
		" ", "a\nb", "-rf", "*", "\u00dcn\u00ef", "U\u0308ni\u0308", "A", "a", "日本", "😀", "\xff\xfe", "~", "a:b", "%2f", strings.Repeat("n", 255),
	} {
		must(s.AddFile(s.Root(), name, vtree.Bytes([]byte(name)), vtree.Meta{}))(t)
	}
	return s
}

func TestStatic(t *testing.T) {
	trees := map[string]func(*testing.T) *vtree.Static{
		"root alone": func(*testing.T) *vtree.Static { return vtree.NewStatic(7, vtree.Meta{}) },
		"rows":       rows,
		"odd names":  odd,
		"backslash": func(t *testing.T) *vtree.Static {
			s := vtree.NewStatic(0, vtree.Meta{})
			must(s.AddFile(0, `a\b`, vtree.Bytes(nil), vtree.Meta{}))(t)
			return s
		},
		"rendered": func(t *testing.T) *vtree.Static {
			s := vtree.NewStatic(0, vtree.Meta{})
			must(s.AddFile(0, "a.txt", vtree.Render(func(context.Context) ([]byte, error) { return []byte("made\n"), nil }), vtree.Meta{}))(t)
			return s
		},
		"another tree hangs in it": func(t *testing.T) *vtree.Static {
			r, s := rows(t), vtree.NewStatic(3<<30, vtree.Meta{})
			app := must(s.AddDir(s.Root(), "Chat", vtree.Meta{}))(t)
			if err := s.Hang(app, "Data", r, 1, iofs.ModeDir, vtree.Meta{}); err != nil {
				t.Fatal(err)
			}
			if err := s.Hang(s.Root(), "chat.db", r, 2, 0, vtree.Meta{}); err != nil {
				t.Fatal(err)
			}
			return s
		},
		"two trees of the same numbers hang in it": func(t *testing.T) *vtree.Static {
			s := vtree.NewStatic(1<<40, vtree.Meta{})
			for i, name := range []string{"one", "two"} {
				hung := vtree.Offset(rows(t), vtree.ID(i+1)<<32)
				if err := s.Hang(s.Root(), name, hung, hung.Root(), iofs.ModeDir, vtree.Meta{}); err != nil {
					t.Fatal(err)
				}
			}
			return s
		},
	}
	for name, build := range trees {
		t.Run(name, func(t *testing.T) { vtreetest.Check(t, build(t)) })
	}
}

func TestStaticNumbersFollowAdding(t *testing.T) {
	s := vtree.NewStatic(3<<30, vtree.Meta{})
	dir := must(s.AddDir(s.Root(), "d", vtree.Meta{}))(t)
	must(s.AddLink(dir, "l", "x", vtree.Meta{}))(t)
	if _, err := s.AddDir(dir, "l", vtree.Meta{}); err == nil {
		t.Fatal("a second l was added")
	}
	if id := must(s.AddDir(dir, "m", vtree.Meta{}))(t); id != 3<<30+3 {
		t.Errorf("the third entry has number %#x", id)
	}
}

func TestStaticRefuses(t *testing.T) {
	r := rows(t)
	s := vtree.NewStatic(3<<30, vtree.Meta{})
	dir := must(s.AddDir(s.Root(), "d", vtree.Meta{}))(t)
	file := must(s.AddFile(dir, "f", vtree.Bytes(nil), vtree.Meta{}))(t)
	if err := s.Hang(dir, "Data", r, 1, iofs.ModeDir, vtree.Meta{}); err != nil {
		t.Fatal(err)
	}
	add := func(dir vtree.ID, name string) func() error {
		return func() error { _, err := s.AddDir(dir, name, vtree.Meta{}); return err }
	}
	hang := func(t vtree.Tree, id vtree.ID) func() error {
		return func() error { return s.Hang(dir, "h", t, id, iofs.ModeDir, vtree.Meta{}) }
	}
	for name, c := range map[string]struct {
		do   func() error
		want error
	}{
		"no name":                   {add(dir, ""), vtree.ErrName},
		"dot":                       {add(dir, "."), vtree.ErrName},
		"dot dot":                   {add(dir, ".."), vtree.ErrName},
		"slash":                     {add(dir, "a/b"), vtree.ErrName},
		"NUL":                       {add(dir, "a\x00"), vtree.ErrName},
		"256 bytes":                 {add(dir, strings.Repeat("n", 256)), vtree.ErrName},
		"a name that is there":      {add(dir, "f"), iofs.ErrExist},
		"the name of what hangs":    {add(dir, "Data"), iofs.ErrExist},
		"in a file":                 {add(file, "x"), vtree.ErrNotDir},
		"in an unknown folder":      {add(99, "x"), vtree.ErrNotDir},
		"in a folder that hangs":    {add(1, "x"), vtree.ErrNotDir},
		"a folder hung twice":       {hang(r, 1), iofs.ErrExist},
		"an own number hung":        {hang(r, 3<<30), iofs.ErrInvalid},
		"two trees of same numbers": {hang(rows(t), 4), iofs.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.do(); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	vtreetest.Check(t, s)
}

func TestStaticRefusesNumbersPast32Bits(t *testing.T) {
	s := vtree.NewStatic(1<<32-2, vtree.Meta{})
	must(s.AddDir(s.Root(), "last", vtree.Meta{}))(t)
	if _, err := s.AddDir(s.Root(), "too far", vtree.Meta{}); !errors.Is(err, iofs.ErrInvalid) {
		t.Error(err)
	}
}

func TestHungEntryKeepsItsOwnAndTakesMeta(t *testing.T) {
	r := vtree.NewStatic(0, vtree.Meta{})
	own := maps.All(map[string][]byte{"ios.title": []byte("beach")})
	id := must(r.AddFile(0, "IMG_0001.HEIC", vtree.Bytes([]byte("heic")), vtree.Meta{Xattrs: own}))(t)
	s := vtree.NewStatic(3<<30, vtree.Meta{})
	more := maps.All(map[string][]byte{"ibfs.class": []byte("3")})
	if err := s.Hang(s.Root(), "Beach.HEIC", r, id, 0, vtree.Meta{ModTime: day, Xattrs: more}); err != nil {
		t.Fatal(err)
	}
	a, err := s.Attr(t.Context(), id)
	if err != nil || !a.ModTime.Equal(day) || a.Size != 4 {
		t.Errorf("attributes: %+v, %v", a, err)
	}
	got := maps.Collect(must(s.Xattrs(t.Context(), id))(t))
	if string(got["ibfs.class"]) != "3" || string(got["ios.title"]) != "beach" {
		t.Errorf("extended attributes: %q", got)
	}
}

func TestRenderKeepsOnlyTheSize(t *testing.T) {
	var calls int
	c := vtree.Render(func(context.Context) ([]byte, error) { calls++; return []byte("text"), nil })
	for range 3 {
		if n, err := c.Size(t.Context()); n != 4 || err != nil {
			t.Fatal(n, err)
		}
	}
	if calls != 1 {
		t.Errorf("made %d times for its size", calls)
	}
	f := must(c.Open(t.Context()))(t)
	if b := must(io.ReadAll(io.NewSectionReader(f, 0, f.Size())))(t); string(b) != "text" || calls != 2 {
		t.Errorf("%q after %d", b, calls)
	}
	broken := errors.New("no such table")
	if _, err := vtree.Render(func(context.Context) ([]byte, error) { return nil, broken }).Size(t.Context()); !errors.Is(err, broken) {
		t.Error(err)
	}
}

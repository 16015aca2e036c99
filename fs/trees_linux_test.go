package fs

import (
	"bytes"
	"context"
	"fmt"
	iofs "io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"ibfs/fs/vtree"
)

var testTrees = map[string]testTree{
	"odd":      quiet(oddTree),
	"many":     quiet(manyTree),
	"forest":   quiet(forestTree),
	"host":     quiet(hostTree),
	"copied":   quiet(copiedTree),
	"hostile":  quiet(hostileTree),
	"xattrs":   quiet(xattrTree),
	"sizes":    quiet(sizesTree),
	"changing": changingTree,
	"mute":     muteTree,
}

func quiet(f func(string) vtree.Tree) testTree {
	return func(arg string) (vtree.Tree, func(string)) { return f(arg), nil }
}

func check[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var oddNames = []string{
	" ", " lead", "trail ", "a\nb", `a\b`, "-rf", "*", "?", "[x]", "$HOME", "`id`", `"q"`, "'", "Ünï", "A", "a",
	"日本語", "😀", "\xff\xfe", "~", "a:b", "%2f", "#1", "\x01", "\x7f", "...", strings.Repeat("n", 255), strings.Repeat("é", 127),
}

func oddTime(i int) time.Time {
	return time.Date(1995+i, time.Month(1+i%12), 1+i%28, i%24, i%60, i%60, i*1_234_567, time.UTC)
}

// oddTree has odd names, sizes and times: files in the root, folders in dirs,
// links in links.
func oddTree(string) vtree.Tree {
	s := vtree.NewStatic(3<<30, vtree.Meta{ModTime: oddTime(3)})
	dirs := check(s.AddDir(s.Root(), "dirs", vtree.Meta{ModTime: oddTime(1)}))
	links := check(s.AddDir(s.Root(), "links", vtree.Meta{ModTime: oddTime(2)}))
	for i, name := range oddNames {
		m := vtree.Meta{ModTime: oddTime(i)}
		check(s.AddFile(s.Root(), name, vtree.Bytes(bytes.Repeat([]byte{byte(i)}, i*i*i*i)), m))
		d := check(s.AddDir(dirs, name, m))
		check(s.AddFile(d, "inside", vtree.Bytes([]byte(name)), m))
		check(s.AddLink(links, name, "../"+name, m))
	}
	check(s.AddLink(links, "nowhere", "/private/var/mobile", vtree.Meta{ModTime: oddTime(5)}))
	check(s.AddFile(s.Root(), "before 1970", vtree.Bytes(nil), vtree.Meta{ModTime: time.Unix(-86400, 0)}))
	check(s.AddFile(s.Root(), "no time", vtree.Bytes(nil), vtree.Meta{}))
	return s
}

// many is a folder of n files that take no memory.
type many struct {
	vtree.Tree
	n int
}

func manyTree(arg string) vtree.Tree {
	return &many{vtree.NewStatic(0, vtree.Meta{}), check(strconv.Atoi(arg))}
}

func (m *many) Lookup(_ context.Context, _ vtree.ID, name string) (vtree.ID, error) {
	digits, ok := strings.CutPrefix(name, "IMG_")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || n > m.n || name != manyName(n) {
		return 0, iofs.ErrNotExist
	}
	return vtree.ID(n), nil
}

func manyName(n int) string { return fmt.Sprintf("IMG_%07d", n) }

func (m *many) ReadDir(_ context.Context, _ vtree.ID, from int, yield func(string, vtree.ID, iofs.FileMode) bool) error {
	for n := from + 1; n <= m.n && yield(manyName(n), vtree.ID(n), 0); n++ {
	}
	return nil
}

func (m *many) Attr(ctx context.Context, id vtree.ID) (vtree.Attr, error) {
	if id == 0 {
		return m.Tree.Attr(ctx, id)
	}
	return vtree.Attr{Size: int64(id), ModTime: time.Unix(int64(id), 0)}, nil
}

// hostTree has the files of a host folder, as they are.
func hostTree(dir string) vtree.Tree {
	s := vtree.NewStatic(1, vtree.Meta{})
	for _, e := range check(os.ReadDir(dir)) {
		check(s.AddFile(1, e.Name(), hostFile(filepath.Join(dir, e.Name())), vtree.Meta{ModTime: oddTime(1)}))
	}
	return s
}

// copied is a host folder whose files the kernel cannot read by itself.
type copied struct{ vtree.Tree }

func copiedTree(dir string) vtree.Tree { return copied{hostTree(dir)} }

func (c copied) Open(ctx context.Context, id vtree.ID) (vtree.File, error) {
	f, err := c.Tree.Open(ctx, id)
	return struct{ vtree.File }{f}, err
}

type hostFile string

func (h hostFile) Size(context.Context) (int64, error) {
	info, err := os.Stat(string(h))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (h hostFile) Open(ctx context.Context) (vtree.File, error) {
	f, err := os.Open(string(h))
	if err != nil {
		return nil, err
	}
	size, err := h.Size(ctx)
	return &backed{f, size}, err
}

type backed struct {
	*os.File
	size int64
}

func (b *backed) Size() int64 { return b.size }

// behave is content that does what a function does.
type behave struct {
	size func(context.Context) (int64, error)
	open func(context.Context) (vtree.File, error)
}

func (b behave) Size(ctx context.Context) (int64, error)      { return b.size(ctx) }
func (b behave) Open(ctx context.Context) (vtree.File, error) { return b.open(ctx) }

// content is a file of a claimed size.
type content struct {
	read func(p []byte, off int64) (int, error)
	size int64
}

func (c content) ReadAt(p []byte, off int64) (int, error) { return c.read(p, off) }
func (c content) Size() int64                             { return c.size }
func (c content) Close() error                            { return nil }

func sized(n int64) func(context.Context) (int64, error) {
	return func(context.Context) (int64, error) { return n, nil }
}

func gives(n int64, read func([]byte, int64) (int, error)) func(context.Context) (vtree.File, error) {
	return func(context.Context) (vtree.File, error) { return content{read, n}, nil }
}

// sizesTree has files of which only opening tells the exact size, as databases
// in a backup have.
func sizesTree(string) vtree.Tree {
	s := vtree.NewStatic(1, vtree.Meta{})
	for name, told := range map[string]int64{"grows": 10, "shrinks": 100_000, "from nothing": 0} {
		var mu sync.Mutex
		exact := told
		text := bytes.Repeat([]byte("0123456789abcdef"), 3000)
		check(s.AddFile(1, name, behave{
			func(context.Context) (int64, error) { mu.Lock(); defer mu.Unlock(); return exact, nil },
			func(ctx context.Context) (vtree.File, error) {
				mu.Lock()
				defer mu.Unlock()
				exact = int64(len(text))
				return vtree.Bytes(text).Open(ctx)
			},
		}, vtree.Meta{ModTime: oddTime(1)}))
	}
	return s
}

// xattrTree has the extended attributes of FC-24.
func xattrTree(string) vtree.Tree {
	s := vtree.NewStatic(1, vtree.Meta{})
	many := map[string][]byte{"ios.empty": {}}
	for i := range 40 {
		many[fmt.Sprintf("ios.com.apple.n%02d", i)] = []byte{0, 'x', byte(i)}
	}
	long := map[string][]byte{
		"ios.60k": bytes.Repeat([]byte("x"), 60<<10), "ios.100k": bytes.Repeat([]byte("x"), 100<<10),
		strings.Repeat("n", 250): []byte("255 with the prefix"), strings.Repeat("m", 251): []byte("256"),
		"": []byte("no name"), "a\x00b": []byte("NUL"),
	}
	flood := func(yield func(string, []byte) bool) {
		for i := range 2000 {
			if !yield(fmt.Sprintf("%0100d", i), nil) {
				return
			}
		}
	}
	for name, x := range map[string]iter.Seq2[string, []byte]{"many": maps.All(many), "long": maps.All(long), "flood": flood, "none": nil} {
		check(s.AddFile(1, name, vtree.Bytes([]byte(name)), vtree.Meta{Xattrs: x}))
	}
	check(s.AddDir(1, "dir", vtree.Meta{Xattrs: maps.All(many)}))
	check(s.AddLink(1, "link", "many", vtree.Meta{Xattrs: maps.All(many)}))
	return s
}

// forestTree has n folders, each with 10 files and 3 folders of 9 files each.
func forestTree(arg string) vtree.Tree {
	s := vtree.NewStatic(1, vtree.Meta{})
	small := vtree.Bytes([]byte("small"))
	files := func(dir vtree.ID, n int) {
		for i := range n {
			check(s.AddFile(dir, manyName(i), small, vtree.Meta{}))
		}
	}
	for i := range check(strconv.Atoi(arg)) {
		dir := check(s.AddDir(1, fmt.Sprintf("app %d", i), vtree.Meta{}))
		files(dir, 10)
		for j := range 3 {
			files(check(s.AddDir(dir, fmt.Sprintf("sub %d", j), vtree.Meta{})), 9)
		}
	}
	return s
}

package fs

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"iter"
	"os"
	"strings"
	"sync"
	"time"

	"ibfs/fs/vtree"
)

// hostile is a tree some entries of which misbehave as their names say.
type hostile struct {
	*vtree.Static
	acts map[vtree.ID]string
}

func hostileTree(string) vtree.Tree {
	h := &hostile{vtree.NewStatic(1, vtree.Meta{}), map[vtree.ID]string{}}
	for _, act := range []string{"panic in readdir", "block in readdir", "error in readdir", "block in parent", "bad names"} {
		id := check(h.AddDir(1, act, vtree.Meta{}))
		check(h.AddFile(id, "inside", vtree.Bytes([]byte("inside\n")), vtree.Meta{}))
		h.acts[id] = act
	}
	for _, act := range []string{"panic in attr", "block in attr", "panic in lookup", "block in lookup", "panic in xattrs"} {
		id := check(h.AddFile(1, act, vtree.Bytes(nil), vtree.Meta{}))
		h.acts[id] = act
	}
	blocks := func(ctx context.Context) (vtree.File, error) { <-ctx.Done(); return nil, ctx.Err() }
	for name, open := range map[string]func(context.Context) (vtree.File, error){
		"panic in open": func(context.Context) (vtree.File, error) { panic("open") },
		"block in open": blocks,
		"panic in read": gives(10, func([]byte, int64) (int, error) { panic("read") }),
		"error in read": gives(10, func([]byte, int64) (int, error) { return 0, errors.New("bad sector") }),
		"ends early":    gives(10, strings.NewReader("12345").ReadAt),
		"missing":       func(context.Context) (vtree.File, error) { _, err := os.Open("/no/such/blob"); return nil, err },
		"gone":          func(context.Context) (vtree.File, error) { return nil, iofs.ErrNotExist },
		"good":          gives(5, strings.NewReader("good\n").ReadAt),
		"half":          gives(1<<20, halfGood),
	} {
		size := int64(10)
		switch name {
		case "good":
			size = 5
		case "half":
			size = 1 << 20
		}
		check(h.AddFile(1, name, behave{sized(size), open}, vtree.Meta{}))
	}
	return h
}

// halfGood cannot be read from 512 KiB on.
func halfGood(p []byte, off int64) (int, error) {
	for i := range p {
		if off+int64(i) >= 512<<10 {
			return i, errors.New("bad sector")
		}
		p[i] = 'x'
	}
	return len(p), nil
}

func (h *hostile) act(ctx context.Context, id vtree.ID, in string) error {
	switch h.acts[id] {
	case "panic in " + in:
		panic(in)
	case "block in " + in:
		<-ctx.Done()
		return ctx.Err()
	case "error in " + in:
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (h *hostile) Lookup(ctx context.Context, dir vtree.ID, name string) (vtree.ID, error) {
	id, err := h.Static.Lookup(ctx, dir, name)
	if err == nil {
		err = h.act(ctx, id, "lookup")
	}
	return id, err
}

func (h *hostile) Parent(ctx context.Context, id vtree.ID) (vtree.ID, error) {
	if err := h.act(ctx, id, "parent"); err != nil {
		return 0, err
	}
	return h.Static.Parent(ctx, id)
}

func (h *hostile) Attr(ctx context.Context, id vtree.ID) (vtree.Attr, error) {
	if err := h.act(ctx, id, "attr"); err != nil {
		return vtree.Attr{}, err
	}
	return h.Static.Attr(ctx, id)
}

func (h *hostile) ReadDir(ctx context.Context, dir vtree.ID, from int, yield func(string, vtree.ID, iofs.FileMode) bool) error {
	if err := h.act(ctx, dir, "readdir"); err != nil {
		return err
	}
	if h.acts[dir] == "bad names" {
		inside, _ := h.Static.Lookup(ctx, dir, "inside")
		for i, name := range []string{"", ".", "..", "a/b", "a\x00", strings.Repeat("n", 256), "inside", "/"} {
			if i >= from && !yield(name, inside, 0) {
				return nil
			}
		}
		return nil
	}
	return h.Static.ReadDir(ctx, dir, from, yield)
}

// changing is a device folder to which snapshots are published.
type changing struct {
	mu    sync.RWMutex // guards the rest
	s     *vtree.Static
	names []string
	tell  func(vtree.Change)
}

const (
	changingRoot, changingDevice = vtree.ID(1), vtree.ID(2)
)

// rebuild makes the tree anew; what was there keeps its numbers.
func (c *changing) rebuild() {
	s := vtree.NewStatic(changingRoot, vtree.Meta{Volatile: true})
	check(s.AddDir(changingRoot, "iPhone", vtree.Meta{Volatile: true}))
	latest := "none"
	if n := len(c.names); n > 0 {
		latest = c.names[n-1]
	}
	check(s.AddLink(changingDevice, "latest", latest, vtree.Meta{Volatile: true}))
	text := fmt.Sprintf("%d snapshots\n", len(c.names))
	check(s.AddFile(changingDevice, "count.txt", vtree.Bytes([]byte(text)), vtree.Meta{Volatile: true, ModTime: time.Unix(1e9, 0)}))
	for _, name := range c.names {
		d := check(s.AddDir(changingDevice, name, vtree.Meta{Volatile: true}))
		check(s.AddFile(d, "Info.plist", vtree.Bytes([]byte(name)), vtree.Meta{}))
	}
	c.s = s
}

// line does what a test says: publish NAME, or remove the newest.
func (c *changing) line(line string) {
	c.mu.Lock()
	name, publish := strings.CutPrefix(line, "publish ")
	if publish {
		c.names = append(c.names, name)
	} else {
		name = c.names[len(c.names)-1]
		c.names = c.names[:len(c.names)-1]
	}
	c.rebuild()
	tell := c.tell
	c.mu.Unlock()
	if tell != nil {
		for _, name := range []string{name, "latest", "count.txt"} {
			tell(vtree.Change{Dir: changingDevice, Name: name})
		}
	}
}

func (c *changing) now() *vtree.Static {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.s
}

// shown is a changing tree without OnChange.
type shown struct{ *changing }

// noticed is one with it.
type noticed struct{ shown }

func (n noticed) OnChange(f func(vtree.Change)) {
	n.mu.Lock()
	n.tell = f
	n.mu.Unlock()
}

func changingTree(string) (vtree.Tree, func(string)) {
	c := &changing{}
	c.rebuild()
	return noticed{shown{c}}, c.line
}

func muteTree(string) (vtree.Tree, func(string)) {
	c := &changing{}
	c.rebuild()
	return shown{c}, c.line
}

func (s shown) Root() vtree.ID { return changingRoot }
func (s shown) Parent(ctx context.Context, id vtree.ID) (vtree.ID, error) {
	return s.now().Parent(ctx, id)
}
func (s shown) Attr(ctx context.Context, id vtree.ID) (vtree.Attr, error) {
	return s.now().Attr(ctx, id)
}
func (s shown) Open(ctx context.Context, id vtree.ID) (vtree.File, error) {
	return s.now().Open(ctx, id)
}
func (s shown) ReadLink(ctx context.Context, id vtree.ID) (string, error) {
	return s.now().ReadLink(ctx, id)
}

func (s shown) Lookup(ctx context.Context, dir vtree.ID, name string) (vtree.ID, error) {
	return s.now().Lookup(ctx, dir, name)
}

func (s shown) ReadDir(ctx context.Context, dir vtree.ID, from int, yield func(string, vtree.ID, iofs.FileMode) bool) error {
	return s.now().ReadDir(ctx, dir, from, yield)
}

func (s shown) Xattrs(ctx context.Context, id vtree.ID) (iter.Seq2[string, []byte], error) {
	return s.now().Xattrs(ctx, id)
}

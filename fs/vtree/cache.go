package vtree

import (
	"bytes"
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"weak"
)

// DefaultCache is how many bytes of rendered files a Cache keeps by default.
const DefaultCache = 64 << 20

// A Cache keeps what Render made, so that a stat, an open and its reads make it
// once. Of all that it made the most recently used stay, up to its limit; the
// last one stays whatever its size. What is still open somewhere is never made
// a second time. It may be shared by many trees.
type Cache struct {
	limit int64 // 0: nothing is kept

	mu    sync.Mutex
	size  int64                // guarded by mu
	order *list.List           // guarded by mu; of *rendered, the most recently used first
	runs  map[*maker]chan bool // guarded by mu; closed when a run ends
}

// NewCache makes a cache of so many bytes; 0 is DefaultCache.
func NewCache(limit int64) *Cache {
	if limit <= 0 {
		limit = DefaultCache
	}
	return &Cache{limit: limit, order: list.New(), runs: map[*maker]chan bool{}}
}

// Render is content that a function makes, the same bytes each time. It is made
// when its size is first asked for, and again when it is opened after the cache
// let go of it; the size is kept. Those who ask at once wait for the first of
// them, or go on in its place when its context ends. A panic of the function is
// an error; beside a Partial its bytes are the content.
func (c *Cache) Render(f func(context.Context) ([]byte, error)) Content {
	return c.RenderAll(1, func(ctx context.Context) ([][]byte, error) {
		b, err := f(ctx)
		return [][]byte{b}, err
	})[0]
}

// RenderAll is Render for n contents that a function makes together, because
// most of its work is the same for all of them.
func (c *Cache) RenderAll(n int, f func(context.Context) ([][]byte, error)) []Content {
	m := &maker{cache: c, make: f, all: make([]rendered, n)}
	contents := make([]Content, n)
	for i := range m.all {
		m.all[i].maker = m
		contents[i] = &m.all[i]
	}
	return contents
}

// Render is content that a function makes, the same bytes each time: once to
// learn its size, then again for each open. Only the size is kept.
func Render(f func(context.Context) ([]byte, error)) Content {
	c := NewCache(0)
	c.limit = 0
	return c.Render(f)
}

// Partial is the error of a function that made what it could: Err is what Damage
// tells of each file that is opened of its contents.
type Partial struct{ Err error }

func (p Partial) Error() string { return p.Err.Error() }
func (p Partial) Unwrap() error { return p.Err }

// A maker is a function and the contents that it makes.
type maker struct {
	cache  *Cache
	damage error // guarded by cache.mu; known when the sizes are
	make   func(context.Context) ([][]byte, error)
	all    []rendered
}

// rendered is one content. All but the maker is guarded by cache.mu.
type rendered struct {
	*maker

	size int64 // one more than the size, 0 until it is known
	held *[]byte
	at   *list.Element        // where held is in the cache's order
	open weak.Pointer[[]byte] // what was made last, while somebody holds it
}

func (r *rendered) Size(ctx context.Context) (int64, error) {
	r.cache.mu.Lock()
	size := r.size
	r.cache.mu.Unlock()
	if size > 0 {
		return size - 1, nil
	}
	b, err := r.bytes(ctx)
	if err != nil {
		return 0, err
	}
	return int64(len(*b)), nil
}

func (r *rendered) Open(ctx context.Context) (File, error) {
	b, err := r.bytes(ctx)
	if err != nil {
		return nil, err
	}
	r.cache.mu.Lock()
	defer r.cache.mu.Unlock()
	return &renderedFile{bytes.NewReader(*b), b, r.damage}, nil
}

// renderedFile keeps the bytes that it reads from findable while it is open.
type renderedFile struct {
	*bytes.Reader
	b      *[]byte
	damage error
}

func (f *renderedFile) Close() error  { return nil }
func (f *renderedFile) Damage() error { return f.damage }

func (r *rendered) bytes(ctx context.Context) (*[]byte, error) {
	c := r.cache
	for {
		c.mu.Lock()
		if b := r.open.Value(); b != nil {
			c.keep(r, b)
			c.mu.Unlock()
			return b, nil
		}
		run, others := c.runs[r.maker]
		if !others {
			run = make(chan bool)
			c.runs[r.maker] = run
		}
		c.mu.Unlock()
		if !others {
			return r.run(ctx, run)
		}
		select {
		case <-run:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (r *rendered) run(ctx context.Context, run chan bool) (*[]byte, error) {
	made, err := r.made(ctx)
	c := r.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.runs, r.maker)
	close(run)
	if partial := (Partial{}); errors.As(err, &partial) {
		r.damage = partial.Err
	} else if err != nil {
		return nil, err
	}
	var own []byte
	for i := range r.all {
		if other := &r.all[i]; other != r {
			c.take(other, made[i])
		} else {
			own = made[i]
		}
	}
	return c.take(r, own), nil // the last, so that it stays
}

// take remembers what was made, and returns it, or the same bytes where somebody
// has them already. It needs mu.
func (c *Cache) take(r *rendered, b []byte) *[]byte {
	if old := r.open.Value(); old != nil {
		return old
	}
	r.size = int64(len(b)) + 1
	if c.limit > 0 {
		r.open = weak.Make(&b)
		c.keep(r, &b)
	}
	return &b
}

func (m *maker) made(ctx context.Context) (all [][]byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			all, err = nil, fmt.Errorf("render: panic: %v", p)
		}
	}()
	all, err = m.make(ctx)
	if partial := (Partial{}); (err == nil || errors.As(err, &partial)) && len(all) != len(m.all) {
		return nil, fmt.Errorf("render: %d contents, want %d", len(all), len(m.all))
	}
	return all, err
}

// keep puts what was just used in front, and lets go of what is too much. It
// needs mu.
func (c *Cache) keep(r *rendered, b *[]byte) {
	if r.held != nil {
		c.order.MoveToFront(r.at)
		return
	}
	r.held, r.at = b, c.order.PushFront(r)
	c.size += int64(len(*b))
	for c.size > c.limit && c.order.Len() > 1 {
		last := c.order.Remove(c.order.Back()).(*rendered)
		c.size -= int64(len(*last.held))
		last.held, last.at = nil, nil
	}
}

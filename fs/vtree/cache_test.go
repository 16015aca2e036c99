package vtree_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"ibfs/fs/vtree"
)

func read(t *testing.T, c vtree.Content) []byte {
	t.Helper()
	f, err := c.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCacheRendersOnce(t *testing.T) {
	var calls atomic.Int32
	text := bytes.Repeat([]byte("line\n"), 1000)
	c := vtree.NewCache(1 << 20).Render(func(context.Context) ([]byte, error) { calls.Add(1); return text, nil })
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			if n, err := c.Size(t.Context()); n != int64(len(text)) || err != nil {
				t.Error(n, err)
			}
			if !bytes.Equal(read(t, c), text) {
				t.Error("other bytes")
			}
		})
	}
	wait.Wait()
	if calls.Load() != 1 {
		t.Errorf("made %d times", calls.Load())
	}
}

func TestCacheLimit(t *testing.T) {
	var calls []string
	cache := vtree.NewCache(100)
	content := func(name string, size int) vtree.Content {
		return cache.Render(func(context.Context) ([]byte, error) {
			calls = append(calls, name)
			return []byte(strings.Repeat(name, size)), nil
		})
	}
	a, b, big := content("a", 60), content("b", 30), content("c", 1000)
	file, err := a.Open(t.Context()) // stays open
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []vtree.Content{a, b, a, big, big, a} {
		read(t, c)
	}
	if got := strings.Join(calls, ""); got != "abc" {
		t.Errorf("made %q: what is open, and what was made last, are not made again", got)
	}
	file.Close()
	if n, err := b.Size(t.Context()); n != 30 || err != nil || len(calls) != 3 {
		t.Errorf("a size that was known: %d, %v, %q", n, err, calls)
	}
}

func TestCacheTogether(t *testing.T) {
	calls := 0
	cache := vtree.NewCache(100)
	both := cache.RenderAll(2, func(context.Context) ([][]byte, error) {
		calls++
		return [][]byte{[]byte(strings.Repeat("page", 20)), []byte("text")}, nil
	})
	if n, err := both[1].Size(t.Context()); n != 4 || err != nil {
		t.Error(n, err)
	}
	if n, err := both[0].Size(t.Context()); n != 80 || err != nil {
		t.Error(n, err)
	}
	file, err := both[1].Open(t.Context()) // stays open
	if err != nil {
		t.Fatal(err)
	}
	if string(read(t, both[0])) != strings.Repeat("page", 20) || calls != 1 {
		t.Errorf("made %d times, to read what was made together", calls)
	}
	read(t, cache.Render(func(context.Context) ([]byte, error) { return make([]byte, 100), nil })) // in place of all others
	runtime.GC()
	for range 2 {
		read(t, both[0])
		if string(read(t, both[1])) != "text" {
			t.Error("other bytes")
		}
	}
	if calls != 2 {
		t.Errorf("made %d times, with one of two in use", calls)
	}
	file.Close()
	wrong := cache.RenderAll(2, func(context.Context) ([][]byte, error) { return make([][]byte, 1), nil })
	if _, err := wrong[1].Size(t.Context()); err == nil {
		t.Error("a content that was not made")
	}
}

func TestCacheCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := vtree.NewCache(0).Render(func(ctx context.Context) ([]byte, error) {
			if ctx.Value(key{}) != nil {
				return []byte("made by the second"), nil
			}
			<-ctx.Done()
			return nil, ctx.Err()
		})
		first, cancel := context.WithCancel(t.Context())
		go func() {
			if _, err := c.Size(first); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}()
		synctest.Wait()
		impatient, giveUp := context.WithCancel(t.Context())
		go func() {
			if _, err := c.Size(impatient); !errors.Is(err, context.Canceled) {
				t.Error("whoever waits for another:", err)
			}
		}()
		go func() {
			if n, err := c.Size(context.WithValue(t.Context(), key{}, 1)); n != 18 || err != nil {
				t.Error("whoever goes on:", n, err)
			}
		}()
		synctest.Wait()
		giveUp()
		synctest.Wait()
		cancel()
		synctest.Wait()
	})
}

type key struct{}

func TestCachePanic(t *testing.T) {
	c := vtree.NewCache(0).Render(func(context.Context) ([]byte, error) { panic("row 7") })
	for range 2 {
		if _, err := c.Size(t.Context()); err == nil || !strings.Contains(err.Error(), "row 7") {
			t.Error(err)
		}
	}
}

// TestCachePartial keeps what was made of a content with what is missing of it,
// each time it is opened.
func TestCachePartial(t *testing.T) {
	cut := errors.New("cut")
	for name, c := range map[string]struct {
		err, damage, open error
	}{
		"whole":   {nil, nil, nil},
		"partial": {vtree.Partial{Err: cut}, cut, nil},
		"wrapped": {fmt.Errorf("render: %w", vtree.Partial{Err: cut}), cut, nil},
		"failed":  {cut, nil, cut},
	} {
		t.Run(name, func(t *testing.T) {
			content := vtree.NewCache(0).Render(func(context.Context) ([]byte, error) { return []byte("half"), c.err })
			for range 2 {
				f, err := content.Open(t.Context())
				if !errors.Is(err, c.open) {
					t.Fatalf("%v, want %v", err, c.open)
				}
				if err == nil && (f.Size() != 4 || vtree.Damage(f) != c.damage) {
					t.Errorf("%d bytes, damage %v, want %v", f.Size(), vtree.Damage(f), c.damage)
				}
			}
		})
	}
}

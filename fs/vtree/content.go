package vtree

import (
	"bytes"
	"context"
	"sync/atomic"
)

// Content is what a file of a Static tree holds. Its methods may be called
// side by side.
type Content interface {
	// Size is what reading gives, in bytes.
	Size(context.Context) (int64, error)

	Open(context.Context) (File, error)
}

// Bytes is content that is there already. It is not copied.
func Bytes(b []byte) Content { return held(b) }

// Render is content that a function makes, the same bytes each time: once to
// learn its size, then again for each open. Only the size is kept.
func Render(f func(context.Context) ([]byte, error)) Content { return &rendered{make: f} }

type held []byte

func (h held) Size(context.Context) (int64, error) { return int64(len(h)), nil }
func (h held) Open(context.Context) (File, error)  { return memory{bytes.NewReader(h)}, nil }

type rendered struct {
	make func(context.Context) ([]byte, error)
	size atomic.Int64 // one more than the size, 0 until it is known
}

func (r *rendered) Size(ctx context.Context) (int64, error) {
	if n := r.size.Load(); n > 0 {
		return n - 1, nil
	}
	b, err := r.bytes(ctx)
	return int64(len(b)), err
}

func (r *rendered) Open(ctx context.Context) (File, error) {
	b, err := r.bytes(ctx)
	if err != nil {
		return nil, err
	}
	return memory{bytes.NewReader(b)}, nil
}

func (r *rendered) bytes(ctx context.Context) ([]byte, error) {
	b, err := r.make(ctx)
	if err == nil {
		r.size.Store(int64(len(b)) + 1)
	}
	return b, err
}

// memory is a File whose bytes are in memory.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

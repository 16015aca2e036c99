package vtree

import (
	"bytes"
	"context"
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

type held []byte

func (h held) Size(context.Context) (int64, error) { return int64(len(h)), nil }
func (h held) Open(context.Context) (File, error)  { return memory{bytes.NewReader(h)}, nil }

// memory is a File whose bytes are in memory.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

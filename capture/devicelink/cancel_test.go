package devicelink

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"ibfs/capture/devicelink/devicelinktest"
)

// TestCancelLongAnswer does not say a long answer to its end when the context has
// ended, however willing the phone is to listen.
func TestCancelLongAnswer(t *testing.T) {
	host, phone := net.Pipe()
	defer phone.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan time.Time, 1)
	context.AfterFunc(ctx, func() { ended <- time.Now() })
	go func() {
		var s devicelinktest.Script
		s.Open()
		s.Message("DLContentsOfDirectory", "u")
		go func() { _, _ = phone.Write(s) }() // a pipe has no room: the host answers in between
		buf := make([]byte, 64<<10)
		for total := 0; ; {
			n, err := phone.Read(buf)
			if total += n; total > 4<<20 {
				cancel()
				time.Sleep(10 * time.Millisecond)
			}
			if err != nil {
				return
			}
		}
	}()
	c, err := Open(ctx, host, Options{})
	if err != nil {
		t.Fatal(err)
	}
	store := newMemory()
	store.many = 500_000
	_, _, err = c.Serve(ctx, store, nil)
	now := time.Now()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if took := now.Sub(<-ended); took > time.Second {
		t.Errorf("it took %v", took)
	}
	if _, err := host.Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the stream is open: %v", err)
	}
}

// slow is a Store that takes as long as it may.
type slow struct{ *memory }

func (slow) Remove(ctx context.Context, _ string) error  { <-ctx.Done(); return ctx.Err() }
func (slow) Copy(ctx context.Context, _, _ string) error { <-ctx.Done(); return ctx.Err() }
func (slow) Move(ctx context.Context, _, _ string) error { <-ctx.Done(); return ctx.Err() }

// TestCancelStore ends what the Store does for the phone, which is no failure of it.
func TestCancelStore(t *testing.T) {
	for name, args := range map[string][]any{
		"DLMessageRemoveItems": {[]any{"u/a", "u/b"}, map[string]any{}, 1.0},
		"DLMessageCopyItem":    {"u/a", "u/b"},
		"DLMessageMoveItems":   {map[string]any{"u/a": "u/b"}, map[string]any{}, 1.0},
	} {
		t.Run(name, func(t *testing.T) {
			host, phone := net.Pipe()
			defer phone.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			go func() { _, _ = io.Copy(io.Discard, phone) }()
			go func() {
				var s devicelinktest.Script
				s.Open()
				s.Message(append([]any{name}, args...)...)
				_, _ = phone.Write(s)
			}()
			c, err := Open(ctx, host, Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, out, err := c.Serve(ctx, slow{newMemory()}, nil)
			if !errors.Is(err, context.DeadlineExceeded) || out.Failures != 0 {
				t.Errorf("error %v, %d failures", err, out.Failures)
			}
		})
	}
}

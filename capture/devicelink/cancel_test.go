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

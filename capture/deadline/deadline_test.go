package deadline

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

func TestSet(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx   context.Context
		limit time.Duration
		want  error
	}{
		"context": {ended, 0, context.Canceled},
		"limit":   {t.Context(), 10 * time.Millisecond, ErrSilent},
		"both":    {ended, time.Hour, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := net.Pipe()
			defer a.Close()
			defer b.Close()
			done := Set(c.ctx, a.SetDeadline, c.limit)
			_, err := a.Read(make([]byte, 1))
			if err = done(err); !errors.Is(err, c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSetIsUndone(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := Set(ctx, a.SetDeadline, time.Hour)
	if err := done(io.EOF); err != io.EOF {
		t.Errorf("an error of its own became %v", err)
	}
	cancel()
	go b.Write([]byte{1})
	if _, err := a.Read(make([]byte, 1)); err != nil {
		t.Errorf("the connection is of no use: %v", err)
	}
	a.Close()
	if err := Set(t.Context(), a.SetDeadline, 0)(nil); err != nil {
		t.Errorf("on a closed connection: %v", err)
	}
}

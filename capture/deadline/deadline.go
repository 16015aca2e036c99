// Package deadline ends the reads and writes of a connection with a context, and
// tells when its other end has gone.
package deadline

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"time"
)

// ErrSilent says that the other side took longer than it may.
var ErrSilent = errors.New("no answer in time")

// gone are the errors of a connection whose other end closed or reset it, or is
// out of reach, whatever call comes to know it.
var gone = []error{
	io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed,
	syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, syscall.ETIMEDOUT, syscall.EHOSTUNREACH, syscall.ENETUNREACH,
}

// Gone tells whether an error of a connection says that the other end has gone.
func Gone(err error) bool {
	for _, g := range gone {
		if errors.Is(err, g) {
			return true
		}
	}
	return false
}

// Set makes reads or writes on a connection fail when ctx ends, and after limit
// where that is above 0: set is the connection's SetDeadline, SetReadDeadline or
// SetWriteDeadline. The returned function undoes it. It takes the error of what
// was done meanwhile and returns it, or the reason where ctx or limit is one.
//
// A connection whose context or limit ended is of no use any more: a message may
// be half read.
func Set(ctx context.Context, set func(time.Time) error, limit time.Duration) (done func(error) error) {
	var at time.Time
	if limit > 0 {
		at = time.Now().Add(limit)
	}
	_ = set(at) // fails on a closed connection alone, as do reads
	stop := context.AfterFunc(ctx, func() { _ = set(time.Unix(1, 0)) })
	return func(err error) error {
		if !stop() {
			return ctx.Err()
		}
		_ = set(time.Time{}) // as above
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			return ErrSilent
		}
		return err
	}
}

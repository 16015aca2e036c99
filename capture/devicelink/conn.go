package devicelink

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"ibfs/capture/deadline"
	"ibfs/capture/devicelink/bplist"
)

const (
	// farewell is how long the end of a link may take once nobody waits for more.
	farewell = 300 * time.Millisecond

	// readBuffer is the length of a TLS record, which is the most that one read gives.
	// What is larger goes past the buffer.
	readBuffer = 16 << 10

	// keptMessage is the largest buffer that is kept for the next message.
	keptMessage = 1 << 20

	// testedVersion is the highest major version that clients are known to work
	// with. A later one is served all the same: a fixed maximum is what broke every
	// client at iOS 14 (libimobiledevice issue 998).
	testedVersion = 400
)

// A Conn is a DeviceLink connection. It is used by one goroutine at a time.
//
// When the context of a call ends, the call returns its error within a second,
// the phone has been told, and the connection is closed.
type Conn struct {
	nc       net.Conn
	log      *slog.Logger
	patience Patience

	r       *bufio.Reader
	wait    time.Duration   // how long the next read may take
	ctx     context.Context // of the call that is under way
	enc     bplist.Encoder
	msg     []byte // the message that was read last
	out     []byte // frames on their way to the phone
	unsound bool   // what was written last is not whole: nothing can follow
	closed  bool
}

// Options are what a connection needs beside its stream.
type Options struct {
	Log      *slog.Logger // names and lengths of messages; paths only at debug level. nil: nothing
	Patience Patience
}

// Open takes over a stream to a phone's service and opens the link: the phone
// names its version, the host agrees, the phone is ready. On an error the stream
// is closed.
func Open(ctx context.Context, nc net.Conn, o Options) (*Conn, error) {
	c := &Conn{nc: nc, log: o.Log, patience: o.Patience.withDefaults()}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.r = bufio.NewReaderSize(reader{c}, readBuffer)
	defer c.during(ctx)()
	if err := c.open(); err != nil {
		return nil, c.fail(fmt.Errorf("open the link to the phone: %w", err))
	}
	return c, nil
}

func (c *Conn) open() error {
	m, err := c.receive(c.patience.Byte)
	if err != nil {
		return err
	}
	major, ok := m.Arg(1).Int()
	if m.Name != "DLMessageVersionExchange" || !ok {
		return fmt.Errorf("%w: %q where its version should be", ErrProtocol, m.Name)
	}
	c.log.Debug("version of the link", "major", major)
	if major > testedVersion {
		c.log.Warn("the phone speaks a newer version of the link than is tested", "its", major, "tested", testedVersion)
	}
	if err := c.send("DLMessageVersionExchange", "DLVersionsOk", major); err != nil {
		return err
	}
	if m, err = c.receive(c.patience.Byte); err != nil {
		return err
	}
	if m.Name != "DLMessageDeviceReady" {
		return fmt.Errorf("%w: %q before it was ready", ErrProtocol, m.Name)
	}
	return nil
}

// during makes ctx the context of a call; what it returns ends that.
func (c *Conn) during(ctx context.Context) (end func() bool) {
	c.ctx = ctx
	return context.AfterFunc(ctx, func() {
		_ = c.nc.SetReadDeadline(time.Unix(1, 0))
		_ = c.nc.SetWriteDeadline(time.Now().Add(farewell))
	})
}

// fail ends the link after an error and returns the error, which is the
// context's when that has ended.
func (c *Conn) fail(err error) error {
	if c.ctx.Err() != nil {
		err = c.ctx.Err()
	}
	_ = c.Close() // the error that led here says more
	return err
}

// reader reads from the phone with patience.
type reader struct{ c *Conn }

func (r reader) Read(p []byte) (int, error) {
	c := r.c
	wait := c.wait
	if err := c.nc.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return 0, err
	}
	// In this order: a context that ends after this look moves the deadline itself.
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.nc.Read(p)
	if n > 0 {
		c.wait = c.patience.Byte
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if c.ctx.Err() != nil {
			return n, c.ctx.Err()
		}
		return n, fmt.Errorf("%w: nothing came for %v", ErrSilent, wait)
	}
	return n, c.ended(err)
}

// ended is ErrClosed for the errors of a stream that the phone has left.
func (c *Conn) ended(err error) error {
	if !deadline.Gone(err) {
		return err
	}
	c.log.Debug("the link has ended", "err", err)
	return ErrClosed
}

// piece is how much is written under one deadline.
const piece = 1 << 20

// write sends bytes to the phone.
func (c *Conn) write(b []byte) error {
	if c.unsound {
		return io.ErrClosedPipe
	}
	for first := true; len(b) > 0; first = false {
		if !first && c.ctx.Err() != nil { // nobody waits for the rest of a long message
			c.unsound = true
			return c.ctx.Err()
		}
		wait := c.patience.Byte
		if c.closed || c.ctx.Err() != nil {
			wait = farewell
		}
		if err := c.nc.SetWriteDeadline(time.Now().Add(wait)); err != nil {
			return err
		}
		if !c.closed && c.ctx.Err() != nil { // it may have ended before the deadline was set
			_ = c.nc.SetWriteDeadline(time.Now().Add(farewell))
		}
		n, err := c.nc.Write(b[:min(len(b), piece)])
		if err != nil {
			c.unsound = true
			if errors.Is(err, os.ErrDeadlineExceeded) {
				return fmt.Errorf("%w: it took nothing for %v", ErrSilent, wait)
			}
			return c.ended(err)
		}
		b = b[n:]
	}
	return nil
}

// Close tells the phone that no more comes, and closes the stream. It takes
// well below a second. Only the first call does anything.
func (c *Conn) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	err := c.send(disconnect, emptyParameter)
	if tls, ok := c.nc.(interface{ NetConn() net.Conn }); ok && err != nil {
		// TLS takes seconds to say goodbye to a peer that does not listen.
		_ = tls.NetConn().Close()
	}
	return errors.Join(err, c.nc.Close())
}

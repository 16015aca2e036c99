package usbmux

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"ibfs/capture/plist"
)

const (
	listRequest       = "ListDevices"
	listenRequest     = "Listen"
	connectRequest    = "Connect"
	readBUIDRequest   = "ReadBUID"
	readRecordRequest = "ReadPairRecord"
	saveRecordRequest = "SavePairRecord"

	// answerTimeout bounds how long the daemon may take, which answers out of
	// its memory; connectTimeout how long a phone over Wi-Fi may.
	answerTimeout  = 10 * time.Second
	connectTimeout = 30 * time.Second
)

// A Mux is the daemon at an address. Its methods may be called side by side.
type Mux struct {
	addr Address
	log  *slog.Logger
}

// New returns the daemon at addr. It does not connect. A nil log is none.
func New(addr Address, log *slog.Logger) *Mux {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Mux{addr: addr.orPlatform(), log: log}
}

// A link is a connection to the daemon that a context can end.
type link struct {
	*packetConn
	conn net.Conn
	ctx  context.Context
	stop func() bool
}

// dial connects to the daemon. The context ends every read and write until
// release or Close.
func (m *Mux) dial(ctx context.Context, timeout time.Duration) (*link, error) {
	dialer := net.Dialer{Timeout: answerTimeout}
	conn, err := dialer.DialContext(ctx, m.addr.network, m.addr.where)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		// The dialer takes the context's deadline for its own, and may be the first to notice.
		if at, ok := ctx.Deadline(); ok && time.Until(at) <= 0 {
			return nil, context.DeadlineExceeded
		}
		return nil, dialError(m.addr, err)
	}
	if timeout > 0 {
		_ = conn.SetDeadline(time.Now().Add(timeout)) // fails on a closed connection alone
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return &link{newPacketConn(conn), conn, ctx, stop}, nil
}

func (l *link) Close() error {
	l.stop()
	return l.conn.Close()
}

// release frees the connection from its context and its deadline.
func (l *link) release() (net.Conn, error) {
	if !l.stop() {
		return nil, l.ctx.Err()
	}
	return l.conn, l.conn.SetDeadline(time.Time{})
}

// ask sends one request and reads its answer.
func (l *link) ask(request string, args map[string]any) (plist.Dict, error) {
	message := map[string]any{
		"MessageType":         request,
		"ClientVersionString": "ibfs",
		"ProgName":            "ibfs",
		"kLibUSBMuxVersion":   3,
	}
	for k, v := range args {
		message[k] = v
	}
	if err := l.send(message); err != nil {
		return nil, l.failed(request, err)
	}
	answer, err := l.answer(request)
	if err != nil {
		return nil, l.failed(request, err)
	}
	return answer, nil
}

// failed names the request, and the end of the context where that is the reason.
func (l *link) failed(request string, err error) error {
	if l.ctx.Err() != nil {
		err = l.ctx.Err()
	}
	return fmt.Errorf("ask usbmuxd: %s: %w", request, err)
}

// ask opens a connection for one request.
func (m *Mux) ask(ctx context.Context, request string, args map[string]any) (plist.Dict, error) {
	l, err := m.dial(ctx, answerTimeout)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	m.log.Debug("ask usbmuxd", "request", request)
	return l.ask(request, args)
}

// BUID is the daemon's identity, which a new pair record names as SystemBUID.
func (m *Mux) BUID(ctx context.Context) (string, error) {
	answer, err := m.ask(ctx, readBUIDRequest, nil)
	if err != nil {
		return "", err
	}
	buid := answer.String("BUID")
	if buid == "" {
		return "", fmt.Errorf("ask usbmuxd: %s: %w: no BUID", readBUIDRequest, ErrProtocol)
	}
	return buid, nil
}

// Connect connects to a port of a device. The context bounds the connecting
// alone; from then on the connection is the caller's.
func (m *Mux) Connect(ctx context.Context, dev Device, port uint16) (net.Conn, error) {
	l, err := m.dial(ctx, connectTimeout)
	if err != nil {
		return nil, err
	}
	_, err = l.ask(connectRequest, map[string]any{"DeviceID": dev.ID, "PortNumber": swapped(port)})
	if err != nil {
		_ = l.Close() // the reason is known
		return nil, fmt.Errorf("port %d of the device: %w", port, err)
	}
	conn, err := l.release()
	if err != nil {
		_ = l.Close() // the reason is known
		return nil, fmt.Errorf("port %d of the device: %w", port, err)
	}
	return conn, nil
}

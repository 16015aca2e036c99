package fakedevice

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// A handler serves one connection to a service, which is TLS already, until
// the client is done or errs. The connection closes when ctx ends, and after
// the handler returns. The error, other than the client's end of the
// connection, goes to the event log.
type handler func(p *Phone, ctx context.Context, conn net.Conn) error

// handlers are the services that lockdown starts, by name.
func handlers() map[string]handler {
	return map[string]handler{
		"com.apple.afc":                       (*Phone).serveAFC,
		"com.apple.mobile.diagnostics_relay":  (*Phone).serveDiagnostics,
		"com.apple.mobile.heartbeat":          (*Phone).serveHeartbeat,
		"com.apple.mobile.installation_proxy": (*Phone).serveInstallation,
		"com.apple.mobile.notification_proxy": (*Phone).serveNotifications,
		"com.apple.springboardservices":       (*Phone).serveSpringboard,
		"com.apple.mobilebackup2":             (*Phone).serveBackup,
	}
}

// A started service waits on a port for the one connection of its host.
type started struct {
	name  string
	host  *pairing
	serve handler
}

// firstServicePort is where the ports of started services begin.
const firstServicePort = 49152

// allot gives a started service its port.
func (p *Phone) allot(s *started) uint16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lastPort < firstServicePort || p.lastPort == lockdownPort-1 {
		p.lastPort = firstServicePort - 1
	}
	p.lastPort++
	p.ports[p.lastPort] = s
	return p.lastPort
}

// listener is what serves a connection to a port, or nil where nothing listens.
func (p *Phone) listener(port uint16, network bool) func(context.Context, net.Conn) {
	if port == lockdownPort {
		return func(ctx context.Context, conn net.Conn) {
			p.ended("lockdown", p.serveLockdown(ctx, conn, network))
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.ports[port]
	if s == nil {
		return nil
	}
	delete(p.ports, port)
	return func(ctx context.Context, conn net.Conn) {
		if network {
			defer p.byNetwork(conn)()
		}
		conn, err := p.startTLS(conn, s.host)
		if err != nil {
			return
		}
		defer p.endTLS(conn)
		p.ended(source(s.name), s.serve(p, ctx, conn))
	}
}

// ended records an error that ended a connection, unless it is the client's
// end of it: few clients end TLS as they should.
func (p *Phone) ended(source string, err error) {
	for _, end := range []error{nil, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, context.Canceled,
		os.ErrDeadlineExceeded, syscall.EPIPE, syscall.ECONNRESET} {
		if errors.Is(err, end) {
			return
		}
	}
	p.record(source, "ended: %v", err)
}

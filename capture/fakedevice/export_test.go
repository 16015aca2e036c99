package fakedevice

import (
	"context"
	"net"
)

// ServeBackup serves a connection to the backup service without a mux, a
// pairing and TLS.
func (p *Phone) ServeBackup(ctx context.Context, conn net.Conn) error {
	p.prepare()
	defer conn.Close()
	return p.serveBackup(ctx, conn)
}

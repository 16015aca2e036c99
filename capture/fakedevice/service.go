package fakedevice

import (
	"context"
	"net"
)

// A handler serves one connection to a service, which is already TLS where the
// client was told so, until the client is done or errs. The connection closes
// when ctx ends, and after the handler returns. The error, other than the
// client's end of the connection, goes to the event log.
type handler func(p *Phone, ctx context.Context, conn net.Conn) error

// handlers are the services that lockdown starts, by name.
func handlers() map[string]handler {
	return map[string]handler{
		"com.apple.mobile.notification_proxy": (*Phone).serveNotifications,
	}
}

package fakedevice

import (
	"context"
	"net"
	"slices"

	"howett.net/plist"
)

// An observer is a connection to the notification proxy.
type observer struct {
	names []string // those asked for; Phone.mu guards it
	relay chan string
}

// Notify relays a notification of the phone to all who observe it.
func (p *Phone) Notify(name string) {
	p.record("notification_proxy", "relay %s", name)
	p.mu.Lock()
	defer p.mu.Unlock()
	for o := range p.observers {
		if slices.Contains(o.names, name) {
			select {
			case o.relay <- name:
			default: // one that does not read misses it
			}
		}
	}
}

type notification struct {
	Command string
	Name    string `plist:",omitempty"`
}

// serveNotifications plays com.apple.mobile.notification_proxy.
func (p *Phone) serveNotifications(ctx context.Context, conn net.Conn) error {
	if p.failing().ProxyDies {
		return proxyDeath(conn)
	}
	o := &observer{relay: make(chan string, 64)}
	p.mu.Lock()
	p.observers[o] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.observers, o)
		p.mu.Unlock()
	}()

	done := make(chan error, 1)
	go func() { done <- p.readNotifications(conn, o) }()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-done:
			if err != nil {
				return err
			}
			return proxyDeath(conn)
		case name := <-o.relay:
			if err := writePlist(conn, plist.XMLFormat, notification{"RelayNotification", name}); err != nil {
				return err
			}
		}
	}
}

func proxyDeath(conn net.Conn) error {
	return writePlist(conn, plist.XMLFormat, notification{Command: "ProxyDeath"})
}

// readNotifications follows what a client of the proxy says, until it asks for
// the end.
func (p *Phone) readNotifications(conn net.Conn, o *observer) error {
	for {
		var n notification
		if _, err := readPlist(conn, maxMessage, &n); err != nil {
			return err
		}
		switch n.Command {
		case "ObserveNotification":
			p.record("notification_proxy", "observe %s", n.Name)
			p.mu.Lock()
			o.names = append(o.names, n.Name)
			p.mu.Unlock()
		case "PostNotification":
			p.record("notification_proxy", "post %s", n.Name)
		case "Shutdown":
			p.record("notification_proxy", "shutdown")
			return nil
		default:
			p.record("notification_proxy", "unknown command %q", n.Command)
		}
	}
}

package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"ibfs/capture/plist"
)

// ErrProxyDied says that the notification proxy told its own end.
var ErrProxyDied = errors.New("the phone's notification proxy ended")

// shutdownWait is how long a proxy may take to confirm its end.
const shutdownWait = 2 * time.Second

// toldWait is how long who is told may still be busy once the connection is closed.
const toldWait = 100 * time.Millisecond

// Notifications is a connection to the notification proxy. Its methods may be
// called side by side.
//
// From us: {Command: ObserveNotification or PostNotification, Name}, {Command:
// Shutdown}, none of which is answered. From the phone: {Command:
// RelayNotification, Name}, and at the end {Command: ProxyDeath}.
type Notifications struct {
	conn    net.Conn
	sending sync.Mutex // guards writes to conn
	over    chan struct{}
	err     error // once over is closed
}

// NewNotifications starts reading from the proxy. The function told, which may
// be nil, is called with the name of each notification that comes and was
// observed, one after another. It may not call Close.
func NewNotifications(conn net.Conn, told func(name string)) *Notifications {
	n := &Notifications{conn: conn, over: make(chan struct{})}
	go func() {
		defer close(n.over)
		n.err = n.read(told)
	}()
	return n
}

func (n *Notifications) read(told func(string)) error {
	for {
		body, err := plist.ReadFrame(n.conn, maxMessage)
		if err != nil {
			return err
		}
		message, err := plist.DecodeDict(body)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrProtocol, err)
		}
		switch message.String("Command") {
		case "RelayNotification":
			if told != nil {
				told(message.String("Name"))
			}
		case "ProxyDeath":
			return ErrProxyDied
		}
	}
}

// Done is closed when nothing more will come. Err says why.
func (n *Notifications) Done() <-chan struct{} { return n.over }

// Err is why Done is closed, and nil before.
func (n *Notifications) Err() error {
	select {
	case <-n.over:
		return n.err
	default:
		return nil
	}
}

// Observe asks for notifications by name.
func (n *Notifications) Observe(ctx context.Context, names ...string) error {
	for _, name := range names {
		if err := n.command(ctx, "ObserveNotification", name); err != nil {
			return fmt.Errorf("observe %s: %w", name, err)
		}
	}
	return nil
}

// Post posts a notification on the phone.
func (n *Notifications) Post(ctx context.Context, name string) error {
	if err := n.command(ctx, "PostNotification", name); err != nil {
		return fmt.Errorf("post %s: %w", name, err)
	}
	return nil
}

func (n *Notifications) command(ctx context.Context, command, name string) error {
	if err := n.Err(); err != nil {
		return err
	}
	message := map[string]any{"Command": command}
	if name != "" {
		message["Name"] = name
	}
	n.sending.Lock()
	defer n.sending.Unlock()
	err := send(ctx, n.conn, message)
	if err == nil || ctx.Err() != nil {
		return err
	}
	select { // what the proxy said before it closed the connection tells more
	case <-n.over:
		return cmp.Or(n.err, err)
	case <-ctx.Done():
	case <-time.After(shutdownWait):
	}
	return err
}

// Close ends the proxy, waits a moment for it to confirm, and closes the
// connection. What was posted before has then arrived. A told that does not return is
// not waited for.
func (n *Notifications) Close(ctx context.Context) error {
	err := n.command(ctx, "Shutdown", "")
	if err == nil {
		select {
		case <-n.over:
		case <-ctx.Done():
		case <-time.After(shutdownWait):
		}
	}
	err = errors.Join(err, n.conn.Close())
	select {
	case <-n.over:
	case <-time.After(toldWait):
	}
	return err
}

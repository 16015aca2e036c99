package fakedevice

import (
	"context"
	"net"
	"time"

	"howett.net/plist"
)

// byNetwork notes a connection that comes by Wi-Fi, which missed heartbeats
// end. What it returns forgets it.
func (p *Phone) byNetwork(conn net.Conn) (forget func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.network[conn] = struct{}{}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.network, conn)
	}
}

// serveHeartbeat plays com.apple.mobile.heartbeat: the phone says Marco, the
// host Polo.
func (p *Phone) serveHeartbeat(ctx context.Context, conn net.Conn) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	polo := make(chan error)
	go func() {
		for {
			var answer struct{ Command string }
			_, err := readPlist(conn, maxMessage, &answer)
			select {
			case polo <- err:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	tick := time.NewTicker(p.HeartbeatInterval)
	defer tick.Stop()
	for missed := 0; ; missed++ {
		if missed == 3 && p.failing().HeartbeatCuts {
			p.record("heartbeat", "missed")
			p.cutNetwork()
			return nil
		}
		marco := map[string]any{"Command": "Marco", "Interval": int(p.HeartbeatInterval / time.Second)}
		if err := writePlist(conn, plist.XMLFormat, marco); err != nil {
			return err
		}
		for wait := true; wait; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case err := <-polo:
				if err != nil {
					return err
				}
				p.record("heartbeat", "Polo")
				missed = -1
			case <-tick.C:
				wait = false
			}
		}
	}
}

// cutNetwork ends every connection that came by Wi-Fi.
func (p *Phone) cutNetwork() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.network {
		conn.Close()
	}
	clear(p.network)
}

package lockdown

import (
	"context"
	"errors"
	"fmt"
	"net"

	"ibfs/capture/usbmux"
)

// serviceTries is how often a service is started that cannot be had just now.
const serviceTries = 5

// Service starts a service and connects to it, by TLS where the phone asks for
// it. It needs a session. The context bounds the starting alone.
//
// With escrow, the request carries the pair record's escrow bag, if it has one,
// with which a phone that was unlocked once since it booted starts a backup
// behind its lock screen. ErrPasscodeLocked asks for the phone to be unlocked,
// ErrEscrowBag for it to be paired anew.
func (c *Client) Service(ctx context.Context, name string, escrow bool) (net.Conn, error) {
	for try := 1; ; try++ {
		conn, err := c.service(ctx, name, escrow)
		if err == nil {
			return conn, nil
		}
		// What refuses its port has died since it was started.
		again := errors.Is(err, ErrTooMany) || errors.Is(err, usbmux.ErrRefused)
		if !again || try == serviceTries {
			return nil, fmt.Errorf("start service %s: %w", name, err)
		}
		c.opts.Log.Debug("start service again", "service", name, "err", err)
		if err := sleep(ctx, c.opts.Pause); err != nil {
			return nil, fmt.Errorf("start service %s: %w", name, err)
		}
	}
}

func (c *Client) service(ctx context.Context, name string, escrow bool) (net.Conn, error) {
	record, port, secured, err := c.startService(ctx, name, escrow)
	if err != nil {
		return nil, err
	}
	conn, err := c.mux.Connect(ctx, c.dev, port)
	if err != nil || !secured {
		return conn, err
	}
	config, err := tlsConfig(record, c.opts.AnyKey)
	if err == nil {
		var tlsConn net.Conn
		if tlsConn, err = secure(ctx, conn, config); err == nil {
			return tlsConn, nil
		}
	}
	_ = conn.Close() // the reason is known
	return nil, err
}

// startService asks for a service in a session of its own: one that was idle
// may be gone without a word.
func (c *Client) startService(ctx context.Context, name string, escrow bool) (record *usbmux.PairRecord, port uint16, secured bool, err error) {
	if err := c.enter(ctx); err != nil {
		return nil, 0, false, err
	}
	record = c.record
	c.drop(ctx)
	c.leave()
	if record == nil {
		return nil, 0, false, fmt.Errorf("%w: it needs a session", ErrNotPaired)
	}
	args := map[string]any{"Service": name}
	if escrow = escrow && len(record.EscrowBag) > 0; escrow {
		args["EscrowBag"] = record.EscrowBag
	}
	reply, err := c.ask(ctx, "StartService", args)
	switch {
	case err != nil && escrow && isCode(err, "MissingValue"):
		return nil, 0, false, fmt.Errorf("%w: %w", ErrEscrowBag, err)
	case err != nil:
		return nil, 0, false, err
	}
	n, _ := reply.Int("Port")
	if n < 1 || n > 65535 {
		return nil, 0, false, fmt.Errorf("%w: port %d", ErrProtocol, n)
	}
	return record, uint16(n), reply.Bool("EnableServiceSSL"), nil
}

package lockdown

import (
	"context"
	"fmt"
	"time"

	"ibfs/capture/deadline"
	"ibfs/capture/usbmux"
)

// How often a phone is tried that closes at once: by cable, and over Wi-Fi, where
// it may sleep.
const (
	cableTries = 2
	wakeTries  = 12
)

// StartSession starts a session with a pair record, in which all values can be
// read and services started. The Client keeps the record for later connections.
//
// ErrNotPaired says that the phone does not know the record, ErrOtherPhone that
// another phone answers, and ErrOtherKey that its key is not the record's. A phone
// over Wi-Fi that closes is asleep: it is tried again for a while, then the error
// is ErrAsleep, and the record stays good.
func (c *Client) StartSession(ctx context.Context, r *usbmux.PairRecord) error {
	if err := c.enter(ctx); err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	defer c.leave()
	old := c.record
	c.record = r
	c.drop(ctx)
	if err := c.connect(ctx); err != nil {
		c.record = old
		return fmt.Errorf("start session: %w", err)
	}
	return nil
}

// connect makes a new connection, with a session when there is a record.
func (c *Client) connect(ctx context.Context) error {
	tries := cableTries
	if c.dev.Connection == usbmux.Network {
		tries = wakeTries
	}
	for try := 1; ; try++ {
		err := c.connectOnce(ctx)
		if err == nil || !isDrop(err) {
			return err
		}
		if try == tries {
			return c.explain(ctx, err)
		}
		c.opts.Log.Debug("the phone closed the connection", "try", try, "err", err)
		if err := sleep(ctx, c.opts.Pause); err != nil {
			return err
		}
	}
}

func (c *Client) connectOnce(ctx context.Context) error {
	control, err := dialControl(ctx, c.mux, c.dev, c.opts.Log)
	if err != nil {
		return err
	}
	if c.record != nil {
		if err := c.startSession(ctx, control); err != nil {
			control.abandon()
			if isAlert(err) {
				return fmt.Errorf("%w: the phone refuses the pair record: %w", ErrNotPaired, err)
			}
			return err
		}
	}
	c.control = control
	return nil
}

// explain says why a phone closes at every try. One that is still on its cable
// does not trust us.
func (c *Client) explain(ctx context.Context, err error) error {
	switch {
	case c.dev.Connection == usbmux.Network:
		return fmt.Errorf("%w: %w", ErrAsleep, err)
	case !c.isAttached(ctx):
		return fmt.Errorf("%w: %w", usbmux.ErrNoDevice, err)
	case c.record != nil && deadline.Gone(err):
		return fmt.Errorf("%w: the phone refuses the pair record: %w", ErrNotPaired, err)
	}
	return err
}

func (c *Client) startSession(ctx context.Context, control *control) error {
	config, err := tlsConfig(c.record, c.opts.AnyKey)
	if err != nil {
		return err
	}
	reply, err := control.ask(ctx, "StartSession", map[string]any{
		"HostID": c.record.HostID, "SystemBUID": c.record.SystemBUID, "ProtocolVersion": "2",
	})
	if err != nil {
		return err
	}
	if !reply.Bool("EnableSessionSSL") {
		return fmt.Errorf("%w: a session without TLS", ErrProtocol)
	}
	conn, err := secure(ctx, control.conn, config)
	if err != nil {
		return err
	}
	control.conn = conn
	control.session = reply.String("SessionID")

	// In TLS 1.3 the handshake ends before the phone has judged our certificate:
	// what it thinks of it shows at the first answer.
	reply, err = control.ask(ctx, "GetValue", valueArgs("", "UniqueDeviceID"))
	if err != nil {
		return err
	}
	if udid := reply.String("Value"); !usbmux.SameUDID(udid, c.dev.UDID) {
		return fmt.Errorf("%w: it has another UDID", ErrOtherPhone)
	}
	return nil
}

// isAttached tells whether the connection to the phone is still listed.
func (c *Client) isAttached(ctx context.Context) bool {
	devices, err := c.mux.Devices(ctx)
	if err != nil {
		return false
	}
	for _, dev := range devices {
		if dev.ID == c.dev.ID {
			return true
		}
	}
	return false
}

func sleep(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

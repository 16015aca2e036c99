package lockdown

import (
	"context"
	"fmt"

	"ibfs/capture/deadline"
	"ibfs/capture/plist"
	"ibfs/capture/usbmux"
)

// A Client is the host's side of one phone. Its methods may be called side by
// side, and wait for one another.
//
// lockdownd closes idle connections, so a Client makes a new one, with a new
// session, whenever the old one is gone.
type Client struct {
	mux  *usbmux.Mux
	dev  usbmux.Device
	opts Options

	turn    chan struct{} // holds one while somebody uses the rest, and the conversation
	control *control      // nil when there is none
	record  *usbmux.PairRecord
}

// enter waits until nobody else uses the conversation, or until ctx ends.
func (c *Client) enter(ctx context.Context) error {
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) leave() { <-c.turn }

// Open connects to a phone, without a session: only a small public set of
// values can be read. ErrRestoreMode says that it can do nothing else.
func Open(ctx context.Context, mux *usbmux.Mux, dev usbmux.Device, opts Options) (*Client, error) {
	c := &Client{mux: mux, dev: dev, opts: opts.withDefaults(), turn: make(chan struct{}, 1)}
	if err := c.connect(ctx); err != nil {
		return nil, fmt.Errorf("connect to the phone: %w", err)
	}
	return c, nil
}

// Close ends the session and the connection.
func (c *Client) Close() error { return c.Leave(context.Background()) }

// Leave is Close for who has less time: what the phone has not heard when ctx ends,
// it is not told.
func (c *Client) Leave(ctx context.Context) error {
	// Without an end of its context, it gets in.
	_ = c.enter(context.Background())
	defer c.leave()
	c.drop(ctx)
	return nil
}

func (c *Client) drop(ctx context.Context) {
	if c.control != nil {
		c.control.close(ctx)
		c.control = nil
	}
}

// Value reads one value, or the whole dictionary of a domain when key is "". The
// default domain is "". What plist.Decode says of types holds. ErrNoValue and
// ErrProhibited say that the phone gives none.
func (c *Client) Value(ctx context.Context, domain, key string) (any, error) {
	reply, err := c.ask(ctx, "GetValue", valueArgs(domain, key))
	if err != nil {
		return nil, fmt.Errorf("read value %q %q: %w", domain, key, err)
	}
	v, ok := reply["Value"]
	if !ok {
		return nil, fmt.Errorf("read value %q %q: %w", domain, key, ErrNoValue)
	}
	return v, nil
}

// Values reads the dictionary of a domain.
func (c *Client) Values(ctx context.Context, domain string) (plist.Dict, error) {
	v, err := c.Value(ctx, domain, "")
	if err != nil {
		return nil, err
	}
	d, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("read values %q: %w: no dictionary", domain, ErrProtocol)
	}
	return d, nil
}

// SetValue sets a value of a domain.
func (c *Client) SetValue(ctx context.Context, domain, key string, value any) error {
	args := valueArgs(domain, key)
	args["Value"] = value
	if _, err := c.ask(ctx, "SetValue", args); err != nil {
		return fmt.Errorf("set value %q %q: %w", domain, key, err)
	}
	return nil
}

func valueArgs(domain, key string) map[string]any {
	args := map[string]any{}
	if domain != "" {
		args["Domain"] = domain
	}
	if key != "" {
		args["Key"] = key
	}
	return args
}

// ask asks, and once more on a new connection when the old one is gone.
func (c *Client) ask(ctx context.Context, request string, args map[string]any) (plist.Dict, error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer c.leave()
	if c.control != nil {
		reply, err := c.control.ask(ctx, request, args)
		if err == nil || !deadline.Gone(err) && !isCode(err, "SessionInactive", "InvalidConnection") {
			if c.control.broken {
				c.drop(ctx)
			}
			return reply, err
		}
		c.opts.Log.Debug("lockdownd closed the connection", "request", request, "err", err)
		c.drop(ctx)
	}
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	reply, err := c.control.ask(ctx, request, args)
	if c.control.broken {
		c.drop(ctx)
	}
	return reply, err
}

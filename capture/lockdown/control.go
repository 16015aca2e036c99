package lockdown

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"

	"ibfs/capture/deadline"
	"ibfs/capture/plist"
	"ibfs/capture/usbmux"
)

// A control is one connection to lockdownd, which closes it when it is idle for
// some ten seconds.
type control struct {
	conn    net.Conn // TLS in a session
	session string   // its ID
	log     *slog.Logger
	broken  bool // the connection is out of step
}

// dialControl connects to lockdownd and asks whether it is that.
func dialControl(ctx context.Context, mux *usbmux.Mux, dev usbmux.Device, log *slog.Logger) (*control, error) {
	conn, err := mux.Connect(ctx, dev, port)
	if err != nil {
		return nil, err
	}
	c := &control{conn: conn, log: log}
	reply, err := c.ask(ctx, "QueryType", nil)
	if err == nil && reply.String("Type") == "com.apple.mobile.restored" {
		err = ErrRestoreMode
	}
	if err != nil {
		c.abandon()
		return nil, err
	}
	return c, nil
}

// ask sends a request and reads its reply. An answer with an Error is an *Error.
func (c *control) ask(ctx context.Context, request string, args map[string]any) (plist.Dict, error) {
	message := map[string]any{"Label": label, "Request": request}
	maps.Copy(message, args)
	body, err := plist.XML(message)
	if err != nil {
		return nil, err
	}
	c.log.Debug("ask lockdownd", "request", request)
	done := deadline.Set(ctx, c.conn.SetDeadline, answerTimeout)
	reply, err := c.exchange(body)
	if err = done(err); err != nil {
		c.broken = true
		return nil, fmt.Errorf("%s: %w", request, err)
	}
	if code := reply.String("Error"); code != "" {
		return nil, newError(request, code)
	}
	if reply.String("Result") == "Failure" {
		return nil, newError(request, "Failure")
	}
	if echo := reply.String("Request"); echo != request {
		c.broken = true
		return nil, fmt.Errorf("%s: %w: a reply to another request", request, ErrProtocol)
	}
	return reply, nil
}

func (c *control) exchange(body []byte) (plist.Dict, error) {
	if err := plist.WriteFrame(c.conn, body); err != nil {
		return nil, err
	}
	body, err := plist.ReadFrame(c.conn, maxReply)
	if err != nil {
		return nil, err
	}
	reply, err := plist.DecodeDict(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return reply, nil
}

// close ends the session, if any, and the connection.
func (c *control) close(ctx context.Context) {
	if c.session != "" && !c.broken && ctx.Err() == nil {
		ctx, cancel := context.WithTimeout(ctx, stopTimeout)
		defer cancel()
		_, err := c.ask(ctx, "StopSession", map[string]any{"SessionID": c.session})
		if err != nil {
			c.log.Debug("stop session", "err", err)
		}
	}
	c.abandon()
}

func (c *control) abandon() { _ = c.conn.Close() } // nothing is left to be lost

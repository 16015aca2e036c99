package mobilebackup2

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"

	"golang.org/x/sys/unix"

	"ibfs/capture/devicelink"
	"ibfs/capture/devicelink/bplist"
)

// A Client is a link to the backup service of a phone. It makes one request.
type Client struct {
	link *devicelink.Conn
	log  *slog.Logger
}

// Options are what a client needs beside its stream.
type Options = devicelink.Options

// The versions of the service's own protocol. Phones tell integers from reals, and
// take only reals.
const (
	oldestProtocol = 2.0
	newestProtocol = 2.1
)

// Start takes over a stream to the service com.apple.mobilebackup2, opens the link
// and agrees on a version. On an error the stream is closed. When ctx ends, here and
// in every other call, the phone is told, the stream is closed, and the call returns
// within a second.
func Start(ctx context.Context, stream net.Conn, o Options) (*Client, error) {
	link, err := devicelink.Open(ctx, stream, o)
	if err != nil {
		return nil, err
	}
	c := &Client{link: link, log: o.Log}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if err := c.hello(ctx); err != nil {
		_ = link.Close() // the error that led here says more
		return nil, fmt.Errorf("agree on a version with the phone's backup service: %w", err)
	}
	return c, nil
}

func (c *Client) hello(ctx context.Context) error {
	err := c.link.Process(ctx, map[string]any{
		"MessageName":               "Hello",
		"SupportedProtocolVersions": []any{oldestProtocol, newestProtocol},
	})
	if err != nil {
		return err
	}
	answer, err := c.link.Response(ctx)
	if err != nil {
		return err
	}
	code, ok := answer.Get("ErrorCode").Int()
	version, _ := answer.Get("ProtocolVersion").Number()
	switch {
	case !ok:
		return fmt.Errorf("%w: an answer without a code", devicelink.ErrProtocol)
	case code == 1:
		return ErrVersion
	case code != 0:
		return c.finalError(answer)
	}
	c.log.Debug("version of the backup service", "version", version)
	return nil
}

// Close tells the phone that no more comes, and closes the stream. Its error is of
// no account once a request has its answer.
func (c *Client) Close() error { return c.link.Close() }

// A Result is what came of a run.
type Result = devicelink.Outcome

// Progress is where a run stands.
type Progress = devicelink.Progress

// run makes a request and serves the phone until its final answer.
func (c *Client) run(ctx context.Context, request map[string]any, store devicelink.Store, report func(Progress)) (*Result, error) {
	if err := c.link.Process(ctx, request); err != nil {
		return &Result{}, err
	}
	answer, result, err := c.link.Serve(ctx, store, report)
	if err == nil {
		err = c.finalError(answer)
	}
	host := result.Failure
	switch {
	case host == nil:
		return &result, err
	case isHosts(host) && saysLess(err):
		c.log.Debug("what the phone says then", "err", err)
		return &result, fmt.Errorf("%w: %w", ErrHost, host)
	case err != nil:
		return &result, joinHost(err, host)
	}
	return &result, fmt.Errorf("%w: %d of its requests failed here, the first: %w", ErrIncomplete, result.Failures, host)
}

// isHosts tells a fault of this computer from what the phone has done wrong.
func isHosts(err error) bool {
	return slices.ContainsFunc([]error{
		unix.EPERM, unix.EACCES, unix.EROFS, unix.EFBIG, unix.EMFILE, unix.ENFILE, unix.EIO, unix.ENOSPC, unix.EDQUOT,
	}, func(fault error) bool { return errors.Is(err, fault) })
}

// saysLess says that the end of a run tells less than a fault of this computer that came
// before: the phone calls it success, or has an answer that is not about space.
func saysLess(err error) bool {
	_, answer := errors.AsType[*Error](err)
	return err == nil || answer && !errors.Is(err, ErrNoSpace)
}

// joinHost adds what failed on this side, which is often why the phone gave up.
func joinHost(err, host error) error {
	if host == nil {
		return err
	}
	return fmt.Errorf("%w; before that, on this side: %w", err, host)
}

// finalError is the error of a final answer, nil for success.
func (c *Client) finalError(answer bplist.Value) error {
	code, ok := answer.Get("ErrorCode").Int()
	if !ok {
		return fmt.Errorf("%w: a final answer without a code", devicelink.ErrProtocol)
	}
	if code == 0 {
		return nil
	}
	text, _ := answer.Get("ErrorDescription").Text(maxDescription)
	c.log.Debug("the phone ended with an error", "code", code, "description", cleaned(text))
	return newError(code, text)
}

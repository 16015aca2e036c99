package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Client asks one running mount, one thing at a time.
type Client struct {
	conn *conn
}

// Dial connects to the mount of a mountpoint, an absolute path. ErrNotRunning
// when there is none.
func Dial(ctx context.Context, folders []string, mountpoint string) (*Client, error) {
	name := socketOf(mountpoint)
	failed := error(nil)
	for _, dir := range folders {
		c, err := dial(ctx, dir, name)
		if err == nil {
			return &Client{c}, nil
		}
		if !stale(err) && !absent(err) {
			failed = errors.Join(failed, err)
		}
	}
	if failed == nil {
		failed = ErrNotRunning
	}
	return nil, fmt.Errorf("%s: %w", mountpoint, failed)
}

// Close ends the connection; the mount goes on.
func (c *Client) Close() error { return c.conn.Close() }

// Status asks how the mount is.
func (c *Client) Status(ctx context.Context) (Status, error) {
	r, err := c.ask(ctx, request{Op: opStatus})
	if err == nil && r.Status == nil {
		err = errProtocol
	}
	if err != nil {
		return Status{}, fmt.Errorf("ask the running mount: %w", err)
	}
	return *r.Status, nil
}

// Unlock gives the mount a secret and returns the names of the backups that it
// opened. The caller keeps the secret, and wipes it.
func (c *Client) Unlock(ctx context.Context, keybag string, secret []byte) ([]string, error) {
	r, err := c.ask(ctx, request{Op: opUnlock, Keybag: keybag, Secret: secret})
	if err != nil {
		return nil, fmt.Errorf("unlock: %w", err)
	}
	return r.Opened, nil
}

// Wait returns when the mount has ended and wiped its keys. It is the last
// thing to ask.
func (c *Client) Wait(ctx context.Context) error {
	// However the connection ends, unless by ctx, its other side is gone.
	_ = c.during(ctx, time.Time{}, func() error {
		if err := c.conn.send(request{Op: opWait}); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, c.conn.UnixConn)
		return err
	})
	return context.Cause(ctx)
}

func (c *Client) ask(ctx context.Context, q request) (reply, error) {
	var r reply
	err := c.during(ctx, time.Now().Add(2*patience), func() error {
		if err := c.conn.send(q); err != nil {
			return err
		}
		return c.conn.receive(&r)
	})
	switch {
	case context.Cause(ctx) != nil:
		return r, context.Cause(ctx)
	case err != nil:
		return r, err
	case r.Error != "":
		return r, remote(r)
	}
	return r, nil
}

// during runs f, whose use of the connection ends with ctx and at the deadline.
func (c *Client) during(ctx context.Context, deadline time.Time, f func() error) error {
	if err := c.conn.SetReadDeadline(deadline); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { c.conn.Close() })
	defer stop()
	return f()
}

// remote is an error of the other side, with its identity where it has one.
func remote(r reply) error {
	is, ok := kinds[r.Kind]
	switch {
	case !ok:
		return errors.New(r.Error)
	case strings.Contains(r.Error, is.Error()):
		return &remoteError{r.Error, is}
	}
	return fmt.Errorf("%s: %w", r.Error, is)
}

type remoteError struct {
	text string
	is   error
}

func (e *remoteError) Error() string { return e.text }
func (e *remoteError) Unwrap() error { return e.is }

// List asks all running mounts of this user how they are, and removes sockets
// that processes which died left behind. A mount that does not answer is an
// error, beside the statuses of those that do.
func List(ctx context.Context, folders []string) ([]Status, error) {
	var all []Status
	failed := error(nil)
	for _, dir := range folders {
		entries, err := os.ReadDir(dir)
		if err != nil && !absent(err) {
			failed = errors.Join(failed, err)
		}
		for _, e := range entries {
			if !socketName.MatchString(e.Name()) {
				continue
			}
			status, err := ask(ctx, dir, e.Name())
			switch {
			case err == nil:
				all = append(all, status)
			case stale(err):
				err = locked(dir, func() error { return removeStale(dir, e.Name()) })
				if err != nil && !errors.Is(err, ErrRunning) {
					failed = errors.Join(failed, err)
				}
			case !absent(err):
				failed = errors.Join(failed, fmt.Errorf("%s: %w", filepath.Join(dir, e.Name()), err))
			}
		}
	}
	slices.SortFunc(all, func(a, b Status) int { return cmp.Compare(a.Mountpoint, b.Mountpoint) })
	return all, failed
}

func ask(ctx context.Context, dir, name string) (Status, error) {
	c, err := dial(ctx, dir, name)
	if err != nil {
		return Status{}, err
	}
	defer c.Close()
	return (&Client{c}).Status(ctx)
}

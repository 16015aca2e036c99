package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"net"
	"os"
	"syscall"
	"time"
)

// conn sends and receives messages.
type conn struct {
	*net.UnixConn
	lines *bufio.Scanner
}

// newConn takes messages of up to most bytes. A request fits into the first
// buffer, so that a secret in it is in one place to wipe.
func newConn(c *net.UnixConn, most int) *conn {
	lines := bufio.NewScanner(c)
	lines.Buffer(make([]byte, 0, maxRequest), most)
	return &conn{c, lines}
}

// dial connects to a socket whose owner is this user. Root trusts any owner.
func dial(ctx context.Context, dir, name string) (*conn, error) {
	var c *conn
	err := withAddress(dir, name, func(address string) error {
		raw, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "unix", address)
		if err != nil {
			return err
		}
		c = newConn(raw.(*net.UnixConn), maxReply)
		uid, err := c.peer()
		if err == nil && uid != os.Geteuid() && os.Geteuid() != 0 {
			err = fmt.Errorf("the mount belongs to user %d", uid)
		}
		if err != nil {
			c.Close()
		}
		return err
	})
	return c, err
}

// stale says whether a dial failed because no process has the socket any more.
func stale(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// absent says whether there is no socket of that name.
func absent(err error) bool {
	return errors.Is(err, iofs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// peer is the user of the other side.
func (c *conn) peer() (int, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return -1, err
	}
	uid, got := -1, error(nil)
	if err := raw.Control(func(fd uintptr) { uid, got = peerUID(int(fd)) }); err != nil {
		return -1, err
	}
	return uid, got
}

// send writes one message and wipes what it was encoded to.
func (c *conn) send(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b = append(b, '\n')
	defer clear(b)
	if err := c.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err = c.Write(b)
	return err
}

// receive reads one message and wipes what it was decoded from. The end of the
// connection before it is io.EOF, all else that is no message errProtocol.
func (c *conn) receive(v any) error {
	if !c.lines.Scan() {
		switch err := c.lines.Err(); {
		case err == nil:
			return io.EOF
		case errors.Is(err, bufio.ErrTooLong):
			return fmt.Errorf("%w: too long", errProtocol)
		default:
			return err
		}
	}
	line := c.lines.Bytes()
	defer clear(line)
	if err := json.Unmarshal(line, v); err != nil {
		return fmt.Errorf("%w: no JSON of that shape", errProtocol) // err could show a part of a secret
	}
	return nil
}

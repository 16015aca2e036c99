package devicelink

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"ibfs/capture/devicelink/bplist"
)

// emptyParameter stands where a message has nothing to say.
const emptyParameter = "___EmptyParameterString___"

// A message is what the phone says. It is valid until the next is received.
type message struct {
	Name string
	list bplist.Value
}

// Arg is entry i of the message, of which entry 0 is its name.
func (m message) Arg(i int) bplist.Value { return m.list.Index(i) }

// receive reads a message, the first byte of which may take its time.
//
// Wire: uint32 big-endian n, then n bytes of property list, binary or XML: an
// array whose first entry is the message's name. More than [MaxMessage] bytes, or
// anything but such an array, is [ErrProtocol]; a stream that ends is [ErrClosed].
func (c *Conn) receive(wait time.Duration) (message, error) {
	c.wait = wait
	var head [4]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return message{}, fmt.Errorf("receive a message: %w", err)
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > MaxMessage {
		return message{}, fmt.Errorf("%w: a message of %d bytes", ErrProtocol, n)
	}
	if err := c.fill(int(n)); err != nil {
		return message{}, fmt.Errorf("receive a message of %d bytes: %w", n, err)
	}
	list, err := bplist.Parse(c.msg)
	if err != nil {
		return message{}, fmt.Errorf("%w: a message that is %w", ErrProtocol, err)
	}
	name, ok := list.Index(0).Text(maxText)
	if !ok {
		return message{}, fmt.Errorf("%w: a message without a name", ErrProtocol)
	}
	c.log.Debug("message from the phone", "name", name, "bytes", n)
	return message{name, list}, nil
}

// fill reads n bytes into c.msg. Room is made as bytes come, never because the
// phone named a number.
func (c *Conn) fill(n int) error {
	if cap(c.msg) > keptMessage {
		c.msg = nil
	}
	c.msg = c.msg[:0]
	for len(c.msg) < n {
		if len(c.msg) == cap(c.msg) {
			grown := make([]byte, len(c.msg), min(n, max(4096, 2*cap(c.msg))))
			copy(grown, c.msg)
			c.msg = grown
		}
		at := len(c.msg)
		c.msg = c.msg[:min(n, cap(c.msg))]
		if _, err := io.ReadFull(c.r, c.msg[at:]); err != nil {
			return err
		}
	}
	return nil
}

// send sends a message: its name, then values that [bplist.Encoder.Any] takes.
func (c *Conn) send(entries ...any) error {
	c.enc.Reset()
	return c.flush(c.enc.Any(entries))
}

// flush sends what is in the encoder.
func (c *Conn) flush(top bplist.Ref) error {
	list := c.enc.Finish(top)
	if len(list) > MaxMessage {
		return fmt.Errorf("a message of %d bytes, more than %d", len(list), MaxMessage)
	}
	// One write, so that one record of TLS holds all of a short message.
	c.out = binary.BigEndian.AppendUint32(c.out[:0], uint32(len(list)))
	c.out = append(c.out, list...)
	err := c.write(c.out)
	c.log.Debug("message to the phone", "bytes", len(list))
	c.enc.Wipe()
	clear(c.out)
	if cap(c.out) > keptMessage {
		c.out, c.enc = nil, bplist.Encoder{}
	}
	if err != nil {
		return fmt.Errorf("send a message: %w", err)
	}
	return nil
}

package fakedevice

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"

	"howett.net/plist"
)

// maxLinkMessage bounds a DeviceLink message of the host.
const maxLinkMessage = 256 << 20

// noText stands for an empty string in DeviceLink's messages.
const noText = "___EmptyParameterString___"

// errDisconnected is the host's DLMessageDisconnect.
var errDisconnected = errors.New("the host disconnected")

// A link is the phone's end of DeviceLink: messages, which are property lists
// whose root is an array that begins with a name, and between them files. It is
// not for concurrent use.
type link struct {
	conn net.Conn
	r    *bufio.Reader
	w    *bufio.Writer
	buf  []byte // for what is received

	trace func(name string) // is told of each message to the host; may be nil
}

func newLink(conn net.Conn) *link {
	return &link{conn, bufio.NewReaderSize(conn, 64<<10), bufio.NewWriterSize(conn, 256<<10), make([]byte, 32<<10), nil}
}

// send sends a message.
func (l *link) send(message ...any) error {
	if name, ok := message[0].(string); ok && l.trace != nil {
		l.trace(name)
	}
	if err := writePlist(l.w, plist.BinaryFormat, message); err != nil {
		return fmt.Errorf("send %v: %w", message[0], err)
	}
	return l.w.Flush()
}

// receive waits for a message.
func (l *link) receive() (name string, message []any, err error) {
	if _, err := readPlist(l.r, maxLinkMessage, &message); err != nil {
		return "", nil, err
	}
	if len(message) > 0 {
		name, _ = message[0].(string)
	}
	switch name {
	case "":
		return "", nil, fmt.Errorf("message without a name: %T", message)
	case "DLMessageDisconnect":
		return "", nil, errDisconnected
	}
	return name, message, nil
}

// A verdict is the host's answer to a message.
type verdict struct {
	code    int64 // 0 is success
	text    string
	payload any
}

// answer waits for the host's verdict response.
func (l *link) answer() (verdict, error) {
	name, message, err := l.receive()
	if err != nil {
		return verdict{}, err
	}
	if name != "DLMessageStatusResponse" || len(message) < 4 {
		return verdict{}, fmt.Errorf("want a status response of four parts, got %s of %d", name, len(message))
	}
	code, ok := integer(message[1])
	text, isText := message[2].(string)
	if !ok || !isText {
		return verdict{}, fmt.Errorf("status response with a code of %T and a text of %T", message[1], message[2])
	}
	if text == noText {
		text = ""
	}
	return verdict{code, text, message[3]}, nil
}

// ask sends a message and waits for the status response.
func (l *link) ask(message ...any) (verdict, error) {
	if err := l.send(message...); err != nil {
		return verdict{}, err
	}
	s, err := l.answer()
	if err != nil {
		return verdict{}, fmt.Errorf("%v: %w", message[0], err)
	}
	return s, nil
}

// integer reads an integer of a property list. A negative one comes as 2^64-n
// from a host that speaks XML.
func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case uint64:
		return int64(n), true
	}
	return 0, false
}

func (l *link) writeUint32(n uint32) error {
	_, err := l.w.Write(binary.BigEndian.AppendUint32(l.w.AvailableBuffer(), n))
	return err
}

func (l *link) writeString(s string) error {
	if err := l.writeUint32(uint32(len(s))); err != nil {
		return err
	}
	_, err := l.w.WriteString(s)
	return err
}

func (l *link) readUint32() (uint32, error) {
	head, err := l.r.Peek(4)
	if err != nil {
		return 0, noEOF(err)
	}
	n := binary.BigEndian.Uint32(head)
	_, err = l.r.Discard(4)
	return n, err
}

// readString reads a string of at most limit bytes after its length.
func (l *link) readString(n, limit uint32) (string, error) {
	if n > limit {
		return "", fmt.Errorf("string of %d bytes, more than %d", n, limit)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(l.r, b)
	return string(b), noEOF(err)
}

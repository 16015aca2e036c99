// Package devicelinktest plays the phone's side of DeviceLink from a script: all
// that the phone sends is written down first, and what the host answers is kept to be
// looked at. So a run can be cut at any byte, and nothing in it takes time.
package devicelinktest

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"ibfs/capture/devicelink/bplist"
)

// A Script is what the phone sends.
type Script []byte

// Message adds a message: its name, then values that [bplist.Encoder.Any] takes.
func (s *Script) Message(entries ...any) { s.Frame(bplist.Encode(entries)) }

// Frame adds a length and as many bytes.
func (s *Script) Frame(b []byte) {
	*s = binary.BigEndian.AppendUint32(*s, uint32(len(b)))
	*s = append(*s, b...)
}

// Raw adds bytes.
func (s *Script) Raw(b ...byte) { *s = append(*s, b...) }

// Open adds the opening of a link.
func (s *Script) Open() {
	s.Message("DLMessageVersionExchange", 400, 0)
	s.Message("DLMessageDeviceReady")
}

// Hello adds the service's answer to the first request.
func (s *Script) Hello() {
	s.Answer(map[string]any{"MessageName": "Response", "ErrorCode": 0, "ProtocolVersion": 2.1})
}

// Answer adds an answer of the service.
func (s *Script) Answer(dict map[string]any) { s.Message("DLMessageProcessMessage", dict) }

// Final adds a final answer.
func (s *Script) Final(code int, text string) {
	s.Answer(map[string]any{"MessageName": "Response", "ErrorCode": code, "ErrorDescription": text})
}

// Upload adds the message before files.
func (s *Script) Upload(percent float64, total int) {
	s.Message("DLMessageUploadFiles", map[string]any{}, percent, total)
}

// Names adds the names that start a file.
func (s *Script) Names(source, path string) {
	s.Frame([]byte(source))
	s.Frame([]byte(path))
}

// Data adds a frame of data.
func (s *Script) Data(b string) { s.Frame(append([]byte{0x0C}, b...)) }

// End adds the end of a file.
func (s *Script) End() { s.Frame([]byte{0}) }

// Failed adds the end of a file that could not be read, of code 0x06 or 0x0B.
func (s *Script) Failed(code byte, text string) { s.Frame(append([]byte{code}, text...)) }

// File adds a whole file of some frames.
func (s *Script) File(path string, data ...string) {
	s.Names("/.ba/mobile/"+path, path)
	for _, d := range data {
		s.Data(d)
	}
	s.End()
}

// EndFiles adds the end of all files.
func (s *Script) EndFiles() { s.Frame(nil) }

// A Conn is the host's side of a stream from a script. After the script it ends, or,
// with Stall, says no more.
type Conn struct {
	Script Script
	Step   int  // the most bytes that one read gives; 0 is any number
	Stall  bool // the phone keeps the link open at the end

	mu      sync.Mutex // guards the rest
	written []byte
	late    chan struct{} // closed when a deadline in the past is set
	closed  bool
}

var _ net.Conn = (*Conn)(nil)

// Read gives what comes next.
func (c *Conn) Read(p []byte) (int, error) {
	if len(c.Script) == 0 && c.Stall {
		<-c.lateness()
		return 0, os.ErrDeadlineExceeded
	}
	if len(c.Script) == 0 {
		return 0, io.EOF
	}
	if c.Step > 0 {
		p = p[:min(len(p), c.Step)]
	}
	n := copy(p, c.Script)
	c.Script = c.Script[n:]
	return n, nil
}

func (c *Conn) lateness() chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.late == nil {
		c.late = make(chan struct{})
	}
	return c.late
}

// Write keeps what the host says.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	c.written = append(c.written, p...)
	return len(p), nil
}

// Close ends the stream.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return nil
}

// SetReadDeadline ends a read that stalls when t is past.
func (c *Conn) SetReadDeadline(t time.Time) error {
	late := c.lateness()
	if !t.IsZero() && time.Until(t) < 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		select {
		case <-late:
		default:
			close(late)
		}
	}
	return nil
}

// SetWriteDeadline does nothing: no write waits.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline sets both.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// LocalAddr is of no use here.
func (c *Conn) LocalAddr() net.Addr { return &net.UnixAddr{} }

// RemoteAddr is of no use here.
func (c *Conn) RemoteAddr() net.Addr { return &net.UnixAddr{} }

// Said is all that the host has said, in order.
func (c *Conn) Said() *Said {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &Said{b: c.written}
}

// Said is what the host said, to be read piece by piece.
type Said struct{ b []byte }

var errCut = errors.New("the host said less")

// Frame takes a length and as many bytes.
func (s *Said) Frame() ([]byte, error) {
	if len(s.b) < 4 {
		return nil, errCut
	}
	n := binary.BigEndian.Uint32(s.b)
	if uint64(n) > uint64(len(s.b)-4) {
		return nil, errCut
	}
	frame := s.b[4 : 4+n]
	s.b = s.b[4+n:]
	return frame, nil
}

// Message takes a message.
func (s *Said) Message() (bplist.Value, error) {
	frame, err := s.Frame()
	if err != nil {
		return bplist.Value{}, err
	}
	return bplist.Parse(frame)
}

// Len is how long Rest is.
func (s *Said) Len() int { return len(s.b) }

// Rest is all that is left.
func (s *Said) Rest() []byte { return s.b }

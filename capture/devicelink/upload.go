package devicelink

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// The codes of file frames.
const (
	codeEnd         = 0x00 // the file is complete
	codeLocalError  = 0x06 // the sender could not read it; phones send this one too (libimobiledevice issue 1135)
	codeRemoteError = 0x0B
	codeData        = 0x0C
)

// fileBuffer is how much of a file is gathered before it is written. Linux looks for
// a run of free pages as long as what is written, and for more than 32 KiB it moves
// others out of the way when memory is full of cached files: with pieces of 64 to
// 512 KiB a capture took up to twice the processor time then, and no less otherwise.
const fileBuffer = 32 << 10

// upload receives files from the phone and answers when the last is there.
//
// Wire, until a name of length 0: uint32 big-endian length and name on the phone;
// the same for the destination; then frames. A frame is uint32 big-endian n, which
// counts the code byte; one code byte; n-1 bytes. What the host cannot keep is
// read all the same: breaking off would leave the stream out of step.
func (s *session) upload(m message) error {
	total, _ := m.Arg(3).Int()
	s.begin(Receiving, uint64(max(total, 0)))
	var first error
	for {
		source, err := s.c.name()
		if err != nil {
			return err
		}
		if len(source) == 0 {
			break
		}
		f := incoming{s: s, everyRun: everyRun(source)}
		path, err := s.c.name()
		if err != nil {
			return err
		}
		if len(path) == 0 {
			return fmt.Errorf("%w: a file without a destination", ErrProtocol)
		}
		f.path = string(path)
		if err := f.receive(); err != nil {
			return err
		}
		if f.err != nil && first == nil {
			first = f.err
		}
	}
	s.tell()
	return s.c.answer(first, map[string]any{})
}

// name reads a uint32 big-endian length and as many bytes, which are valid until
// the next read.
func (c *Conn) name() ([]byte, error) {
	n, err := c.uint32()
	if err != nil {
		return nil, err
	}
	if n > MaxName {
		return nil, fmt.Errorf("%w: a name of %d bytes", ErrProtocol, n)
	}
	name, err := c.r.Peek(int(n))
	if err != nil {
		return nil, err
	}
	_, err = c.r.Discard(int(n))
	return name, err
}

func (c *Conn) uint32() (uint32, error) {
	b, err := c.r.Peek(4)
	if err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint32(b)
	_, err = c.r.Discard(4)
	return n, err
}

// frame reads the head of a frame: its code, and how long its payload is.
func (c *Conn) frame() (code byte, payload int64, err error) {
	n, err := c.uint32()
	if err != nil {
		return 0, 0, err
	}
	if n == 0 {
		return 0, 0, fmt.Errorf("%w: a frame without a code", ErrProtocol)
	}
	if code, err = c.r.ReadByte(); err != nil {
		return 0, 0, err
	}
	return code, int64(n) - 1, nil
}

// incoming is a file that comes from the phone. It is made only when its buffer is
// full or its end has come, so that a file of which nothing comes is never made,
// and a small one costs the disk no more than it must.
type incoming struct {
	s        *session
	path     string
	everyRun bool // as the function
	w        Writer
	data     bool  // some came
	err      error // why the rest is only read, and not kept
}

// receive reads the frames of one file.
func (f *incoming) receive() error {
	c := f.s.c
	if c.in == nil {
		c.in = make([]byte, 0, fileBuffer)
	}
	c.in = c.in[:0]
	defer func() {
		if f.w != nil { // the stream broke, or the disk did
			f.w.Discard()
		}
	}()
	for {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		code, n, err := c.frame()
		if err != nil {
			return err
		}
		switch code {
		case codeData:
			if err := f.take(n); err != nil {
				return err
			}
		case codeEnd:
			if _, err := c.r.Discard(int(n)); err != nil {
				return err
			}
			f.commit()
			return nil
		case codeRemoteError, codeLocalError:
			return f.remoteError(n)
		default:
			return fmt.Errorf("%w: a frame of code %#02x", ErrProtocol, code)
		}
	}
}

// take receives the payload of a data frame.
func (f *incoming) take(n int64) error {
	c := f.s.c
	f.data = f.data || n > 0
	for n > 0 {
		at := len(c.in)
		room := min(int64(cap(c.in)-at), n)
		got, err := c.r.Read(c.in[at : at+int(room)])
		if err != nil && got == 0 {
			return err
		}
		c.in = c.in[:at+got]
		n -= int64(got)
		f.s.bytes(got)
		if len(c.in) == cap(c.in) {
			f.flush()
			if err := c.ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush writes what has been gathered, unless the file is already given up.
func (f *incoming) flush() {
	b := f.s.c.in
	f.s.c.in = b[:0]
	if f.err != nil {
		return
	}
	if f.w == nil {
		w, err := f.s.store.Create(f.path)
		if err != nil {
			f.err = f.s.failed("receive a file", f.path, err)
			return
		}
		f.w = w
	}
	if len(b) == 0 {
		return
	}
	if _, err := f.w.Write(b); err != nil {
		f.w.Discard()
		f.w = nil
		f.err = f.s.failed("receive a file", f.path, err)
	}
}

func (f *incoming) commit() {
	f.flush()
	if f.err != nil {
		return
	}
	f.err = f.w.Commit()
	f.w, f.err = nil, f.s.failed("keep a file", f.path, f.err)
	if f.err == nil {
		f.s.Files++
		f.s.missing.remove(f.path)
	}
}

// remoteError ends a file that the phone could not read. What came of it is kept;
// when nothing did, what was there before stays.
func (f *incoming) remoteError(n int64) error {
	c := f.s.c
	text := make([]byte, min(n, maxText))
	if _, err := io.ReadFull(c.r, text); err != nil {
		return err
	}
	if _, err := c.r.Discard(int(n) - len(text)); err != nil {
		return err
	}
	c.log.Debug("the phone could not read a file", "path", f.path, "kept", f.data)
	if f.data {
		f.commit()
	} else {
		f.s.missing.add(f.path)
	}
	if !f.everyRun {
		f.s.out.warn(Warning{Path: f.path, Text: strings.ToValidUTF8(string(text), "\uFFFD"), Kept: f.data})
	}
	return nil
}

// everyRun says that a file fails in every run of iOS 17 and later, which means
// nothing (pymobiledevice3 issue 755).
func everyRun(source []byte) bool { return bytes.HasSuffix(source, []byte("/backup_manifest.db")) }

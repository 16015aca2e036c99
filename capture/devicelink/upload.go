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

// upload receives files from the phone and answers when the last is there.
//
// Wire, until a name of length 0: uint32 big-endian length and name on the phone;
// the same for the destination; then frames. A frame is uint32 big-endian n, which
// counts the code byte; one code byte; n-1 bytes. What the host cannot keep is
// read all the same: breaking off would leave the stream out of step.
func (s *session) upload(m message) error {
	total, _ := m.Arg(3).Int()
	s.begin(Receiving, uint64(max(total, 0)))
	u := s.startUpload()
	err := u.files()
	u.end()
	s.tell()
	if err == nil {
		err = s.c.ctx.Err() // not all that came may be kept then
	}
	if err != nil {
		return err
	}
	return s.c.answer(u.first, map[string]any{})
}

// files receives all files of the upload.
func (u *upload) files() error {
	c := u.s.c
	for {
		source, err := c.name()
		if err != nil {
			return err
		}
		if len(source) == 0 {
			return nil
		}
		f := incoming{upload: u, everyRun: everyRun(source)}
		path, err := c.name()
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
	}
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

// skip reads past n bytes, which may be more than an int holds.
func (c *Conn) skip(n int64) error {
	_, err := io.CopyN(io.Discard, c.r, n)
	return err
}

// incoming is a file that comes from the phone. Nothing is known of it to the keeper
// before its first byte or its end is there.
type incoming struct {
	*upload
	path     string
	everyRun bool // as the function
	begun    bool
	data     bool // some came
}

// receive reads the frames of one file.
func (f *incoming) receive() error {
	c := f.s.c
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
			if err := c.skip(n); err != nil {
				return err
			}
			f.whole()
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
	for f.data = f.data || n > 0; n > 0; {
		f.start()
		room := f.room()
		got, err := c.r.Read(room[:min(int64(len(room)), n)])
		if err != nil && got == 0 {
			return err
		}
		f.filled(got)
		n -= int64(got)
		f.s.bytes(&f.s.Received, got)
		if err := c.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (f *incoming) start() {
	if !f.begun {
		f.begun = true
		f.begin(f.path)
	}
}

func (f *incoming) whole() {
	f.start()
	f.last().end = complete
	f.s.missing.remove(f.path)
}

// remoteError ends a file that the phone could not read. What came of it is kept;
// when nothing did, what was there before stays.
func (f *incoming) remoteError(n int64) error {
	c := f.s.c
	text := make([]byte, min(n, maxText))
	if _, err := io.ReadFull(c.r, text); err != nil {
		return err
	}
	if err := c.skip(n - int64(len(text))); err != nil {
		return err
	}
	c.log.Debug("the phone could not read a file", "path", f.path, "kept", f.data)
	if f.data {
		f.whole()
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

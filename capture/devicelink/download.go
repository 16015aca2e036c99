package devicelink

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
)

// maxStatus bounds how many files' own errors one answer tells.
const maxStatus = 1 << 16

// download sends the files that the phone asks for, in its order.
//
// Wire, for each: uint32 big-endian length and path; then frames as in upload, of
// at most 32 KiB of data. A file that cannot be read is one frame with the error,
// and the next follows. uint32 0 ends them; the answer is after that.
func (s *session) download(m message) error {
	s.begin(Sending, 0)
	out := s.c.frames()
	status := map[string]any{}
	var unnamed error
	paths, _, ok := m.Arg(1).Array()
	if !ok {
		unnamed = errNoPath
	}
	for v := range paths {
		path, ok := v.Text(MaxName)
		if !ok {
			unnamed = errNoPath
			continue
		}
		err, broken := s.sendFile(out, path)
		if broken != nil {
			return broken
		}
		if err != nil && len(status) < maxStatus {
			status[path] = map[string]any{"DLFileErrorString": text(err), "DLFileErrorCode": Code(err)}
		}
		if s.c.ctx.Err() != nil {
			break // with the stream in step, so that the phone can be told
		}
	}
	out.end()
	if err := out.flush(); err != nil {
		return err
	}
	s.tell()
	switch {
	case s.c.ctx.Err() != nil:
		return s.c.ctx.Err()
	case len(status) > 0:
		return s.c.send("DLMessageStatusResponse", codeMulti, "Multi status", status)
	}
	return s.c.answer(unnamed, map[string]any{})
}

// sendFile sends one file. The first error is the file's, the second the link's.
func (s *session) sendFile(out *frames, path string) (err, broken error) {
	out.name(path)
	f, err := s.store.Open(path)
	if err == nil {
		err, broken = s.sendContent(out, f)
		err = errors.Join(err, f.Close())
	}
	if broken != nil {
		return nil, broken
	}
	if err == nil {
		s.Sent.Files++
		out.frame(codeEnd, "")
	} else {
		out.frame(codeLocalError, text(err))
		if !errors.Is(err, iofs.ErrNotExist) { // a first backup has no Status.plist
			_ = s.failed("send a file", path, err)
		}
	}
	return err, out.flushFull()
}

func (s *session) sendContent(out *frames, r io.Reader) (err, broken error) {
	for {
		if err := s.c.ctx.Err(); err != nil {
			return err, nil
		}
		n, err := out.data(r)
		s.bytes(&s.Sent, n)
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return fmt.Errorf("read it: %w", err), nil
		}
		if broken := out.flushFull(); broken != nil {
			return nil, broken
		}
	}
}

// frames are on their way to the phone, several to a write.
type frames struct {
	c *Conn
	b []byte
}

const (
	frameHead = 5

	// nextFile is the room that one more file may need before the next flushFull:
	// its name, a frame of data, and one that ends it.
	nextFile = 4 + MaxName + frameHead + maxFrame + frameHead + maxText

	writeBuffer = 8*(frameHead+maxFrame) + nextFile
)

func (c *Conn) frames() *frames {
	if cap(c.out) < writeBuffer {
		c.out = make([]byte, 0, writeBuffer)
	}
	return &frames{c, c.out[:0]}
}

func (f *frames) name(path string) {
	f.b = binary.BigEndian.AppendUint32(f.b, uint32(len(path)))
	f.b = append(f.b, path...)
}

// end says that no more files follow.
func (f *frames) end() { f.name("") }

func (f *frames) frame(code byte, payload string) {
	f.b = binary.BigEndian.AppendUint32(f.b, uint32(len(payload)+1))
	f.b = append(f.b, code)
	f.b = append(f.b, payload...)
}

// data reads one frame's worth from r. A frame without data is never sent: some
// programs take it for the end.
func (f *frames) data(r io.Reader) (int, error) {
	at := len(f.b) + frameHead
	n, err := io.ReadFull(r, f.b[at:at+maxFrame])
	if n > 0 {
		f.b = binary.BigEndian.AppendUint32(f.b, uint32(n+1))
		f.b = append(f.b, codeData)
		f.b = f.b[:at+n]
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// flushFull sends what is there when there may be no room for what comes next.
func (f *frames) flushFull() error {
	if cap(f.b)-len(f.b) >= nextFile {
		return nil
	}
	return f.flush()
}

func (f *frames) flush() error {
	err := f.c.write(f.b)
	f.b = f.b[:0]
	return err
}

package plist

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrFrame says that a frame is longer than its reader allows.
var ErrFrame = errors.New("frame too long")

// ReadFrame reads one frame: uint32 big-endian n, then n bytes, which it
// returns. n above limit gives ErrFrame before anything is allocated, and memory
// grows with what arrives, not with n. A stream that ends before the frame gives
// io.EOF, one that ends inside it io.ErrUnexpectedEOF.
//
// lockdownd, the services that are started through it and DeviceLink frame
// their messages so.
func ReadFrame(r io.Reader, limit int) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := int64(binary.BigEndian.Uint32(head[:]))
	if n > int64(limit) {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are taken", ErrFrame, n, limit)
	}
	return ReadBody(r, n)
}

// ReadBody reads n bytes in memory that grows with what arrives. A stream that
// ends before gives io.ErrUnexpectedEOF.
func ReadBody(r io.Reader, n int64) ([]byte, error) {
	var body bytes.Buffer
	body.Grow(int(min(n, 64<<10)))
	if _, err := io.CopyN(&body, r, n); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return body.Bytes(), nil
}

// WriteFrame writes body as one frame, in one Write.
func WriteFrame(w io.Writer, body []byte) error {
	frame := make([]byte, 0, 4+len(body))
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(body)))
	_, err := w.Write(append(frame, body...))
	return err
}

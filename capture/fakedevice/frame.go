package fakedevice

import (
	"encoding/binary"
	"fmt"
	"io"

	"howett.net/plist"
)

// maxMessage bounds the property lists of lockdown and the small services.
const maxMessage = 1 << 20

// readPlist reads one message into v and returns the plist format it came in.
//
// Wire: uint32 big-endian length, then a property list, XML or binary. The
// services of a phone and DeviceLink share it.
func readPlist(r io.Reader, limit uint32, v any) (format int, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > limit {
		return 0, fmt.Errorf("message of %d bytes, more than %d", n, limit)
	}
	data := make([]byte, n)
	if _, err := io.ReadFull(r, data); err != nil {
		return 0, fmt.Errorf("read message of %d bytes: %w", n, noEOF(err))
	}
	if format, err = plist.Unmarshal(data, v); err != nil {
		return 0, fmt.Errorf("parse message of %d bytes: %w", n, err)
	}
	return format, nil
}

// writePlist sends one message, in one write.
func writePlist(w io.Writer, format int, v any) error {
	data, err := plist.Marshal(v, format)
	if err != nil {
		return err
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), data...))
	return err
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

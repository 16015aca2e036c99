package usbmux

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"ibfs/capture/plist"
)

// A stream plays what it was given and keeps what is written.
type stream struct {
	io.Reader
	bytes.Buffer
}

func (s *stream) Read(b []byte) (int, error) { return s.Reader.Read(b) }
func (s *stream) Close() error               { return nil }

// packet lays out a packet whose header claims length, or the right one when it is negative.
func packet(t testing.TB, length int64, version, kind, tag uint32, message any) []byte {
	payload, err := plist.XML(message)
	if err != nil {
		t.Fatal(err)
	}
	if length < 0 {
		length = int64(headerSize + len(payload))
	}
	var b []byte
	for _, n := range []uint32{uint32(length), version, kind, tag} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return append(b, payload...)
}

func result(n int) map[string]any { return map[string]any{"MessageType": "Result", "Number": n} }

func TestAnswer(t *testing.T) {
	const right, tag = -1, 1
	array := packet(t, right, 1, 8, tag, []any{})
	for name, c := range map[string]struct {
		in   []byte
		want error
	}{
		"done":              {packet(t, right, 1, 8, tag, result(0)), nil},
		"data":              {packet(t, right, 1, 8, tag, map[string]any{"BUID": "x"}), nil},
		"another tag":       {packet(t, right, 1, 8, 7, result(0)), ErrProtocol},
		"length 0":          {packet(t, 0, 1, 8, tag, result(0)), ErrProtocol},
		"length 15":         {packet(t, 15, 1, 8, tag, result(0)), ErrProtocol},
		"no payload":        {packet(t, 16, 1, 8, tag, result(0)), ErrProtocol},
		"length 2^31":       {packet(t, 1<<31, 1, 8, tag, result(0)), ErrProtocol},
		"length 2^32-1":     {packet(t, 1<<32-1, 1, 8, tag, result(0)), ErrProtocol},
		"past the end":      {packet(t, 1<<20, 1, 8, tag, result(0)), io.ErrUnexpectedEOF},
		"binary protocol":   {packet(t, right, 0, 1, tag, result(0)), ErrOldDaemon},
		"version 2":         {packet(t, right, 2, 8, tag, result(0)), ErrProtocol},
		"an array":          {array, ErrProtocol},
		"number as text":    {packet(t, right, 1, 8, tag, map[string]any{"MessageType": "Result", "Number": "0"}), ErrProtocol},
		"no such device":    {packet(t, right, 1, 8, tag, result(2)), ErrNoDevice},
		"port refused":      {packet(t, right, 1, 8, tag, result(3)), ErrRefused},
		"bad version":       {packet(t, right, 1, 8, tag, result(6)), ErrOldDaemon},
		"bad command":       {packet(t, right, 1, 8, tag, result(1)), ErrRequest},
		"an unknown result": {packet(t, right, 1, 8, tag, result(-22)), ErrRequest},
	} {
		t.Run(name, func(t *testing.T) {
			s := &stream{Reader: iotest.OneByteReader(bytes.NewReader(c.in))}
			p := newPacketConn(s)
			if err := p.send(map[string]any{"MessageType": connectRequest}); err != nil {
				t.Fatal(err)
			}
			if _, err := p.answer(connectRequest); !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := resultError(readRecordRequest, 2); !errors.Is(err, ErrNotPaired) {
		t.Errorf("2 to %s is %v", readRecordRequest, err)
	}
}

func TestAnswerCutAnywhere(t *testing.T) {
	whole := packet(t, -1, 1, 8, 0, result(0))
	for n := range whole {
		_, _, err := newPacketConn(&stream{Reader: bytes.NewReader(whole[:n])}).receive()
		if n == 0 && err != io.EOF || n > 0 && err != io.ErrUnexpectedEOF {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}

func TestSend(t *testing.T) {
	s := &stream{}
	p := newPacketConn(s)
	request := map[string]any{"MessageType": "Connect", "PortNumber": swapped(62078)}
	if err := p.send(request); err != nil {
		t.Fatal(err)
	}
	if want := packet(t, -1, 1, 8, 1, request); !bytes.Equal(s.Bytes(), want) {
		t.Errorf("got  %q\nwant %q", s.Bytes(), want)
	}
	if got := swapped(62078); got != 32498 {
		t.Errorf("62078 goes out as %d", got)
	}
	if err := p.send(map[string]any{"x": strings.Repeat("a", maxSend)}); !errors.Is(err, ErrRequest) {
		t.Errorf("a request that usbmuxd would refuse: %v", err)
	}
}

// FuzzReceive holds that a packet is taken as it is or not at all: what was read
// is what the header claimed, and no more is taken from the stream.
func FuzzReceive(f *testing.F) {
	f.Add(packet(f, -1, 1, 8, 0, result(0)))
	f.Add(packet(f, -1, 1, 8, 0, map[string]any{"DeviceList": []any{map[string]any{"DeviceID": 1}}}))
	f.Add(packet(f, 1<<31, 1, 8, 0, result(0)))
	f.Add(packet(f, -1, 0, 1, 0, result(0)))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bytes.NewReader(b)
		_, _, err := newPacketConn(&stream{Reader: in}).receive()
		if err != nil {
			return
		}
		if took, claimed := len(b)-in.Len(), binary.LittleEndian.Uint32(b); took != int(claimed) {
			t.Fatalf("took %d bytes of a packet of %d", took, claimed)
		}
	})
}

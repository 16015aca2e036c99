package usbmux

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/danielpaulus/go-ios/ios"

	"ibfs/capture/plist"
)

const (
	headerSize = 16
	maxSend    = 64 << 10 // what usbmuxd takes at most, with the header
	maxReceive = 1 << 20  // a pair record is about 10 KiB
	plistType  = 8
)

// A packetConn sends and receives packets over a stream. The codec is that of
// go-ios; it allocates what a header claims and underflows below 16, so the
// header is read and judged here before go-ios sees it.
type packetConn struct {
	stream io.ReadWriteCloser
	codec  *ios.UsbMuxConnection
	header []byte // judged, not yet read by the codec
	err    error  // of the stream: the codec keeps only its text
	tag    uint32
}

func newPacketConn(stream io.ReadWriteCloser) *packetConn {
	p := &packetConn{stream: stream}
	p.codec = ios.NewUsbMuxConnection(ios.NewDeviceConnectionWithRWC(p))
	return p
}

// Read gives the codec the judged header, then the stream.
func (p *packetConn) Read(b []byte) (n int, err error) {
	if len(p.header) > 0 {
		n = copy(b, p.header)
		p.header = p.header[n:]
		return n, nil
	}
	n, err = p.stream.Read(b)
	p.err = err
	return n, err
}

func (p *packetConn) Write(b []byte) (int, error) { return p.stream.Write(b) }
func (p *packetConn) Close() error                { return p.stream.Close() }

// send sends a request under a new tag.
func (p *packetConn) send(request map[string]any) error {
	payload, err := plist.XML(request)
	if err != nil {
		return err
	}
	length := headerSize + len(payload)
	if length > maxSend {
		return fmt.Errorf("%w: it has %d bytes, usbmuxd takes %d", ErrRequest, length, maxSend)
	}
	p.tag++
	return p.codec.SendMuxMessage(ios.UsbMuxMessage{
		Header:  ios.UsbMuxHeader{Length: uint32(length), Version: 1, Request: plistType, Tag: p.tag},
		Payload: payload,
	})
}

// receive reads one packet. A length outside 16 bytes to 1 MiB, another type, or
// a payload that is no dictionary gives ErrProtocol; a packet of the old binary
// protocol ErrOldDaemon; a cut stream io.EOF or io.ErrUnexpectedEOF.
func (p *packetConn) receive() (tag uint32, message plist.Dict, err error) {
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(p.stream, header); err != nil {
		return 0, nil, err
	}
	length := binary.LittleEndian.Uint32(header)
	version, kind := binary.LittleEndian.Uint32(header[4:]), binary.LittleEndian.Uint32(header[8:])
	switch {
	case length < headerSize || length > maxReceive:
		return 0, nil, fmt.Errorf("%w: a packet of %d bytes", ErrProtocol, length)
	case version == 0:
		return 0, nil, fmt.Errorf("%w: it answers in the binary protocol", ErrOldDaemon)
	case version != 1 || kind != plistType:
		return 0, nil, fmt.Errorf("%w: a packet of version %d and type %d", ErrProtocol, version, kind)
	}
	p.header = header
	packet, err := p.codec.ReadMessage()
	if err != nil {
		if errors.Is(p.err, io.EOF) {
			return 0, nil, io.ErrUnexpectedEOF
		}
		return 0, nil, errors.Join(p.err, err)
	}
	message, err = plist.DecodeDict(packet.Payload)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return packet.Header.Tag, message, nil
}

// answer reads the answer to the last request, whose tag it must carry, and
// turns a Result into an error.
func (p *packetConn) answer(request string) (plist.Dict, error) {
	tag, message, err := p.receive()
	if err != nil {
		return nil, err
	}
	if tag != p.tag {
		return nil, fmt.Errorf("%w: an answer with tag %d to the request with tag %d", ErrProtocol, tag, p.tag)
	}
	if message.String("MessageType") != "Result" {
		return message, nil
	}
	number, ok := message.Int("Number")
	if !ok {
		return nil, fmt.Errorf("%w: a result without a number", ErrProtocol)
	}
	return message, resultError(request, number)
}

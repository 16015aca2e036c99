package fakedevice

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
)

// Operations of AFC.
const (
	afcStatus     = 0x01
	afcData       = 0x02
	afcReadDir    = 0x03
	afcRemovePath = 0x08
	afcMakeDir    = 0x09
	afcFileInfo   = 0x0a
	afcFileOpen   = 0x0d
	afcFileOpened = 0x0e
	afcFileRead   = 0x0f
	afcFileWrite  = 0x10
	afcFileClose  = 0x14
	afcFileLock   = 0x1b
)

const (
	afcMagic     = "CFA6LPAA"
	afcHeader    = 40
	maxAFCPacket = 16 << 20
)

// An afcPacket is a request or an answer.
//
// Wire: magic, then four little-endian uint64: length of all, length of header
// and fixed part, number (the answer has its request's), operation. Then the
// fixed part, then the payload.
type afcPacket struct {
	number, op     uint64
	fixed, payload []byte
}

func readAFC(r io.Reader) (p afcPacket, err error) {
	var head [afcHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return p, err
	}
	whole, this := binary.LittleEndian.Uint64(head[8:]), binary.LittleEndian.Uint64(head[16:])
	if string(head[:8]) != afcMagic || this < afcHeader || this > whole || whole > maxAFCPacket {
		return p, fmt.Errorf("afc header with lengths %d and %d", whole, this)
	}
	p.number, p.op = binary.LittleEndian.Uint64(head[24:]), binary.LittleEndian.Uint64(head[32:])
	body := make([]byte, whole-afcHeader)
	if _, err := io.ReadFull(r, body); err != nil {
		return p, noEOF(err)
	}
	p.fixed, p.payload = body[:this-afcHeader], body[this-afcHeader:]
	return p, nil
}

func (p afcPacket) write(w io.Writer) error {
	out := []byte(afcMagic)
	this := uint64(afcHeader + len(p.fixed))
	for _, n := range []uint64{this + uint64(len(p.payload)), this, p.number, p.op} {
		out = binary.LittleEndian.AppendUint64(out, n)
	}
	_, err := w.Write(append(append(out, p.fixed...), p.payload...))
	return err
}

// uint64At is field i of the fixed part; 0 beyond its end.
func (p afcPacket) uint64At(i int) uint64 {
	if len(p.fixed) < 8*(i+1) {
		return 0
	}
	return binary.LittleEndian.Uint64(p.fixed[8*i:])
}

// path is the path in the fixed part after n fields, without its NUL.
func (p afcPacket) path(n int) string {
	if len(p.fixed) < 8*n {
		return "/"
	}
	name, _, _ := bytes.Cut(p.fixed[8*n:], []byte{0})
	return clean(string(name))
}

// serveAFC plays com.apple.afc. Locks and handles end with the connection.
func (p *Phone) serveAFC(_ context.Context, conn net.Conn) error {
	c := &afcConn{phone: p, handles: map[uint64]*afcHandle{}}
	defer c.closeAll()
	for {
		req, err := readAFC(conn)
		if err != nil {
			return err
		}
		answer := c.answer(req)
		answer.number = req.number
		if err := answer.write(conn); err != nil {
			return err
		}
	}
}

package fakedevice

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"net"

	"howett.net/plist"
)

// Numbers of a Result. What 2 means depends on the request.
const (
	muxOK         = 0
	muxBadCommand = 1
	muxNoDevice   = 2 // Connect
	muxNoRecord   = 2 // requests for pair records: ENOENT
	muxRefused    = 3
	muxBadVersion = 6
	muxInvalid    = 22 // requests for pair records: EINVAL
)

// muxPlist is the type of every packet of version 1.
const muxPlist = 8

// maxMuxPacket is the limit of Linux's usbmuxd.
const maxMuxPacket = 1 << 16

type muxRequest struct {
	MessageType    string
	DeviceID       int
	PortNumber     uint16 // its bytes swapped
	PairRecordID   string
	PairRecordData []byte

	tag uint32
}

// serve answers the commands of one connection, until it ends or becomes a
// stream to a phone.
func (m *Mux) serve(conn net.Conn) {
	unhook := context.AfterFunc(m.ctx, func() { conn.Close() })
	defer unhook()
	for {
		req, err := readMuxRequest(conn)
		if err != nil {
			if errors.Is(err, errMuxVersion) {
				_ = m.result(conn, req, muxBadVersion)
			}
			return
		}
		switch req.MessageType {
		case "Listen":
			m.serveListen(conn, req)
			return
		case "Connect":
			if m.serveConnect(conn, req) {
				return
			}
		default:
			if err := m.reply(conn, req.tag, m.answer(req)); err != nil {
				return
			}
		}
	}
}

// answer is the reply to a command that leaves the connection as it is.
func (m *Mux) answer(req muxRequest) map[string]any {
	switch req.MessageType {
	case "ReadBUID":
		return map[string]any{"BUID": m.buid}
	case "ListDevices":
		list := []any{}
		m.mu.Lock()
		defer m.mu.Unlock()
		for _, e := range m.entries {
			list = append(list, e.attached())
		}
		return map[string]any{"DeviceList": list}
	case "ReadPairRecord":
		if record := m.Record(req.PairRecordID); record != nil {
			return map[string]any{"PairRecordData": record}
		}
		return result(muxNoRecord)
	case "SavePairRecord":
		if req.PairRecordID == "" || len(req.PairRecordData) == 0 {
			return result(muxInvalid)
		}
		m.SetRecord(req.PairRecordID, req.PairRecordData)
		if req.DeviceID != 0 {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.tell(map[string]any{"MessageType": "Paired", "DeviceID": req.DeviceID})
		}
		return result(muxOK)
	case "DeletePairRecord":
		if m.Record(req.PairRecordID) == nil {
			return result(muxNoRecord)
		}
		m.SetRecord(req.PairRecordID, nil)
		return result(muxOK)
	}
	return result(muxBadCommand)
}

// serveListen reports the phones that are there, and then each that comes and
// goes, until the client closes.
func (m *Mux) serveListen(conn net.Conn, req muxRequest) {
	events := make(chan any, 256)
	m.mu.Lock()
	for _, e := range m.entries {
		events <- e.attached()
	}
	m.watchers[events] = struct{}{}
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		delete(m.watchers, events)
		m.mu.Unlock()
	}()

	if m.result(conn, req, muxOK) != nil {
		return
	}
	gone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, conn)
		close(gone)
	}()
	for {
		select {
		case <-gone:
			return
		case event := <-events:
			if m.reply(conn, 0, event) != nil {
				return
			}
		}
	}
}

// serveConnect makes the connection a stream to a phone's port and serves it.
// It returns false when the connection still takes commands.
func (m *Mux) serveConnect(conn net.Conn, req muxRequest) bool {
	e := m.entry(req.DeviceID)
	if e == nil {
		return m.result(conn, req, muxNoDevice) != nil
	}
	m.mu.Lock()
	refuse := m.refuse != 0
	if m.refuse > 0 {
		m.refuse--
	}
	m.mu.Unlock()
	serve := e.phone.listener(bits.ReverseBytes16(req.PortNumber), e.network)
	if serve == nil || refuse {
		return m.result(conn, req, muxRefused) != nil
	}
	if m.result(conn, req, muxOK) != nil {
		return true
	}
	unhook := context.AfterFunc(e.ctx, func() { conn.Close() })
	defer unhook()
	serve(e.ctx, conn)
	return true
}

func result(number int) map[string]any {
	return map[string]any{"MessageType": "Result", "Number": number}
}

func (m *Mux) result(conn net.Conn, req muxRequest, number int) error {
	return m.reply(conn, req.tag, result(number))
}

var errMuxVersion = errors.New("not a property list packet of version 1")

// readMuxRequest reads one packet.
//
// Wire: four little-endian uint32: length of the whole packet, version 1,
// type 8, a tag that the reply echoes; then an XML property list.
func readMuxRequest(r io.Reader) (req muxRequest, err error) {
	var head [16]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return req, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	req.tag = binary.LittleEndian.Uint32(head[12:])
	if n < uint32(len(head)) || n > maxMuxPacket {
		return req, fmt.Errorf("packet of %d bytes", n)
	}
	data := make([]byte, n-uint32(len(head)))
	if _, err := io.ReadFull(r, data); err != nil {
		return req, noEOF(err)
	}
	if binary.LittleEndian.Uint32(head[4:]) != 1 || binary.LittleEndian.Uint32(head[8:]) != muxPlist {
		return req, errMuxVersion
	}
	format, err := plist.Unmarshal(data, &req)
	if err == nil && format != plist.XMLFormat {
		err = errors.New("a property list that is not XML")
	}
	return req, err
}

// reply sends one packet, with what the faults make of it.
func (m *Mux) reply(conn net.Conn, tag uint32, message any) error {
	data, err := plist.Marshal(message, plist.XMLFormat)
	if err != nil {
		return err
	}
	length := uint32(16 + len(data))
	if m.faults.Length != nil {
		length = *m.faults.Length
	}
	if m.faults.WrongTag {
		tag++
	}
	packet := make([]byte, 0, 16+len(data))
	for _, n := range []uint32{length, 1, muxPlist, tag} {
		packet = binary.LittleEndian.AppendUint32(packet, n)
	}
	packet = append(packet, data...)
	step := len(packet)
	if m.faults.Dribble {
		step = 1
	}
	for ; len(packet) > 0; packet = packet[step:] {
		if _, err := conn.Write(packet[:step]); err != nil {
			return err
		}
	}
	return nil
}

package fakedevice

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// Whatever is asked, the answer is a packet of its own kind, and no file grows
// past what was written to it.
func FuzzAFC(f *testing.F) {
	u64 := binary.LittleEndian.AppendUint64
	add := func(requests ...afcPacket) {
		var b bytes.Buffer
		for _, r := range requests {
			if err := r.write(&b); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(b.Bytes())
	}
	add(afcPacket{number: 1, op: afcFileOpen, fixed: append(u64(nil, 4), "/a\x00"...)},
		afcPacket{number: 2, op: afcFileWrite, fixed: u64(nil, 1), payload: []byte("content")},
		afcPacket{number: 3, op: afcFileLock, fixed: u64(u64(nil, 1), 6)},
		afcPacket{number: 4, op: afcFileRead, fixed: u64(u64(nil, 1), 1<<63)},
		afcPacket{number: 5, op: afcFileClose, fixed: u64(nil, 1)},
		afcPacket{number: 6, op: afcFileInfo, fixed: []byte("/a\x00")})
	add(afcPacket{op: afcReadDir, fixed: []byte("/../..\x00")}, afcPacket{op: afcMakeDir}, afcPacket{op: afcRemovePath})
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &Phone{Media: map[string][]byte{"/d/file": []byte("x")}}
		p.prepare()
		c := &afcConn{phone: p, handles: map[uint64]*afcHandle{}}
		for in := bytes.NewReader(data); ; {
			req, err := readAFC(in)
			if err != nil {
				break
			}
			answer := c.answer(req)
			answer.number = req.number
			var out bytes.Buffer
			if err := answer.write(&out); err != nil {
				t.Fatal(err)
			}
			got, err := readAFC(&out)
			if err != nil || got.number != req.number || !bytes.Equal(got.payload, answer.payload) || out.Len() > 0 {
				t.Fatalf("the answer to %+v reads as %+v: %v", req, got, err)
			}
			if answer.op != afcStatus && answer.op != afcData && answer.op != afcFileOpened {
				t.Fatalf("operation %#x answered by %#x", req.op, answer.op)
			}
		}
		c.closeAll()
		if len(p.media.locks) > 0 {
			t.Error("a lock outlives its connection")
		}
		total := 0
		for _, file := range p.media.files {
			total += len(file.data)
		}
		if total > 1+len(data) {
			t.Errorf("%d bytes of files after %d of requests", total, len(data))
		}
	})
}

// A request is read to its end and not beyond, or not taken.
func FuzzMuxRequest(f *testing.F) {
	packet := func(version, kind uint32, body string) []byte {
		var b []byte
		for _, n := range []uint32{uint32(16 + len(body)), version, kind, 3} {
			b = binary.LittleEndian.AppendUint32(b, n)
		}
		return append(b, body...)
	}
	f.Add(packet(1, 8, `<plist version="1.0"><dict><key>MessageType</key><string>ListDevices</string></dict></plist>`))
	f.Add(packet(1, 8, `<plist version="1.0"><dict><key>PortNumber</key><integer>99999</integer></dict></plist>`))
	f.Add(packet(0, 3, ""))
	f.Add(packet(1, 8, "bplist00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bytes.NewReader(append(bytes.Clone(data), "rest"...))
		req, err := readMuxRequest(in)
		if err != nil {
			return
		}
		length := binary.LittleEndian.Uint32(data)
		if read := len(data) + 4 - in.Len(); read != int(length) || length > maxMuxPacket {
			t.Errorf("read %d bytes of a packet of %d", read, length)
		}
		if req.tag != binary.LittleEndian.Uint32(data[12:]) {
			t.Errorf("tag %d", req.tag)
		}
	})
}

package fakedevice_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"ibfs/capture/fakedevice"
)

func phones(p ...*fakedevice.Phone) fakedevice.Options { return fakedevice.Options{Phones: p} }

func TestMuxLists(t *testing.T) {
	h := &host{T: t, mux: start(t, phones(
		&fakedevice.Phone{BareSerial: true},
		&fakedevice.Phone{UDID: "0123456789abcdef0123456789abcdef01234567", Network: true},
	))}
	_, reply := h.muxAsk(h.dial(), map[string]any{"MessageType": "ListDevices"})
	var got []string
	for _, d := range reply["DeviceList"].([]any) {
		p := d.(map[string]any)["Properties"].(map[string]any)
		got = append(got, p["ConnectionType"].(string)+" "+p["SerialNumber"].(string))
	}
	want := []string{
		"USB 00008110000A1C2E3F40801E",
		"USB 0123456789abcdef0123456789abcdef01234567",
		"Network 0123456789abcdef0123456789abcdef01234567",
	}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLibimobiledeviceLists(t *testing.T) {
	c := libimobiledevice(t, start(t, phones(
		&fakedevice.Phone{BareSerial: true},
		&fakedevice.Phone{UDID: "0123456789abcdef0123456789abcdef01234567", Network: true},
	)))
	contains(t, c.run("idevice_id", "-l"), udid, "0123456789abcdef0123456789abcdef01234567")
	contains(t, c.run("idevice_id", "-n"), "0123456789abcdef0123456789abcdef01234567")
}

func TestMuxAnswers(t *testing.T) {
	h := &host{T: t, mux: start(t, phones(&fakedevice.Phone{}))}
	conn := h.dial()
	for _, c := range []struct {
		name    string
		message map[string]any
		number  uint64
	}{
		{"unknown command", map[string]any{"MessageType": "Sing"}, 1},
		{"no record", map[string]any{"MessageType": "ReadPairRecord", "PairRecordID": udid}, 2},
		{"no record to delete", map[string]any{"MessageType": "DeletePairRecord", "PairRecordID": udid}, 2},
		{"record without bytes", map[string]any{"MessageType": "SavePairRecord", "PairRecordID": udid}, 22},
		{"save", map[string]any{"MessageType": "SavePairRecord", "PairRecordID": udid, "PairRecordData": []byte("kept")}, 0},
		{"unknown device", map[string]any{"MessageType": "Connect", "DeviceID": 9, "PortNumber": 32498}, 2},
		{"unknown port", map[string]any{"MessageType": "Connect", "DeviceID": 1, "PortNumber": 192}, 3},
		{"lockdown", map[string]any{"MessageType": "Connect", "DeviceID": 1, "PortNumber": 32498}, 0},
	} {
		head, reply := h.muxAsk(conn, c.message)
		if reply["Number"] != c.number || head[3] != 7 {
			t.Errorf("%s: header %v, %v, want %d", c.name, head, reply, c.number)
		}
	}
	if got := h.ask(conn, map[string]any{"Request": "QueryType"})["Type"]; got != "com.apple.mobile.lockdown" {
		t.Errorf("type %v", got)
	}
	_, reply := h.muxAsk(h.dial(), map[string]any{"MessageType": "ReadPairRecord", "PairRecordID": "00008110000a1c2e3f40801e"})
	if !bytes.Equal(reply["PairRecordData"].([]byte), []byte("kept")) {
		t.Errorf("record: %v", reply)
	}
}

func TestMuxTellsWhoListens(t *testing.T) {
	first, second := &fakedevice.Phone{}, &fakedevice.Phone{UDID: "00008110-000000000000002E"}
	h := &host{T: t, mux: start(t, phones(first))}
	conn := h.dial()
	if _, reply := h.muxAsk(conn, map[string]any{"MessageType": "Listen"}); reply["Number"] != uint64(0) {
		t.Fatalf("Listen: %v", reply)
	}
	expect := func(kind string, id uint64) {
		t.Helper()
		if head, event := h.muxRead(conn); event["MessageType"] != kind || event["DeviceID"] != id || head[3] != 0 {
			t.Errorf("got %v with tag %d, want %s of %d", event, head[3], kind, id)
		}
	}
	expect("Attached", 1)
	h.mux.Attach(second)
	expect("Attached", 2)
	stream := h.connect(1, 62078)
	h.mux.Detach(first)
	expect("Detached", 1)
	if n, err := io.Copy(io.Discard, stream); n > 0 || err != nil {
		t.Errorf("the stream of a detached phone gave %d bytes: %v", n, err)
	}
	h.muxAsk(h.dial(), map[string]any{"MessageType": "SavePairRecord", "PairRecordID": "x", "PairRecordData": []byte("x"), "DeviceID": 2})
	expect("Paired", 2)
}

func TestMuxFaults(t *testing.T) {
	ask := func(t *testing.T, f fakedevice.MuxFaults, message string) ([4]uint32, map[string]any) {
		h := &host{T: t, mux: start(t, fakedevice.Options{Phones: []*fakedevice.Phone{{}}, Faults: f})}
		return h.muxAsk(h.dial(), map[string]any{"MessageType": message, "DeviceID": 1, "PortNumber": 32498})
	}
	for _, length := range []uint32{0, 15, 1 << 31} {
		if head, _ := ask(t, fakedevice.MuxFaults{Length: &length}, "ReadBUID"); head[0] != length {
			t.Errorf("the header says %d, not %d", head[0], length)
		}
	}
	if head, _ := ask(t, fakedevice.MuxFaults{WrongTag: true}, "ReadBUID"); head[3] == 7 {
		t.Error("the tag is right")
	}
	if _, reply := ask(t, fakedevice.MuxFaults{Dribble: true}, "ReadBUID"); reply["BUID"] == nil {
		t.Errorf("byte by byte: %v", reply)
	}
	h := &host{T: t, mux: start(t, fakedevice.Options{
		Phones: []*fakedevice.Phone{{}}, Faults: fakedevice.MuxFaults{Refuse: -1},
	})}
	conn := h.dial()
	for i, want := range []uint64{3, 3, 0} {
		if i == 1 {
			h.mux.Refuse(1)
		}
		_, reply := h.muxAsk(conn, map[string]any{"MessageType": "Connect", "DeviceID": 1, "PortNumber": 32498})
		if reply["Number"] != want {
			t.Errorf("got %v, want %d", reply, want)
		}
	}
}

// A packet that is none costs its own connection at most.
func TestMuxSurvives(t *testing.T) {
	h := &host{T: t, mux: start(t, phones(&fakedevice.Phone{}))}
	for name, head := range map[string][4]uint32{
		"length 0":     {0, 1, 8, 1},
		"length 15":    {15, 1, 8, 1},
		"length 2^31":  {1 << 31, 1, 8, 1},
		"empty":        {16, 1, 8, 1},
		"old protocol": {16, 0, 3, 1},
	} {
		conn := h.dial()
		if err := binary.Write(conn, binary.LittleEndian, head); err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(conn)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "old protocol" != bytes.Contains(answer, []byte("<integer>6</integer>")) {
			t.Errorf("%s: answer %q", name, answer)
		}
	}
	if _, reply := h.muxAsk(h.dial(), map[string]any{"MessageType": "ReadBUID"}); reply["BUID"] == nil {
		t.Errorf("afterwards: %v", reply)
	}
}

package usbmux

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/capture/capturetest"
	"ibfs/capture/plist"
)

// daemon listens on a socket and serves each connection with serve.
func daemon(t *testing.T, serve func(*packetConn)) *Mux {
	t.Helper()
	path := capturetest.Socket(t, func(conn net.Conn) { serve(newPacketConn(conn)) })
	addr, err := ParseAddress("UNIX:" + path)
	if err != nil {
		t.Fatal(err)
	}
	return New(addr, nil)
}

// script answers each request with what is listed for its type.
func script(t *testing.T, answers map[string]any) *Mux {
	return daemon(t, func(p *packetConn) {
		for {
			tag, request, err := p.receive()
			if err != nil {
				return
			}
			answer, ok := answers[request.String("MessageType")]
			if !ok {
				answer = result(1)
			}
			p.stream.Write(packet(t, -1, 1, 8, tag, answer))
		}
	})
}

const udid = "00008030-001122334455667E"

func entry(id int, serial, connection string) map[string]any {
	return map[string]any{"MessageType": "Attached", "DeviceID": id, "Properties": map[string]any{
		"SerialNumber": serial, "ConnectionType": connection, "DeviceID": id,
	}}
}

func TestDevices(t *testing.T) {
	old := strings.Repeat("a1", 20)
	m := script(t, map[string]any{listRequest: map[string]any{"DeviceList": []any{
		entry(9, strings.ReplaceAll(udid, "-", ""), "Network"),
		entry(3, udid, "USB"),
		entry(4, strings.Repeat("f", 40), "USB"),
		entry(5, old, "Network"),
		entry(0, "00008030001122334455667F", "USB"),
		entry(6, "../../etc", "USB"),
		"no dictionary",
		map[string]any{"DeviceID": "7"},
	}}})
	got, err := m.Devices(t.Context())
	want := []Device{{3, udid, USB}, {5, old, Network}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestConnectHandsOverTheStream(t *testing.T) {
	m := daemon(t, func(p *packetConn) {
		tag, request, err := p.receive()
		if err != nil {
			return
		}
		if port, _ := request.Int("PortNumber"); port != 32498 {
			p.stream.Write(packet(t, -1, 1, 8, tag, result(3)))
			return
		}
		// The first bytes of the device right behind the answer.
		p.stream.Write(append(packet(t, -1, 1, 8, tag, result(0)), "hello"...))
		io.Copy(p.stream, p.stream)
	})
	ctx, cancel := context.WithCancel(t.Context())
	conn, err := m.Connect(ctx, Device{ID: 1}, 62078)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	cancel() // bounds the connecting alone
	fmt.Fprint(conn, " world")
	got := make([]byte, 11)
	if _, err := io.ReadFull(conn, got); string(got) != "hello world" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := m.Connect(t.Context(), Device{ID: 1}, 1); !errors.Is(err, ErrRefused) {
		t.Errorf("a port that is refused: %v", err)
	}
}

func TestWatch(t *testing.T) {
	m := daemon(t, func(p *packetConn) {
		tag, _, err := p.receive()
		if err != nil {
			return
		}
		p.stream.Write(packet(t, -1, 1, 8, tag, result(0)))
		for _, event := range []any{
			entry(1, udid, "USB"), entry(2, strings.Repeat("F", 40), "USB"), map[string]any{"MessageType": "New"},
			map[string]any{"MessageType": "Paired", "DeviceID": 1}, map[string]any{"MessageType": "Detached", "DeviceID": 1},
			map[string]any{"MessageType": "Detached", "DeviceID": 1}, entry(8, udid, "Network"),
		} {
			p.stream.Write(packet(t, -1, 1, 8, 0, event))
		}
		p.receive() // until the client hangs up
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []Event
	err := m.Watch(ctx, func(e Event) {
		if got = append(got, e); e.Device.ID == 8 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	dev := Device{1, udid, USB}
	if want := []Event{{Attached, dev}, {Paired, dev}, {Detached, dev}, {Attached, Device{8, udid, Network}}}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// What a daemon knew is gone when it ends.
func TestWatchedDaemonEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		says []any
		want []Event
	}{
		"at once":             {},
		"as it listens":       {says: []any{result(0)}},
		"with phones on it":   {[]any{result(0), entry(9, udid, "USB"), entry(3, udid, "Network")}, []Event{{Attached, Device{9, udid, USB}}, {Attached, Device{3, udid, Network}}, {Detached, Device{3, udid, Network}}, {Detached, Device{9, udid, USB}}}},
		"after the last went": {[]any{result(0), entry(9, udid, "USB"), map[string]any{"MessageType": "Detached", "DeviceID": 9}}, []Event{{Attached, Device{9, udid, USB}}, {Detached, Device{9, udid, USB}}}},
	} {
		t.Run(name, func(t *testing.T) {
			m := daemon(t, func(p *packetConn) {
				tag, _, err := p.receive()
				if err != nil {
					return
				}
				for _, message := range tt.says {
					p.stream.Write(packet(t, -1, 1, 8, tag, message))
				}
			})
			var got []Event
			if err := m.Watch(t.Context(), func(e Event) { got = append(got, e) }); !errors.Is(err, ErrNotRunning) {
				t.Errorf("ended with %v", err)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestContextEndsACall(t *testing.T) {
	m := daemon(t, func(p *packetConn) { io.Copy(io.Discard, p.stream) })
	for name, call := range map[string]func(context.Context) error{
		"Devices": func(ctx context.Context) error { _, err := m.Devices(ctx); return err },
		"Connect": func(ctx context.Context) error { _, err := m.Connect(ctx, Device{ID: 1}, 1); return err },
		"Watch":   func(ctx context.Context) error { return m.Watch(ctx, func(Event) {}) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			begin := time.Now()
			if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("ended with %v", err)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestDaemonCannotBeReached(t *testing.T) {
	missing := New(Address{"unix", filepath.Join(t.TempDir(), "s")}, nil)
	if _, err := missing.Devices(t.Context()); !errors.Is(err, ErrNotRunning) || !strings.Contains(err.Error(), missing.addr.where) {
		t.Errorf("without a socket: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr, err := ParseAddress(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := New(addr, nil).Devices(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("nobody listens: %v", err)
	}
	if err := dialError(addr, os.ErrPermission); errors.Is(err, ErrNotRunning) {
		t.Errorf("no permission: %v", err)
	}
}

func TestPairRecords(t *testing.T) {
	record := &PairRecord{
		HostID: "H", SystemBUID: "B", WiFiMACAddress: "W", EscrowBag: []byte{1},
		RootCertificate: []byte{2}, HostCertificate: []byte{3}, DeviceCertificate: []byte{4},
		RootPrivateKey: []byte{5}, HostPrivateKey: []byte("SECRET"),
	}
	kept := map[string][]byte{}
	m := daemon(t, func(p *packetConn) {
		tag, request, err := p.receive()
		if err != nil {
			return
		}
		id, answer := request.String("PairRecordID"), any(result(0))
		switch request.String("MessageType") {
		case saveRecordRequest:
			if dev, _ := request.Int("DeviceID"); dev == 7 {
				kept[id] = request.Bytes("PairRecordData")
			}
		case readRecordRequest:
			if answer = result(2); kept[id] != nil {
				answer = map[string]any{"PairRecordData": kept[id]}
			}
		}
		p.stream.Write(packet(t, -1, 1, 8, tag, answer))
	})
	if _, err := m.PairRecord(t.Context(), udid); !errors.Is(err, ErrNotPaired) {
		t.Errorf("before: %v", err)
	}
	if err := m.SavePairRecord(t.Context(), Device{7, udid, USB}, record); err != nil {
		t.Fatal(err)
	}
	got, err := m.PairRecord(t.Context(), udid)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := record.Encode()
	if b, _ := got.Encode(); !bytes.Equal(a, b) {
		t.Error("another record came back")
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "record", record, "value", *record)
	for _, s := range []string{fmt.Sprintf("%v %+v %#v %s %x", record, record, *record, record, record), log.String()} {
		if strings.Contains(s, "SECRET") || strings.Contains(s, fmt.Sprintf("%x", "SECRET")) || strings.Contains(s, "U0VD") {
			t.Errorf("a key is shown: %s", s)
		}
	}
}

func TestParsePairRecordRefuses(t *testing.T) {
	lacking, err := plist.XML(map[string]any{"HostID": "H", "SystemBUID": "B", "HostPrivateKey": "SECRET"})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"empty": nil, "no list": []byte("SECRET"), "lacking": lacking} {
		if _, err := ParsePairRecord(b); !errors.Is(err, ErrBadRecord) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package fakedevice_test

import (
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ibfs/capture/fakedevice"
)

func TestStartService(t *testing.T) {
	p := &fakedevice.Phone{Faults: fakedevice.Faults{ServiceLimit: 1}}
	h := newHost(t, phones(p))
	session := h.session(1)
	for _, c := range []struct {
		name    string
		request map[string]any
		locked  bool
		err     any
	}{
		{"too many", map[string]any{"Service": "com.apple.afc"}, false, "ServiceLimit"},
		{"plain", map[string]any{"Service": "com.apple.afc"}, false, nil},
		{"unknown", map[string]any{"Service": "com.apple.nothing"}, false, "InvalidService"},
		{"with the bag", map[string]any{"Service": "com.apple.afc", "EscrowBag": h.bag}, false, nil},
		{"with another bag", map[string]any{"Service": "com.apple.afc", "EscrowBag": []byte("other")}, false, "MissingValue"},
		{"locked", map[string]any{"Service": "com.apple.afc"}, true, nil},
	} {
		p.Lock(c.locked)
		c.request["Request"] = "StartService"
		if reply := h.ask(session, c.request); reply["Error"] != c.err || (c.err == nil) != (reply["Port"] != nil) {
			t.Errorf("%s: %v", c.name, reply)
		}
	}
	if got := h.ask(h.connect(1, 62078), map[string]any{"Request": "StartService", "Service": "com.apple.afc"})["Error"]; got != "SessionInactive" {
		t.Errorf("without a session: %v", got)
	}
}

// A service's port takes one connection.
func TestServicePortIsUsedOnce(t *testing.T) {
	h := newHost(t, phones(&fakedevice.Phone{}))
	port := h.ask(h.session(1), map[string]any{"Request": "StartService", "Service": "com.apple.afc"})["Port"].(uint64)
	h.connect(1, uint16(port))
	_, reply := h.muxAsk(h.dial(), map[string]any{
		"MessageType": "Connect", "DeviceID": 1, "PortNumber": port>>8 | port&0xff<<8,
	})
	if reply["Number"] != uint64(3) {
		t.Errorf("second connection: %v", reply)
	}
}

func TestNotificationProxy(t *testing.T) {
	const name = "com.apple.mobile.backup.domain_changed"
	p := &fakedevice.Phone{}
	h := newHost(t, phones(p))
	observer, other := h.service(1, "com.apple.mobile.notification_proxy"), h.service(1, "com.apple.mobile.notification_proxy")
	h.write(observer, map[string]any{"Command": "ObserveNotification", "Name": name})
	h.write(other, map[string]any{"Command": "PostNotification", "Name": "com.apple.itunes-mobdev.syncWillStart"})
	h.write(other, map[string]any{"Command": "Shutdown"})
	if got := h.mustRead(other); got["Command"] != "ProxyDeath" {
		t.Errorf("after Shutdown: %v", got)
	}
	if _, err := read(other); err != io.EOF {
		t.Errorf("after ProxyDeath: %v", err)
	}
	await(t, func() bool { return has(p, "notification_proxy: observe "+name) })
	p.Notify(name)
	if got := h.mustRead(observer); got["Command"] != "RelayNotification" || got["Name"] != name {
		t.Errorf("relayed: %v", got)
	}
	await(t, func() bool { return has(p, "notification_proxy: post com.apple.itunes-mobdev.syncWillStart") })
}

func TestServiceFaults(t *testing.T) {
	h := newHost(t, phones(&fakedevice.Phone{Faults: fakedevice.Faults{ProxyDies: true, BrowseFails: true}}))
	if got := h.mustRead(h.service(1, "com.apple.mobile.notification_proxy")); got["Command"] != "ProxyDeath" {
		t.Errorf("proxy: %v", got)
	}
	apps := h.service(1, "com.apple.mobile.installation_proxy")
	if got := h.ask(apps, map[string]any{"Command": "Browse"}); got["Error"] == nil {
		t.Errorf("apps: %v", got)
	}
}

// afc sends one request and returns the operation and body of the answer.
func (h *host) afc(conn io.ReadWriter, op uint64, fixed, payload []byte) (uint64, []byte) {
	h.Helper()
	packet := []byte("CFA6LPAA")
	this := uint64(40 + len(fixed))
	for _, n := range []uint64{this + uint64(len(payload)), this, 42, op} {
		packet = binary.LittleEndian.AppendUint64(packet, n)
	}
	if _, err := conn.Write(append(append(packet, fixed...), payload...)); err != nil {
		h.Fatal(err)
	}
	head := make([]byte, 40)
	if _, err := io.ReadFull(conn, head); err != nil {
		h.Fatal(err)
	}
	body := make([]byte, binary.LittleEndian.Uint64(head[8:])-40)
	if _, err := io.ReadFull(conn, body); err != nil {
		h.Fatal(err)
	}
	if n := binary.LittleEndian.Uint64(head[24:]); n != 42 {
		h.Fatalf("the answer has number %d", n)
	}
	return binary.LittleEndian.Uint64(head[32:]), body
}

// afcStatus sends one request and returns the status of the answer.
func (h *host) afcStatus(conn io.ReadWriter, op uint64, fields ...uint64) uint64 {
	h.Helper()
	var fixed []byte
	for _, n := range fields {
		fixed = binary.LittleEndian.AppendUint64(fixed, n)
	}
	got, body := h.afc(conn, op, fixed, nil)
	if got != 1 || len(body) != 8 {
		h.Fatalf("operation %#x answers %#x: %q", op, got, body)
	}
	return binary.LittleEndian.Uint64(body)
}

// openLock opens the sync lock.
func (h *host) openLock(conn io.ReadWriter) uint64 {
	h.Helper()
	op, body := h.afc(conn, 0x0d, append(binary.LittleEndian.AppendUint64(nil, 2), "/com.apple.itunes.lock_sync\x00"...), nil)
	if op != 0x0e {
		h.Fatalf("open answers %#x: %v", op, body)
	}
	return binary.LittleEndian.Uint64(body)
}

func TestAFCLock(t *testing.T) {
	p := &fakedevice.Phone{Faults: fakedevice.Faults{LockBusy: 1}}
	h := newHost(t, phones(p))
	one, two := h.service(1, "com.apple.afc"), h.service(1, "com.apple.afc")
	a, b := h.openLock(one), h.openLock(two)
	for _, c := range []struct {
		name           string
		conn           io.ReadWriter
		handle, op     uint64
		status         uint64
		lockedInTheEnd bool
	}{
		{"busy once", one, a, 6, 19, false},
		{"exclusive", one, a, 6, 0, true},
		{"again", one, a, 6, 0, true},
		{"by another", two, b, 6, 19, true},
		{"shared by another", two, b, 5, 19, true},
		{"no lock", one, a, 7, 7, true},
		{"no handle", one, 99, 6, 7, true},
		{"unlocked", one, a, 12, 0, false},
		{"shared", one, a, 5, 0, true},
		{"shared by both", two, b, 5, 0, true},
		{"exclusive among many", two, b, 6, 19, true},
	} {
		if got := h.afcStatus(c.conn, 0x1b, c.handle, c.op); got != c.status || p.SyncLocked() != c.lockedInTheEnd {
			t.Errorf("%s: status %d, locked: %t", c.name, got, p.SyncLocked())
		}
	}
	one.Close()
	two.Close()
	await(t, func() bool { return !p.SyncLocked() }) // the end of its connection ends a lock
}

func TestAFCLockDenied(t *testing.T) {
	h := newHost(t, phones(&fakedevice.Phone{Faults: fakedevice.Faults{LockDenied: true}}))
	op, body := h.afc(h.service(1, "com.apple.afc"), 0x0d, append(make([]byte, 8), "/x\x00"...), nil)
	if op != 1 || body[0] != 7 {
		t.Errorf("mode 0: %#x %v", op, body)
	}
	op, body = h.afc(h.service(1, "com.apple.afc"), 0x0d, append([]byte{2, 0, 0, 0, 0, 0, 0, 0}, "/com.apple.itunes.lock_sync\x00"...), nil)
	if op != 1 || body[0] != 10 {
		t.Errorf("the lock: %#x %v", op, body)
	}
}

func TestHeartbeat(t *testing.T) {
	p := &fakedevice.Phone{Network: true, HeartbeatInterval: 10 * time.Millisecond,
		Faults: fakedevice.Faults{HeartbeatCuts: true}}
	h := newHost(t, phones(p))
	usb, wifi := h.service(1, "com.apple.afc"), h.service(2, "com.apple.afc")
	h.openLock(wifi)
	beat := h.service(2, "com.apple.mobile.heartbeat")
	for range 5 {
		if got := h.mustRead(beat); got["Command"] != "Marco" {
			t.Fatalf("got %v", got)
		}
		h.write(beat, map[string]any{"Command": "Polo"})
	}
	await(t, func() bool { return has(p, "heartbeat: Polo") })
	if _, err := wifi.Read(make([]byte, 1)); err == nil {
		t.Error("the connection by Wi-Fi goes on after three missed beats")
	}
	h.openLock(usb)
}

// The services as others ask for them.
func TestOthersUseServices(t *testing.T) {
	p := &fakedevice.Phone{
		Media: map[string][]byte{"/iTunes_Control/iTunes/iTunesPrefs": []byte("prefs")},
		Apps:  []fakedevice.App{{ID: "com.example.notes", SINF: []byte("sinf"), Meta: []byte("meta"), Icon: []byte("png")}},
	}
	m := start(t, phones(p))
	c := libimobiledevice(t, m)
	c.run("idevicepair", "pair")
	contains(t, c.run("idevicediagnostics", "mobilegestalt", "PasswordConfigured"), "<key>PasswordConfigured</key>", "<true/>")
	c.run("idevicenotificationproxy", "post", "com.example.posted")
	await(t, func() bool { return has(p, "notification_proxy: post com.example.posted") })

	c = pymobiledevice3(t, m)
	contains(t, c.run("pymobiledevice3", "apps", "list"), "com.example.notes")
	name := filepath.Join(t.TempDir(), "restore.plist")
	if err := os.WriteFile(name, []byte("apps"), 0o600); err != nil {
		t.Fatal(err)
	}
	const pushed = "/iTunes_Control/RestoreApplications.plist"
	c.run("pymobiledevice3", "afc", "push", name, pushed)
	if got := p.MediaFile(pushed); string(got) != "apps" {
		t.Errorf("pushed: %q", got)
	}
	back := filepath.Join(t.TempDir(), "back")
	c.run("pymobiledevice3", "afc", "pull", "/iTunes_Control/iTunes/iTunesPrefs", back)
	if got, err := os.ReadFile(back); err != nil || string(got) != "prefs" {
		t.Errorf("pulled: %q, %v", got, err)
	}
	c.run("pymobiledevice3", "afc", "rm", pushed)
	if p.MediaFile(pushed) != nil {
		t.Error("removed, and still there")
	}
}

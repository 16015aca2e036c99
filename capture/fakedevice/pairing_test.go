package fakedevice_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/capture/fakedevice"
)

func TestPairAnswers(t *testing.T) {
	const pending, locked = "PairingDialogResponsePending", "PasswordProtected"
	for _, c := range []struct {
		name   string
		faults fakedevice.Faults
		want   []any // the error of each Pair; nil is success
	}{
		{"at once", fakedevice.Faults{}, []any{nil, nil}},
		{"slow", fakedevice.Faults{PairPending: 2}, []any{pending, pending, nil}},
		{"locked, then slow", fakedevice.Faults{PairLocked: 1, PairPending: 1}, []any{locked, pending, nil}},
		{"never", fakedevice.Faults{PairPending: -1}, []any{pending, pending, pending}},
		{"denied", fakedevice.Faults{PairPending: 1, PairDenied: true}, []any{pending, "UserDeniedPairing", "UserDeniedPairing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &host{T: t, mux: start(t, phones(&fakedevice.Phone{Faults: c.faults}))}
			for i, want := range c.want {
				reply := h.pair(1)
				if reply["Error"] != want || want == nil && len(h.bag) != 32 {
					t.Errorf("Pair %d: %v, want %v", i, reply["Error"], want)
				}
			}
		})
	}
}

func TestLibimobiledeviceMeetsTrust(t *testing.T) {
	p := &fakedevice.Phone{Faults: fakedevice.Faults{PairLocked: 1, PairPending: 1}}
	c := libimobiledevice(t, start(t, phones(p)))
	for _, want := range []string{"passcode is set", "accept the trust dialog", "SUCCESS"} {
		out, _ := c.try("idevicepair", "pair")
		contains(t, out, want)
	}
	c = libimobiledevice(t, start(t, phones(&fakedevice.Phone{Faults: fakedevice.Faults{PairDenied: true}})))
	out, err := c.try("idevicepair", "pair")
	contains(t, out, "user denied the trust dialog")
	if err == nil {
		t.Error("a denied pairing has status 0")
	}
}

func TestPairRefuses(t *testing.T) {
	h := newHost(t, phones(&fakedevice.Phone{Network: true}))
	if got := h.pair(2)["Error"]; got != "PairingProhibitedOverThisConnection" {
		t.Errorf("by Wi-Fi: %v", got)
	}
	whole := h.record
	for key := range whole {
		h.record = maps.Clone(whole)
		delete(h.record, key)
		if got := h.pair(1)["Error"]; got != "InvalidPairRecord" {
			t.Errorf("without %s: %v", key, got)
		}
	}
	h.record = maps.Clone(whole)
	h.record["HostCertificate"] = []byte("no PEM")
	if got := h.pair(1)["Error"]; got != "InvalidPairRecord" {
		t.Errorf("without PEM: %v", got)
	}
}

func TestPairTellsOfPrivateKeys(t *testing.T) {
	p := &fakedevice.Phone{}
	h := newHost(t, phones(p))
	h.record["RootPrivateKey"] = []byte("-----BEGIN")
	h.pair(1)
	await(t, func() bool { return has(p, "lockdown: Pair: the host sent its RootPrivateKey") })
	for _, e := range p.Events() {
		if bytes.Contains([]byte(e.Text), []byte("BEGIN")) {
			t.Errorf("a secret in the log: %s", e)
		}
	}
}

func TestPairWithoutEscrowBag(t *testing.T) {
	h := newHost(t, phones(&fakedevice.Phone{Faults: fakedevice.Faults{NoEscrowBag: true}}))
	if h.bag != nil {
		t.Error("there is a bag")
	}
	h.session(1)
}

func TestIdleLockdownEnds(t *testing.T) {
	p := &fakedevice.Phone{}
	h := newHost(t, phones(p))
	p.SetFaults(fakedevice.Faults{Idle: 20 * time.Millisecond})
	conn := h.connect(1, 62078)
	h.ask(conn, map[string]any{"Request": "QueryType"})
	if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("after a while: %v", err)
	}
}

func TestForgottenHost(t *testing.T) {
	p := &fakedevice.Phone{}
	h := newHost(t, phones(p))
	p.Forget()
	reply := h.ask(h.connect(1, 62078), map[string]any{"Request": "StartSession", "HostID": h.id})
	if reply["Error"] != "InvalidHostID" {
		t.Errorf("got %v", reply)
	}
}

func TestSessionTLS(t *testing.T) {
	ask := map[string]any{"Request": "GetValue", "Key": "SerialNumber"}
	for name, versions := range map[string][2]uint16{"TLS 1.2": {tls.VersionTLS12, 1}, "TLS 1.3": {tls.VersionTLS13, 0}} {
		t.Run(name, func(t *testing.T) {
			faults := fakedevice.Faults{OnlyTLS12: versions[1] == 1, TLSReject: 1}
			h := newHost(t, phones(&fakedevice.Phone{Faults: faults}))
			refused := h.session(1)
			err := refused.Handshake()
			if err == nil && name == "TLS 1.3" {
				_, err = refused.Read(make([]byte, 1))
			}
			if err == nil || !strings.Contains(err.Error(), "remote error: tls: bad certificate") {
				t.Errorf("a refused handshake gives %v, no alert", err)
			}
			session := h.session(1)
			if got := h.ask(session, ask)["Value"]; got != "F2LFAKE0PHON" {
				t.Errorf("in the session: %v", got)
			}
			if got := session.ConnectionState().Version; got != versions[0] {
				t.Errorf("version %x", got)
			}
			if !presents(session, h.record["DeviceCertificate"].([]byte)) {
				t.Error("the phone presents another certificate than its DeviceCertificate")
			}
		})
	}
}

// presents says whether the phone's certificate is one in PEM.
func presents(c *tls.Conn, cert []byte) bool {
	block, _ := pem.Decode(cert)
	return bytes.Equal(c.ConnectionState().PeerCertificates[0].Raw, block.Bytes)
}

// A certificate of another host opens no session, though its HostID is known.
func TestSessionRefusesOtherHost(t *testing.T) {
	p := &fakedevice.Phone{}
	h := newHost(t, phones(p))
	other := newHost(t, phones(&fakedevice.Phone{}))
	h.cert = other.cert
	if _, err := h.session(1).Read(make([]byte, 1)); err == nil {
		t.Error("it may read")
	}
	await(t, func() bool { return has(p, "tls: handshake: certificate of another host") })
}

func TestOtherKey(t *testing.T) {
	h := newHost(t, phones(&fakedevice.Phone{Faults: fakedevice.Faults{OtherKey: true}}))
	block, _ := pem.Decode(h.record["DeviceCertificate"].([]byte))
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	session := h.session(1)
	if err := session.Handshake(); err != nil {
		t.Fatal(err)
	}
	if got := session.ConnectionState().PeerCertificates[0].PublicKey; cert.PublicKey.(*rsa.PublicKey).Equal(got) {
		t.Error("the key is the one of the pair record")
	}
}

// A tap keeps what comes over a connection.
type tap struct {
	net.Conn
	got []byte
}

func (c *tap) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.got = append(c.got, p[:n]...)
	return n, err
}

func TestSessionEnds(t *testing.T) {
	for name, bare := range map[string]bool{"with close_notify": false, "without": true} {
		h := newHost(t, phones(&fakedevice.Phone{Faults: fakedevice.Faults{OnlyTLS12: true, BareClose: bare}}))
		conn := &tap{Conn: h.connect(1, 62078)}
		h.ask(conn, map[string]any{"Request": "StartSession", "HostID": h.id})
		conn.got = nil
		session := h.tls(conn)
		h.ask(session, map[string]any{"Request": "Goodbye"})
		if _, err := session.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("%s: %v", name, err)
		}
		var last byte // type of the last record: 21 is an alert, in the clear in TLS 1.2
		for rest := conn.got; len(rest) > 5; rest = rest[5+int(binary.BigEndian.Uint16(rest[3:])):] {
			last = rest[0]
		}
		if (last == 21) == bare {
			t.Errorf("%s: the last record has type %d", name, last)
		}
	}
}

// After StopSession the connection goes on in the clear.
func TestStopSession(t *testing.T) {
	h := newHost(t, phones(&fakedevice.Phone{}))
	conn := h.connect(1, 62078)
	id := h.ask(conn, map[string]any{"Request": "StartSession", "HostID": h.id})["SessionID"]
	session := h.tls(conn)
	if got := h.ask(session, map[string]any{"Request": "StopSession", "SessionID": "x"})["Error"]; got != "SessionInactive" {
		t.Errorf("another session's end: %v", got)
	}
	if got := h.ask(session, map[string]any{"Request": "StopSession", "SessionID": id})["Error"]; got != nil {
		t.Fatal(got)
	}
	if err := session.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := session.Read(make([]byte, 1)); err != io.EOF {
		t.Fatal(err)
	}
	if err := conn.SetWriteDeadline(time.Time{}); err != nil { // CloseWrite left one in the past
		t.Fatal(err)
	}
	if got := h.ask(conn, map[string]any{"Request": "GetValue", "Key": "SerialNumber"})["Error"]; got != "GetProhibited" {
		t.Errorf("after the session: %v", got)
	}
}

func TestValues(t *testing.T) {
	h := newHost(t, phones(&fakedevice.Phone{Backup: fakedevice.Backup{Password: "secret"}, Values: map[string]map[string]any{
		"":                        {"PhoneNumber": nil, "InternationalMobileEquipmentIdentity2": "1"},
		"com.apple.mobile.iTunes": {"MinITunesVersion": nil},
	}}))
	session, clear := h.session(1), h.connect(1, 62078)
	for _, c := range []struct {
		domain, key string
		conn        io.ReadWriter
		value, err  any
	}{
		{"", "DeviceName", clear, "Test iPhone", nil},
		{"", "SerialNumber", clear, nil, "GetProhibited"},
		{"", "Nonsense", clear, nil, "MissingValue"},
		{"com.apple.mobile.backup", "WillEncrypt", clear, nil, "GetProhibited"},
		{"com.apple.mobile.backup", "WillEncrypt", session, true, nil},
		{"", "PhoneNumber", session, nil, "MissingValue"},
		{"", "InternationalMobileEquipmentIdentity2", session, "1", nil},
		{"com.apple.mobile.iTunes", "MinITunesVersion", session, nil, "MissingValue"},
	} {
		reply := h.ask(c.conn, map[string]any{"Request": "GetValue", "Domain": c.domain, "Key": c.key})
		if reply["Value"] != c.value || reply["Error"] != c.err || reply["Request"] != "GetValue" {
			t.Errorf("%s %s: %v", c.domain, c.key, reply)
		}
	}
	public := h.ask(clear, map[string]any{"Request": "GetValue"})["Value"].(map[string]any)
	if _, ok := public["SerialNumber"]; ok || public["UniqueDeviceID"] != udid {
		t.Errorf("public: %v", slices.Collect(maps.Keys(public)))
	}
	set := map[string]any{"Request": "SetValue", "Domain": "com.apple.mobile.wireless_lockdown", "Key": "EnableWifiConnections", "Value": true}
	if got := h.ask(clear, set)["Error"]; got != "SessionInactive" {
		t.Errorf("set without a session: %v", got)
	}
	h.ask(session, set)
	set["Request"] = "GetValue"
	if got := h.ask(session, set)["Value"]; got != true {
		t.Errorf("after it was set: %v", got)
	}
}

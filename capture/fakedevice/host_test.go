package fakedevice_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"io"
	"math/big"
	"math/bits"
	"net"
	"sync"
	"testing"
	"time"

	"howett.net/plist"

	"ibfs/capture/fakedevice"
)

// hostKey is the key of every certificate of a host; one a process.
var hostKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// A host is a client of our own, for what no other program can be made to do.
type host struct {
	*testing.T
	mux *fakedevice.Mux

	id     string
	record map[string]any
	cert   tls.Certificate
	bag    []byte
}

// mustRead is the message that comes next: a property list after a big-endian length.
func (h *host) mustRead(r io.Reader) map[string]any {
	h.Helper()
	m, err := read(r)
	if err != nil {
		h.Fatal(err)
	}
	return m
}

func read(r io.Reader) (map[string]any, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	data := make([]byte, binary.BigEndian.Uint32(head))
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, err
	}
	m := map[string]any{}
	_, err := plist.Unmarshal(data, &m)
	return m, err
}

func (h *host) write(w io.Writer, message map[string]any) {
	h.Helper()
	data, err := plist.Marshal(message, plist.XMLFormat)
	if err != nil {
		h.Fatal(err)
	}
	if _, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), data...)); err != nil {
		h.Fatal(err)
	}
}

func (h *host) ask(conn io.ReadWriter, message map[string]any) map[string]any {
	h.Helper()
	h.write(conn, message)
	return h.mustRead(conn)
}

// dial connects to usbmuxd.
func (h *host) dial() net.Conn {
	h.Helper()
	conn, err := net.Dial("tcp", h.mux.Address())
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		h.Fatal(err)
	}
	return conn
}

// muxAsk sends a command to usbmuxd and returns the header and body of its reply.
func (h *host) muxAsk(conn net.Conn, message map[string]any) ([4]uint32, map[string]any) {
	h.Helper()
	data, err := plist.Marshal(message, plist.XMLFormat)
	if err != nil {
		h.Fatal(err)
	}
	packet := make([]byte, 16, 16+len(data))
	for i, n := range []uint32{uint32(16 + len(data)), 1, 8, 7} {
		binary.LittleEndian.PutUint32(packet[4*i:], n)
	}
	if _, err := conn.Write(append(packet, data...)); err != nil {
		h.Fatal(err)
	}
	return h.muxRead(conn)
}

func (h *host) muxRead(conn net.Conn) (head [4]uint32, body map[string]any) {
	h.Helper()
	if err := binary.Read(conn, binary.LittleEndian, &head); err != nil {
		h.Fatal(err)
	}
	if head[0] < 16 || head[0] > 1<<20 {
		return head, nil
	}
	data := make([]byte, head[0]-16)
	if _, err := io.ReadFull(conn, data); err != nil {
		h.Fatal(err)
	}
	if _, err := plist.Unmarshal(data, &body); err != nil {
		h.Fatal(err)
	}
	return head, body
}

// connect connects to a port of a phone, by its number in the list of devices.
func (h *host) connect(device int, port uint16) net.Conn {
	h.Helper()
	conn := h.dial()
	_, reply := h.muxAsk(conn, map[string]any{
		"MessageType": "Connect", "DeviceID": device, "PortNumber": bits.ReverseBytes16(port),
	})
	if reply["Number"] != uint64(0) {
		h.Fatalf("connect to %d: %v", port, reply)
	}
	return conn
}

// certify makes the host's certificates for a phone's key.
func (h *host) certify(devicePublicKey any) {
	h.Helper()
	block, _ := pem.Decode(devicePublicKey.([]byte))
	phone, err := x509.ParsePKCS1PublicKey(block.Bytes)
	if err != nil {
		h.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62)) // the rest is the same for every host
	if err != nil {
		h.Fatal(err)
	}
	ca := &x509.Certificate{SerialNumber: serial,
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: true}
	certificate := func(ca, template *x509.Certificate, key *rsa.PublicKey) []byte {
		der, err := x509.CreateCertificate(rand.Reader, template, ca, key, hostKey())
		if err != nil {
			h.Fatal(err)
		}
		return der
	}
	leaf := *ca
	leaf.IsCA = false
	root, own := certificate(ca, ca, &hostKey().PublicKey), certificate(ca, &leaf, &hostKey().PublicKey)
	encode := func(der []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	h.cert = tls.Certificate{Certificate: [][]byte{own}, PrivateKey: hostKey()}
	h.id = "11111111-2222-3333-4444-555555555555"
	h.record = map[string]any{
		"HostID": h.id, "SystemBUID": "66666666-7777-8888-9999-000000000000",
		"RootCertificate": encode(root), "HostCertificate": encode(own),
		"DeviceCertificate": encode(certificate(ca, &leaf, phone)),
	}
}

// pair asks once for the phone's trust. The reply has the error, if any.
func (h *host) pair(device int) map[string]any {
	h.Helper()
	conn := h.connect(device, 62078)
	defer conn.Close()
	if h.record == nil {
		h.certify(h.ask(conn, map[string]any{"Request": "GetValue", "Key": "DevicePublicKey"})["Value"])
	}
	reply := h.ask(conn, map[string]any{"Request": "Pair", "PairRecord": h.record})
	h.bag, _ = reply["EscrowBag"].([]byte)
	return reply
}

// tls is our side of a handshake. The phone's verdict on our certificate comes
// with the first read.
func (h *host) tls(conn net.Conn) *tls.Conn {
	return tls.Client(conn, &tls.Config{Certificates: []tls.Certificate{h.cert}, InsecureSkipVerify: true})
}

// session opens a session with lockdown, of which nothing was read yet.
func (h *host) session(device int) *tls.Conn {
	h.Helper()
	conn := h.connect(device, 62078)
	reply := h.ask(conn, map[string]any{"Request": "StartSession", "HostID": h.id})
	if reply["EnableSessionSSL"] != true {
		h.Fatalf("StartSession: %v", reply)
	}
	return h.tls(conn)
}

// service starts a service and connects to it.
func (h *host) service(device int, name string) *tls.Conn {
	h.Helper()
	session := h.session(device)
	defer session.Close()
	reply := h.ask(session, map[string]any{"Request": "StartService", "Service": name})
	port, ok := reply["Port"].(uint64)
	if !ok {
		h.Fatalf("StartService %s: %v", name, reply)
	}
	return h.tls(h.connect(device, uint16(port)))
}

// newHost starts usbmuxd with phones, and pairs with the first where it lets us.
func newHost(t *testing.T, o fakedevice.Options) *host {
	t.Helper()
	h := &host{T: t, mux: start(t, o)}
	h.pair(1)
	return h
}

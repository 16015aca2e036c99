package fakedevice

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"sync"
	"time"
)

// The key of every phone, and the one of Faults.OtherKey and OwnKey. Making one
// takes up to a second, so a process makes each once; it never changes.
var (
	deviceKey = sync.OnceValue(newKey)
	otherKey  = sync.OnceValue(newKey)
)

func (p *Phone) key() *rsa.PrivateKey {
	if p.failing().OwnKey {
		return otherKey()
	}
	return deviceKey()
}

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // for a fixed, sound size never
	}
	return key
}

// devicePublicKey is the value DevicePublicKey: PEM of PKCS #1.
func (p *Phone) devicePublicKey() []byte {
	return pem.EncodeToMemory(&pem.Block{
		Type:  "RSA PUBLIC KEY",
		Bytes: x509.MarshalPKCS1PublicKey(&p.key().PublicKey),
	})
}

// otherCertificate is what an impostor presents: its own.
func otherCertificate() tls.Certificate {
	key := otherKey()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err) // for a fixed, sound template never
	}
	return tls.Certificate{Certificate: [][]byte{cert}, PrivateKey: key}
}

// startTLS is the phone's side of the handshake with a paired host. The host's
// certificate must be one of its pairing; it is in no chain that could be
// verified, and has no name.
func (p *Phone) startTLS(conn net.Conn, host *pairing) (net.Conn, error) {
	own := tls.Certificate{Certificate: [][]byte{host.deviceCert}, PrivateKey: p.key()}
	if p.failing().OtherKey {
		own = otherCertificate()
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{own},
		ClientAuth:   tls.RequireAnyClientCert,
		MinVersion:   tls.VersionTLS12,
		VerifyPeerCertificate: func(certs [][]byte, _ [][]*x509.Certificate) error {
			if p.spend(func(f *Faults) *int { return &f.TLSReject }) {
				return errors.New("refused, as the faults say")
			}
			if !host.presents(certs[0]) {
				return errors.New("certificate of another host")
			}
			return nil
		},
	}
	if p.failing().OnlyTLS12 {
		config.MaxVersion = tls.VersionTLS12
	}
	c := tls.Server(conn, config)
	if err := c.Handshake(); err != nil {
		p.record("tls", "handshake: %v", err)
		return conn, err
	}
	return c, nil
}

// endTLS closes a connection, which may be TLS.
func (p *Phone) endTLS(conn net.Conn) {
	if c, ok := conn.(*tls.Conn); ok && p.failing().BareClose {
		conn = c.NetConn()
	}
	conn.Close()
}

package lockdown

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"ibfs/capture/usbmux"
)

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func testRecord(t *testing.T) *usbmux.PairRecord {
	t.Helper()
	r, err := mint(encodePEM("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&testKey().PublicKey)), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func parse(t *testing.T, b []byte) *x509.Certificate {
	t.Helper()
	block, rest := pem.Decode(b)
	if block == nil || len(rest) > 0 {
		t.Fatal("no PEM, or more than one")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMint(t *testing.T) {
	r := testRecord(t)
	root, host, device := parse(t, r.RootCertificate), parse(t, r.HostCertificate), parse(t, r.DeviceCertificate)
	for name, c := range map[string]*x509.Certificate{"root": root, "host": host, "device": device} {
		if c.Version != 3 || c.SerialNumber.Int64() != 1 || len(c.Subject.Names)+len(c.Issuer.Names) > 0 {
			t.Errorf("%s: version %d, serial %v, subject %v", name, c.Version, c.SerialNumber, c.Subject)
		}
		if c.SignatureAlgorithm != x509.SHA256WithRSA || !c.BasicConstraintsValid || c.IsCA != (name == "root") {
			t.Errorf("%s: %v, CA %t", name, c.SignatureAlgorithm, c.IsCA)
		}
		if err := root.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if days := c.NotAfter.Sub(c.NotBefore).Hours() / 24; days < 3650 || days > 3651 || time.Until(c.NotBefore) > 0 {
			t.Errorf("%s: valid from %v for %v days", name, c.NotBefore, days)
		}
		if usage := x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment; name != "root" && c.KeyUsage != usage {
			t.Errorf("%s: usage %v", name, c.KeyUsage)
		}
	}
	if !testKey().PublicKey.Equal(device.PublicKey) || len(device.SubjectKeyId) != 20 {
		t.Error("the device certificate is not over its key")
	}
	for name, pair := range map[string][2][]byte{
		"host": {r.HostCertificate, r.HostPrivateKey}, "root": {r.RootCertificate, r.RootPrivateKey},
	} {
		if _, err := tls.X509KeyPair(pair[0], pair[1]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMintRefuses(t *testing.T) {
	small := &rsa.PublicKey{N: new(big.Int).Rsh(testKey().N, 1600), E: 65537}
	for name, b := range map[string][]byte{
		"nothing":     nil,
		"no PEM":      []byte("key"),
		"no key":      encodePEM("RSA PUBLIC KEY", []byte{1, 2, 3}),
		"a short key": encodePEM("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(small)),
	} {
		if _, err := mint(b, time.Now()); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	pkix, err := x509.MarshalPKIXPublicKey(&testKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parseDeviceKey(encodePEM("PUBLIC KEY", pkix)); err != nil {
		t.Errorf("PKIX: %v", err)
	}
}

// server is the phone's side of one handshake, with a certificate and its key.
func server(t *testing.T, certificate []byte, key *rsa.PrivateKey) net.Conn {
	t.Helper()
	client, phone := net.Pipe()
	t.Cleanup(func() { client.Close(); phone.Close() })
	der, _ := pem.Decode(certificate)
	go func() {
		c := tls.Server(phone, &tls.Config{
			Certificates: []tls.Certificate{{Certificate: [][]byte{der.Bytes}, PrivateKey: key}},
			ClientAuth:   tls.RequireAnyClientCert,
			// Authorities that ours is not of: real phones list what they like.
			ClientCAs: foreignAuthorities(),
		})
		if c.Handshake() == nil {
			sum := sha256.Sum256(c.ConnectionState().PeerCertificates[0].Raw)
			c.Write(sum[:])
		}
		phone.Close()
	}()
	return client
}

func foreignAuthorities() *x509.CertPool {
	pool := x509.NewCertPool()
	der, err := x509.CreateCertificate(rand.Reader, template(time.Now()), template(time.Now()), &testKey().PublicKey, testKey())
	if err != nil {
		panic(err)
	}
	pool.AppendCertsFromPEM(encodePEM("CERTIFICATE", der))
	return pool
}

func TestSecurePinsThePhonesKey(t *testing.T) {
	ours, others := testRecord(t), testRecord(t)
	otherKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	posing, err := mint(encodePEM("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&otherKey.PublicKey)), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		certificate []byte
		key         *rsa.PrivateKey
		anyKey      bool
		want        error
	}{
		"its own":                     {ours.DeviceCertificate, testKey(), false, nil},
		"its key, another's signing":  {others.DeviceCertificate, testKey(), false, nil},
		"another key":                 {posing.DeviceCertificate, otherKey, false, ErrOtherPhone},
		"another key, and it is told": {posing.DeviceCertificate, otherKey, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := tlsConfig(ours, c.anyKey)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := secure(t.Context(), server(t, c.certificate, c.key), config)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("got %v", err)
			}
			if err != nil {
				return
			}
			defer conn.Close()
			got := make([]byte, sha256.Size)
			if _, err := conn.Read(got); err != nil {
				t.Fatal(err)
			}
			if want := sha256.Sum256(parse(t, ours.HostCertificate).Raw); !bytes.Equal(got, want[:]) {
				t.Error("it is not the host's certificate that was presented")
			}
		})
	}
}

func TestSecureEndsWithItsContext(t *testing.T) {
	config, err := tlsConfig(testRecord(t), false)
	if err != nil {
		t.Fatal(err)
	}
	client, phone := net.Pipe()
	defer phone.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := secure(ctx, client, config); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a silent phone: %v", err)
	}
}

func TestTLSConfigRefusesBadRecords(t *testing.T) {
	good, other := testRecord(t), testRecord(t)
	for name, spoil := range map[string]func(*usbmux.PairRecord){
		"another's key":         func(r *usbmux.PairRecord) { r.HostPrivateKey = other.HostPrivateKey },
		"no host certificate":   func(r *usbmux.PairRecord) { r.HostCertificate = nil },
		"no device certificate": func(r *usbmux.PairRecord) { r.DeviceCertificate = []byte("x") },
		"a device key instead":  func(r *usbmux.PairRecord) { r.DeviceCertificate = encodePEM("CERTIFICATE", []byte{1}) },
	} {
		r := *good
		spoil(&r)
		if _, err := tlsConfig(&r, false); !errors.Is(err, usbmux.ErrBadRecord) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

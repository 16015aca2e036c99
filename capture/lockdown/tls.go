package lockdown

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"time"

	"ibfs/capture/deadline"
	"ibfs/capture/usbmux"
)

// tlsConfig is how a host that has the record talks TLS to its phone.
//
// The phone's certificate is the record's DeviceCertificate. Its names are
// empty, so no ordinary verification can succeed: its public key must be the
// record's, unless anyKey. The host's certificate is sent whatever authorities
// the phone lists.
func tlsConfig(r *usbmux.PairRecord, anyKey bool) (*tls.Config, error) {
	host, err := tls.X509KeyPair(r.HostCertificate, r.HostPrivateKey)
	if err != nil {
		return nil, fmt.Errorf("%w: its host certificate and key do not fit", usbmux.ErrBadRecord)
	}
	device, err := deviceCertificate(r)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:           tls.VersionTLS12,
		InsecureSkipVerify:   true,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &host, nil },
		VerifyConnection: func(s tls.ConnectionState) error {
			if !anyKey && !bytes.Equal(s.PeerCertificates[0].RawSubjectPublicKeyInfo, device.RawSubjectPublicKeyInfo) {
				return ErrOtherKey
			}
			return nil
		},
	}, nil
}

// deviceCertificate is the one that the phone was given when it was paired.
func deviceCertificate(r *usbmux.PairRecord) (*x509.Certificate, error) {
	block, _ := pem.Decode(r.DeviceCertificate)
	if block == nil {
		return nil, fmt.Errorf("%w: its device certificate is none", usbmux.ErrBadRecord)
	}
	device, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: its device certificate is none", usbmux.ErrBadRecord)
	}
	return device, nil
}

// A secureConn is TLS over a connection, whose Close does not wait for a phone
// that reads no more. One that has closed before us is no error.
type secureConn struct {
	*tls.Conn
}

func (c secureConn) Close() error {
	raw := c.NetConn()
	timer := time.AfterFunc(closeTimeout, func() { _ = raw.Close() })
	defer timer.Stop()
	_ = c.Conn.Close()
	return nil
}

// secure starts TLS on conn, which stays the caller's to close when it fails.
func secure(ctx context.Context, conn net.Conn, config *tls.Config) (net.Conn, error) {
	c := tls.Client(conn, config)
	done := deadline.Set(ctx, conn.SetDeadline, handshakeTimeout)
	if err := done(c.Handshake()); err != nil {
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	return secureConn{c}, nil
}

package lockdown

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"ibfs/capture/usbmux"
)

const hostKeyBits = 2048

// mint makes the certificates of a new pairing over the phone's public key, as
// lockdownd gives it: PEM, of PKCS #1 or PKIX.
//
// Three certificates of version 3, with empty names and the serial number 1: a
// new root, and a host (with a new key) and the device, both signed by it. The
// device presents its own in TLS.
func mint(devicePublicKey []byte, now time.Time) (*usbmux.PairRecord, error) {
	deviceKey, err := parseDeviceKey(devicePublicKey)
	if err != nil {
		return nil, err
	}
	rootKey, err := rsa.GenerateKey(rand.Reader, hostKeyBits)
	if err != nil {
		return nil, err
	}
	hostKey, err := rsa.GenerateKey(rand.Reader, hostKeyBits)
	if err != nil {
		return nil, err
	}
	authority := template(now)
	authority.IsCA = true
	root, err := x509.CreateCertificate(rand.Reader, authority, authority, rootKey.Public(), rootKey)
	if err != nil {
		return nil, err
	}
	leaf := template(now)
	leaf.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	host, err := x509.CreateCertificate(rand.Reader, leaf, authority, hostKey.Public(), rootKey)
	if err != nil {
		return nil, err
	}
	if leaf.SubjectKeyId, err = keyID(deviceKey); err != nil {
		return nil, err
	}
	device, err := x509.CreateCertificate(rand.Reader, leaf, authority, deviceKey, rootKey)
	if err != nil {
		return nil, err
	}
	return &usbmux.PairRecord{
		RootCertificate:   encodePEM("CERTIFICATE", root),
		HostCertificate:   encodePEM("CERTIFICATE", host),
		DeviceCertificate: encodePEM("CERTIFICATE", device),
		RootPrivateKey:    encodePEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rootKey)),
		HostPrivateKey:    encodePEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(hostKey)),
	}, nil
}

func template(now time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotBefore:             now.Add(-time.Minute), // the phone's clock may be behind
		NotAfter:              now.AddDate(0, 0, 3650),
		SignatureAlgorithm:    x509.SHA256WithRSA,
		BasicConstraintsValid: true,
	}
}

// keyID is the SHA-1 of a public key, as RFC 5280 4.2.1.2 has it.
func keyID(key crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	if k, ok := key.(*rsa.PublicKey); ok {
		der = x509.MarshalPKCS1PublicKey(k)
	}
	sum := sha1.Sum(der)
	return sum[:], nil
}

func parseDeviceKey(b []byte) (crypto.PublicKey, error) {
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, errors.New("the phone's public key is no PEM")
	}
	if key, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
		if bits := key.N.BitLen(); bits < 1024 || bits > 8192 {
			return nil, fmt.Errorf("the phone's public key has %d bits", bits)
		}
		return key, nil
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the phone's public key is neither PKCS #1 nor PKIX")
	}
	return key, nil
}

func encodePEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

package fakedevice

import (
	"bytes"
	"crypto/rand"
	"encoding/pem"
)

// A pairing is what the phone keeps of a host that it trusts. Certificates are
// in DER.
type pairing struct {
	hostCert, rootCert, deviceCert []byte
	escrowBag                      []byte
}

// presents says whether the host may present a certificate: its own, or as
// idevicebackup2 does, the root.
func (h *pairing) presents(cert []byte) bool {
	return bytes.Equal(cert, h.hostCert) || bytes.Equal(cert, h.rootCert)
}

// pair answers Pair. A host that is trusted already is not asked about again.
func (l *lockdown) pair(record map[string]any) (map[string]any, error) {
	p := l.phone
	for _, key := range []string{"RootPrivateKey", "HostPrivateKey"} {
		if _, ok := record[key]; ok {
			p.record("lockdown", "Pair: the host sent its %s", key)
		}
	}
	id, _ := record["HostID"].(string)
	buid, _ := record["SystemBUID"].(string)
	host := &pairing{
		hostCert:   certificate(record["HostCertificate"]),
		rootCert:   certificate(record["RootCertificate"]),
		deviceCert: certificate(record["DeviceCertificate"]),
	}
	switch {
	case id == "" || buid == "" || host.hostCert == nil || host.rootCert == nil || host.deviceCert == nil:
		return nil, lockdownError("InvalidPairRecord")
	case l.network:
		return nil, lockdownError("PairingProhibitedOverThisConnection")
	case p.pairing(id) != nil:
	case p.Locked(), p.spend(func(f *Faults) *int { return &f.PairLocked }):
		return nil, lockdownError("PasswordProtected")
	case p.spend(func(f *Faults) *int { return &f.PairPending }):
		return nil, lockdownError("PairingDialogResponsePending")
	case p.failing().PairDenied:
		return nil, lockdownError("UserDeniedPairing")
	}
	reply := map[string]any{}
	if !p.failing().NoEscrowBag {
		host.escrowBag = make([]byte, 32)
		_, _ = rand.Read(host.escrowBag) // never fails
		reply["EscrowBag"] = host.escrowBag
	}
	p.mu.Lock()
	p.pairings[id] = host
	p.mu.Unlock()
	p.record("lockdown", "Pair")
	return reply, nil
}

// known answers ValidatePair and Unpair.
func (l *lockdown) known(req lockdownRequest) (map[string]any, error) {
	id, _ := req.PairRecord["HostID"].(string)
	if l.phone.pairing(id) == nil {
		return nil, lockdownError("InvalidHostID")
	}
	if req.Request == "Unpair" {
		l.phone.mu.Lock()
		delete(l.phone.pairings, id)
		l.phone.mu.Unlock()
	}
	l.phone.record("lockdown", "%s", req.Request)
	return map[string]any{}, nil
}

func (p *Phone) pairing(hostID string) *pairing {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pairings[hostID]
}

// Forget ends the trust in every host, as Reset Location & Privacy does.
func (p *Phone) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.pairings)
}

// certificate is the DER of a PEM certificate in a pair record, or nil.
func certificate(v any) []byte {
	data, _ := v.([]byte)
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil
	}
	return block.Bytes
}

package usbmux

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"ibfs/capture/plist"
)

// A PairRecord is what makes this host known to a phone: with its private keys
// anyone can. It does not show itself when it is printed or logged.
type PairRecord struct {
	HostID     string // a UUID in upper case
	SystemBUID string // the BUID of the daemon that paired

	// PEM.
	RootCertificate, HostCertificate, DeviceCertificate []byte
	RootPrivateKey, HostPrivateKey                      []byte

	EscrowBag      []byte // opens a locked phone to services; may be absent
	WiFiMACAddress string
}

// ParsePairRecord reads a record as the daemon keeps it: a property list. One
// without what a session needs wraps ErrBadRecord.
func ParsePairRecord(b []byte) (*PairRecord, error) {
	d, err := plist.DecodeDict(b)
	if err != nil {
		return nil, ErrBadRecord // its text could hold a key
	}
	r := &PairRecord{
		HostID:            d.String("HostID"),
		SystemBUID:        d.String("SystemBUID"),
		RootCertificate:   d.Bytes("RootCertificate"),
		HostCertificate:   d.Bytes("HostCertificate"),
		DeviceCertificate: d.Bytes("DeviceCertificate"),
		RootPrivateKey:    d.Bytes("RootPrivateKey"),
		HostPrivateKey:    d.Bytes("HostPrivateKey"),
		EscrowBag:         d.Bytes("EscrowBag"),
		WiFiMACAddress:    d.String("WiFiMACAddress"),
	}
	for name, empty := range map[string]bool{
		"HostID":            r.HostID == "",
		"SystemBUID":        r.SystemBUID == "",
		"HostCertificate":   len(r.HostCertificate) == 0,
		"DeviceCertificate": len(r.DeviceCertificate) == 0,
		"HostPrivateKey":    len(r.HostPrivateKey) == 0,
	} {
		if empty {
			return nil, fmt.Errorf("%w: it has no %s", ErrBadRecord, name)
		}
	}
	return r, nil
}

// Encode is the record as a property list of XML.
func (r *PairRecord) Encode() ([]byte, error) {
	d := map[string]any{}
	for key, v := range map[string]string{
		"HostID": r.HostID, "SystemBUID": r.SystemBUID, "WiFiMACAddress": r.WiFiMACAddress,
	} {
		if v != "" {
			d[key] = v
		}
	}
	for key, v := range map[string][]byte{
		"RootCertificate": r.RootCertificate, "HostCertificate": r.HostCertificate, "DeviceCertificate": r.DeviceCertificate,
		"RootPrivateKey": r.RootPrivateKey, "HostPrivateKey": r.HostPrivateKey, "EscrowBag": r.EscrowBag,
	} {
		if len(v) > 0 {
			d[key] = v
		}
	}
	return plist.XML(d)
}

// Format shows nothing of the record, whatever the verb.
func (PairRecord) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(a pair record)") }

// LogValue shows nothing of the record.
func (PairRecord) LogValue() slog.Value { return slog.StringValue("(a pair record)") }

// PairRecord asks the daemon for its record of a device. The error wraps
// ErrNotPaired when it has none.
func (m *Mux) PairRecord(ctx context.Context, udid string) (*PairRecord, error) {
	answer, err := m.ask(ctx, readRecordRequest, map[string]any{"PairRecordID": udid})
	if err != nil {
		return nil, err
	}
	r, err := ParsePairRecord(answer.Bytes("PairRecordData"))
	if err != nil {
		return nil, fmt.Errorf("read pair record: %w", err)
	}
	return r, nil
}

// SavePairRecord gives the daemon a record to keep, which it tells to whoever
// watches, and which every user of this machine can then read.
func (m *Mux) SavePairRecord(ctx context.Context, dev Device, r *PairRecord) error {
	data, err := r.Encode()
	if err != nil {
		return err
	}
	_, err = m.ask(ctx, saveRecordRequest, map[string]any{
		"PairRecordID": dev.UDID, "PairRecordData": data, "DeviceID": dev.ID,
	})
	return err
}

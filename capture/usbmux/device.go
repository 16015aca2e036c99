package usbmux

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/danielpaulus/go-ios/ios"

	"ibfs/capture/plist"
)

// How a device is connected.
const (
	USB     = "USB"
	Network = "Network"
)

// A Device is one connection to a phone. A phone that comes back has another ID.
type Device struct {
	ID         int    // the daemon's number for the connection, from 1 up
	UDID       string // 40 hexadecimal digits, or 8, a dash and 16
	Connection string // USB or Network
}

// Devices lists what is connected, each phone once, by UDID: by USB where it is
// there both ways.
func (m *Mux) Devices(ctx context.Context) ([]Device, error) {
	answer, err := m.ask(ctx, listRequest, nil)
	if err != nil {
		return nil, err
	}
	list, ok := answer["DeviceList"].([]any)
	if !ok {
		return nil, fmt.Errorf("ask usbmuxd: %s: %w: no list", listRequest, ErrProtocol)
	}
	var devices []Device
	for _, entry := range list {
		message, _ := entry.(map[string]any)
		if dev, ok := attached(message); ok {
			devices = append(devices, dev)
		}
	}
	return oncePerPhone(devices), nil
}

func oncePerPhone(devices []Device) []Device {
	slices.SortStableFunc(devices, func(a, b Device) int {
		return cmp.Or(strings.Compare(bareUDID(a.UDID), bareUDID(b.UDID)), cmp.Compare(b.Connection, a.Connection))
	})
	return slices.CompactFunc(devices, func(a, b Device) bool { return SameUDID(a.UDID, b.UDID) })
}

// attached reads an Attached message. It gives false for one that names no
// phone: a daemon lists a device whose serial number it could not read yet under
// forty f.
func attached(message plist.Dict) (Device, bool) {
	properties := message.Dict("Properties")
	id, ok := message.Int("DeviceID")
	if !ok {
		id, _ = properties.Int("DeviceID")
	}
	dev := Device{
		ID:         int(id),
		UDID:       normalUDID(properties.String("SerialNumber")),
		Connection: properties.String("ConnectionType"),
	}
	if dev.Connection != Network {
		dev.Connection = USB
	}
	return dev, id > 0 && id <= 1<<31-1 && isUDID(dev.UDID)
}

// normalUDID gives the newer kind of UDID the dash that some daemons leave out.
func normalUDID(s string) string {
	if len(s) == 24 && !strings.Contains(s, "-") {
		return s[:8] + "-" + s[8:]
	}
	return s
}

func isUDID(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		letter := 'a' <= r|0x20 && r|0x20 <= 'z'
		return r >= 0x80 || !letter && r != '-' && (r < '0' || '9' < r)
	}) && !strings.EqualFold(s, strings.Repeat("f", 40))
}

// SameUDID compares two UDIDs without regard to case and dashes.
func SameUDID(a, b string) bool { return bareUDID(a) == bareUDID(b) }

func bareUDID(s string) string { return strings.ToLower(strings.ReplaceAll(s, "-", "")) }

// swapped is a port as a Connect request takes it: with its two bytes swapped.
func swapped(port uint16) int { return int(ios.Ntohs(port)) }

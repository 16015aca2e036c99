package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"ibfs/capture"
	"ibfs/capture/usbmux"
)

// A connected phone, and what it says of itself.
type connected struct {
	capture.Identity
	Connection string `json:"connection"` // "USB" or "Network"
	Paired     bool   `json:"paired"`     // with this computer
	Error      string `json:"error,omitempty"`

	dev usbmux.Device
}

// phoneTitle is how a phone is called where a person reads it.
func phoneTitle(p *capture.Phone) string {
	return connected{Identity: p.Identity, dev: usbmux.Device{UDID: p.UDID}}.title()
}

func (c connected) title() string {
	if c.Name == "" {
		return c.dev.UDID
	}
	return shown(c.Name, nameWidth)
}

// lookAround asks all connected phones who they are.
func (a *app) lookAround(ctx context.Context, mux *usbmux.Mux) ([]connected, error) {
	devices, err := mux.Devices(ctx)
	if err != nil {
		return nil, err
	}
	return a.lookAt(ctx, mux, devices)
}

// lookAt asks these phones who they are, side by side: one may be asleep.
func (a *app) lookAt(ctx context.Context, mux *usbmux.Mux, devices []usbmux.Device) ([]connected, error) {
	all := make([]connected, len(devices))
	var wg sync.WaitGroup
	for i, dev := range devices {
		wg.Go(func() { all[i] = a.whoIs(ctx, mux, dev) })
	}
	wg.Wait()
	return all, ctx.Err()
}

func (a *app) whoIs(ctx context.Context, mux *usbmux.Mux, dev usbmux.Device) connected {
	c := connected{Identity: capture.Identity{UDID: dev.UDID}, Connection: dev.Connection, dev: dev}
	_, err := mux.PairRecord(ctx, dev.UDID)
	c.Paired = err == nil
	id, err := capture.Look(ctx, dev, capture.Options{Mux: mux, Log: a.logger()})
	if err != nil {
		c.Error = oneLine(err.Error())
		return c
	}
	c.Identity = id
	return c
}

// choose finds the phones that a command is about: the one named, or the only
// one, or all. When it is named by its whole UDID no other is asked anything.
func (a *app) choose(ctx context.Context, mux *usbmux.Mux, name string, all bool) ([]connected, error) {
	devices, err := mux.Devices(ctx)
	if err != nil {
		return nil, err
	}
	for i, dev := range devices {
		if usbmux.SameUDID(dev.UDID, name) {
			return a.lookAt(ctx, mux, devices[i:i+1])
		}
	}
	there, err := a.lookAt(ctx, mux, devices)
	if err != nil {
		return nil, err
	}
	found := there
	if name != "" {
		found = slices.DeleteFunc(slices.Clone(there), func(c connected) bool { return !c.is(name) })
	}
	switch {
	case len(there) == 0:
		return nil, errNoPhone
	case len(found) == 0:
		return nil, fmt.Errorf("%w is called %q; connected: %s", errNoSuchPhone, printable(name), titles(there))
	case len(found) > 1 && !all:
		return nil, fmt.Errorf("%w connected: %s", errWhichPhone, titles(found))
	}
	return found, nil
}

// is says whether a name means this phone.
func (c connected) is(name string) bool {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "-", "")) }
	return strings.EqualFold(c.Name, name) || len(name) >= 4 && strings.HasPrefix(plain(c.UDID), plain(name))
}

func titles(all []connected) string {
	var names []string
	for _, c := range all {
		names = append(names, fmt.Sprintf("%s (%s)", printable(c.title()), printable(c.UDID)))
	}
	return strings.Join(names, ", ")
}

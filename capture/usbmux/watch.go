package usbmux

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"ibfs/capture/deadline"
)

// What a Watch tells.
const (
	Attached = "Attached"
	Detached = "Detached"
	Paired   = "Paired" // the daemon has a new pair record of the device
)

// An Event is a device that came, went or was paired. A device that is there by
// USB and by network comes and goes twice.
type Event struct {
	Kind   string // Attached, Detached or Paired
	Device Device
}

// Watch calls tell for each device that is there, and then as devices come, go
// and are paired, until the context ends or the daemon does, which some do when
// the last phone is gone: then what is still there counts as gone, and the error
// is ErrNotRunning. It is never nil.
func (m *Mux) Watch(ctx context.Context, tell func(Event)) error {
	l, err := m.dial(ctx, 0)
	if err != nil {
		return err
	}
	defer l.Close()
	if _, err := l.ask(listenRequest, nil); err != nil {
		return hasEnded(err)
	}
	known := map[int64]Device{}
	for {
		_, message, err := l.receive()
		if err != nil {
			err = hasEnded(l.failed(listenRequest, err))
			if errors.Is(err, ErrNotRunning) {
				for _, id := range slices.Sorted(maps.Keys(known)) {
					tell(Event{Detached, known[id]})
				}
			}
			return fmt.Errorf("watch devices: %w", err)
		}
		id, _ := message.Int("DeviceID")
		kind := message.String("MessageType")
		switch kind {
		case Attached:
			dev, ok := attached(message)
			if !ok {
				m.log.Debug("usbmuxd lists what is no phone", "id", id)
				continue
			}
			known[int64(dev.ID)] = dev
			tell(Event{kind, dev})
		case Detached, Paired:
			if dev, ok := known[id]; ok {
				tell(Event{kind, dev})
			}
			if kind == Detached {
				delete(known, id)
			}
		default:
			m.log.Debug("usbmuxd sent an unknown event", "kind", kind)
		}
	}
}

// hasEnded says of an error whether it is the daemon's end.
func hasEnded(err error) error {
	if deadline.Gone(err) {
		return fmt.Errorf("%w: %w", ErrNotRunning, err)
	}
	return err
}

package fakedevice

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// An Event is something that a client did to a phone. It holds no secret.
type Event struct {
	Source string // the service, by the last part of its name, or "mux", "lockdown", "tls"
	Text   string // such as "post com.apple.itunes-mobdev.syncWillStart"
}

func (e Event) String() string { return e.Source + ": " + e.Text }

type eventLog struct {
	mu     sync.Mutex // guards events
	events []Event
}

// record adds to the event log. Nothing secret may be in it.
func (p *Phone) record(source, format string, args ...any) {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	p.log.events = append(p.log.events, Event{source, fmt.Sprintf(format, args...)})
}

// Events are those so far, in order, of the sources named or of all.
func (p *Phone) Events(sources ...string) []Event {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	events := slices.Clone(p.log.events)
	if len(sources) == 0 {
		return events
	}
	return slices.DeleteFunc(events, func(e Event) bool { return !slices.Contains(sources, e.Source) })
}

// source is a service's name in the event log: "afc" for com.apple.afc.
func source(service string) string { return service[strings.LastIndexByte(service, '.')+1:] }

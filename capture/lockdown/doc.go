// Package lockdown talks to lockdownd, the phone's doorkeeper on port 62078:
// values, pairing, sessions over TLS, and starting services.
//
// A message is a frame (plist.ReadFrame) with a property list, XML from us. A
// request has Label and Request, and what it needs; the reply has the same
// Request, and an Error where it failed. Source: libimobiledevice lockdown.c.
//
// It needs iOS 12 or later. Pair records, escrow bags and session messages are
// in no log and no error.
package lockdown

import (
	"log/slog"
	"time"
)

const (
	port     = 62078
	label    = "ibfs"
	maxReply = 16 << 20

	// answerTimeout bounds one answer, handshakeTimeout a TLS handshake, stopTimeout
	// the end of a session, and closeTimeout that of TLS.
	answerTimeout    = 30 * time.Second
	handshakeTimeout = 15 * time.Second
	stopTimeout      = 500 * time.Millisecond
	closeTimeout     = 100 * time.Millisecond
)

// Options say how phones are talked to. The zero value is right for all but tests.
type Options struct {
	Log *slog.Logger // nil is none

	// AnyKey leaves out the check that the phone holds the key of the
	// DeviceCertificate in the pair record. The check is not yet proven on every
	// kind of phone; without it, what sits at the other end of the cable or of
	// the network may pose as the phone.
	AnyKey bool

	Pause time.Duration // between two tries; 0 is one second
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Pause == 0 {
		o.Pause = time.Second
	}
	return o
}

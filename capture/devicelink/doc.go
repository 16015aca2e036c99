// Package devicelink speaks DeviceLink, the layer below a phone's backup
// service, as the host: frames, the opening, the messages by which the phone
// works on a folder of ours, and the files that go both ways between them.
//
// A message is a uint32 big-endian length and a property list, an array with the
// message's name first. [Conn.Process] sends a request; [Conn.Serve] then does what
// the phone asks for until its final answer comes. The folder is a [Store]: this
// package knows neither disks nor backups, and what a request means is for
// package mobilebackup2.
//
// The phone is not trusted. No length that it names is allocated before that many
// bytes have come, a message is at most [MaxMessage] bytes and is read in place
// (package bplist), and what a file brings goes to the Store a piece at a time.
package devicelink

import (
	"errors"
	"time"
)

const (
	// MaxMessage is the length of the longest message, in bytes.
	MaxMessage = 256 << 20

	// MaxName is the length of the longest path, in bytes.
	MaxName = 4096

	// maxText is how much of the text of a remote error is kept. The wire allows
	// any length; what is longer is read and dropped.
	maxText = 1024

	// maxFrame is the longest piece of a file that goes to the phone. The phone
	// holds a whole frame in memory, and with larger ones its backup agent is
	// killed over a Manifest.db of 1.5 GB. Apple's own host sends 32 KiB.
	// Source: pymobiledevice3 issues 1165 and 1857.
	maxFrame = 32 << 10
)

var (
	// ErrProtocol says that the phone broke the protocol. The stream cannot be
	// followed any further.
	ErrProtocol = errors.New("the phone broke the protocol")

	// ErrSilent says that the phone sent nothing for longer than [Patience] allows.
	ErrSilent = errors.New("the phone fell silent")

	// ErrClosed says that the phone ended the link before its final answer.
	ErrClosed = errors.New("the phone ended the link without a final answer")

	// ErrRefused says that the phone asked for what no phone may: a path outside
	// its folder, say.
	ErrRefused = errors.New("refused")
)

// Patience is how long the phone may be silent. The zero value of a field is its
// default. Phones are slow: half a minute, which others allow, ends good runs
// (libimobiledevice issues 1413 and 1707).
type Patience struct {
	First   time.Duration // before the first message after a request, with the passcode prompt; 10 min
	Message time.Duration // between messages; 30 min
	Byte    time.Duration // inside a message and among files, in both directions; 5 min
}

func (p Patience) withDefaults() Patience {
	defaulted := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	defaulted(&p.First, 10*time.Minute)
	defaulted(&p.Message, 30*time.Minute)
	defaulted(&p.Byte, 5*time.Minute)
	return p
}

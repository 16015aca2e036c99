// Package bplist reads and writes the property lists of DeviceLink messages.
//
// Reading is lazy: a [Value] is a place in the message, and only what is asked
// for is looked at. So a message costs its own bytes, however many entries it
// has and however often they name each other: one that contains itself is as
// cheap as any other, since nobody follows it further than [MaxDepth].
//
// Package capture/plist, which reads the rest of what phones say, builds the whole
// value, and stops where a message of DeviceLink need not: four million moves are
// legal, and so is what a list says twice.
//
// The package knows no message, no name in one, and no Go struct to fill.
package bplist

const (
	// MaxDepth is how deep the containers of a property list may lie in each other.
	MaxDepth = 64

	// MaxEntries is how many entries an array or a dictionary may have.
	MaxEntries = 4 << 20

	// MaxXML is the length of the longest property list of XML, in bytes. Phones
	// send binary ones; XML is what other programs make of them.
	MaxXML = 16 << 20
)

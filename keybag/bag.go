// Package keybag turns a backup's password into the keys of its files.
//
// A backup keybag is a flat list of tags: how to derive a key from the
// password, then one entry for each protection class with that class's key,
// wrapped. Parse reads the list, Bag.Derive does the slow derivation,
// Bag.Unlock unwraps the class keys, and Keys.Unwrap unwraps the key of one
// file with the key of its class.
//
// The package knows bytes only: neither property lists nor files nor where a
// keybag lies, and nothing of how file contents are encrypted.
package keybag

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Limits on what is accepted. A real keybag is about 2 KiB long, with 11
// classes.
const (
	maxBag     = 64 << 10
	maxClasses = 64
	maxRounds  = 1e9
)

// ErrDamaged is a keybag that no password can open.
var ErrDamaged = errors.New("the keybag is damaged")

// A Class is the number of a protection class: 1 to 4 are classes of files, 5
// to 11 so far belong to the phone and its keychain.
type Class uint32

// String is the number, with the name that Apple gives a class of files.
func (c Class) String() string {
	if !c.ofFiles() {
		return fmt.Sprintf("class %d", uint32(c))
	}
	names := [...]string{"Complete", "CompleteUnlessOpen", "CompleteUntilFirstUserAuthentication", "None"}
	return fmt.Sprintf("class %d (NSFileProtection%s)", uint32(c), names[c-1])
}

func (c Class) ofFiles() bool { return c >= 1 && c <= 4 }

// A Bag is a parsed keybag. It holds nothing secret.
type Bag struct {
	UUID    [16]byte // changes with the backup password
	Version uint32   // 3 to 5 so far
	Type    uint32   // 1 is a backup's
	Classes []ClassKey

	sha1, sha256 stage // sha256 is zero before iOS 10.2
}

// A stage is the input of one PBKDF2 derivation, apart from the password.
type stage struct {
	salt   []byte
	rounds uint32
}

func (s stage) absent() bool { return len(s.salt) == 0 && s.rounds == 0 }

// A ClassKey is the entry of one class.
type ClassKey struct {
	Class   Class
	Wrap    uint32 // bits: 1 wrapped by the phone's own key, 2 by the password
	KeyType uint32 // 0 AES, 1 Curve25519
	Wrapped []byte // 40 bytes in a sound bag
}

// Parse reads a keybag.
//
// Shape: tags of four ASCII bytes, each with a uint32 big-endian length and
// as many bytes of value; numbers are uint32 big-endian. The first UUID is the
// bag's, each later one begins the entry of a class. Unknown tags, numbers of
// another length than 4 and entries without a class number are passed over; a
// cut tail ends the list. A bag without a UUID, of more than 64 KiB or of more
// than 64 classes is ErrDamaged.
//
// Source: Apple Platform Security, "Keybags for Data Protection"; the tags as
// dunhamsteve/ios keybag/keybag.go and iphone_backup_decrypt read them.
func Parse(b []byte) (*Bag, error) {
	if len(b) > maxBag {
		return nil, fmt.Errorf("parse keybag of %d bytes: %w", len(b), ErrDamaged)
	}
	var (
		bag   = new(Bag)
		ids   int
		entry ClassKey
		flush = func() {
			if entry.Class != 0 {
				bag.Classes = append(bag.Classes, entry)
			}
			entry = ClassKey{}
		}
	)
	for tag, value := range tags(bytes.Clone(b)) {
		if tag == "UUID" {
			flush()
			if ids++; ids == 1 {
				copy(bag.UUID[:], value)
			}
			if ids > 1+maxClasses {
				return nil, fmt.Errorf("parse keybag of more than %d classes: %w", maxClasses, ErrDamaged)
			}
			continue
		}
		if !bag.set(tag, value) && ids > 1 {
			entry.set(tag, value)
		}
	}
	flush()
	if ids == 0 {
		return nil, fmt.Errorf("parse keybag without UUID: %w", ErrDamaged)
	}
	return bag, nil
}

// tags yields the tags of a keybag with their values, up to the first that is
// cut.
func tags(b []byte) func(yield func(tag string, value []byte) bool) {
	return func(yield func(string, []byte) bool) {
		for len(b) >= 8 {
			tag, n := string(b[:4]), uint64(binary.BigEndian.Uint32(b[4:8]))
			b = b[8:]
			if n > uint64(len(b)) || !yield(tag, b[:n:n]) {
				return
			}
			b = b[n:]
		}
	}
}

// set takes a tag of the bag itself, which may follow those of classes.
func (b *Bag) set(tag string, value []byte) bool {
	switch tag {
	case "VERS":
		setNumber(&b.Version, value)
	case "TYPE":
		setNumber(&b.Type, value)
		b.Type &= 0x3fffffff // the two high bits are flags
	case "SALT":
		b.sha1.salt = value
	case "ITER":
		setNumber(&b.sha1.rounds, value)
	case "DPSL":
		b.sha256.salt = value
	case "DPIC":
		setNumber(&b.sha256.rounds, value)
	default:
		return false
	}
	return true
}

func (e *ClassKey) set(tag string, value []byte) {
	switch tag {
	case "CLAS":
		setNumber((*uint32)(&e.Class), value)
	case "WRAP":
		setNumber(&e.Wrap, value)
	case "KTYP":
		setNumber(&e.KeyType, value)
	case "WPKY":
		e.Wrapped = value
	}
}

func setNumber(dst *uint32, value []byte) {
	if len(value) == 4 {
		*dst = binary.BigEndian.Uint32(value)
	}
}

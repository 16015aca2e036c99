package keybag

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// What a caller can tell apart when keys are unwrapped.
var (
	ErrWrongPassword = errors.New("the backup password is wrong")
	ErrNoClass       = errors.New("no key for this protection class")
	ErrIntegrity     = errors.New("the wrapped key fails its integrity check")
)

const (
	wrappedSize = keySize + 8

	byPassword          = 2 // Wrap: with the password's key alone
	byPhoneThenPassword = 3 // Wrap: the phone's own key lies beneath
)

// decides says whether the password is right if it unwraps this entry, and
// wrong if it unwraps none such.
func (e ClassKey) decides() bool {
	return e.Wrap == byPassword && e.KeyType == 0 && len(e.Wrapped) == wrappedSize
}

// candidate says whether unwrapping may give a class key, though the check
// passes even when the phone's key still lies beneath it.
func (e ClassKey) candidate() bool {
	return e.Wrap == byPhoneThenPassword && e.Class.ofFiles() && e.KeyType == 0 && len(e.Wrapped) == wrappedSize
}

// wanted says whether the lack of this entry's key is worth a word: keys that
// only the phone opens are lacking in every backup.
func (e ClassKey) wanted() bool {
	return e.Wrap == byPassword || e.Wrap == byPhoneThenPassword && e.Class.ofFiles()
}

// Keys are the unwrapped class keys of a bag. All methods may be called side
// by side.
type Keys struct {
	unavailable []Class

	mu      sync.Mutex // guards what follows
	classes []Class    // of each key in mem; a class may have several
	mem     []byte     // scratchSize bytes, then the keys
}

const scratchSize = 16

// Unlock unwraps the class keys with a key that Derive gave.
//
// A key that opens no class is ErrWrongPassword; a bag without a class that a
// password could open is ErrDamaged. Classes that failed though others did not
// are in Keys.Unavailable.
func (b *Bag) Unlock(key []byte) (*Keys, error) {
	if err := b.Check(); err != nil {
		return nil, fmt.Errorf("unlock keybag: %w", err)
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("unlock keybag with a key of %d bytes: %w", len(key), ErrWrongPassword)
	}
	kek, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("unlock keybag: %w", err)
	}
	// All at once: to grow it would leave copies of keys behind.
	k := &Keys{mem: make([]byte, scratchSize, scratchSize+keySize*len(b.Classes))}
	opened := false
	for _, e := range b.Classes {
		if (e.decides() || e.candidate()) && k.add(kek, e) {
			opened = opened || e.decides()
		}
	}
	if !opened {
		k.Wipe()
		return nil, fmt.Errorf("unlock keybag: %w", ErrWrongPassword)
	}
	for _, e := range b.Classes {
		if e.wanted() && !slices.Contains(k.classes, e.Class) {
			k.unavailable = append(k.unavailable, e.Class)
		}
	}
	slices.Sort(k.unavailable)
	k.unavailable = slices.Compact(k.unavailable)
	return k, nil
}

// add unwraps the key of an entry into place.
func (k *Keys) add(kek cipher.Block, e ClassKey) bool {
	end := len(k.mem)
	mem := k.mem[:end+keySize]
	if !unwrap(kek, mem[end:], e.Wrapped, mem[:scratchSize]) {
		return false
	}
	k.classes = append(k.classes, e.Class)
	k.mem = mem
	return true
}

// Unwrap unwraps the key of one file, 40 bytes, with the key of its class.
//
// The error is ErrNoClass when there is no key for the class, or after Wipe,
// and ErrIntegrity when the class's key does not open this one; dst is then
// zeroed. Nothing but the AES key schedule is allocated.
func (k *Keys) Unwrap(c Class, dst *[32]byte, wrapped []byte) error {
	clear(dst[:])
	if len(wrapped) != wrappedSize {
		return fmt.Errorf("unwrap key of %d bytes: %w", len(wrapped), ErrIntegrity)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	cause := ErrNoClass
	for i, class := range k.classes {
		if class != c {
			continue
		}
		kek, err := aes.NewCipher(k.mem[scratchSize+i*keySize:][:keySize])
		if err != nil {
			return fmt.Errorf("unwrap key of %v: %w", c, err)
		}
		if unwrap(kek, dst[:], wrapped, k.mem[:scratchSize]) {
			return nil
		}
		cause = ErrIntegrity
	}
	return fmt.Errorf("unwrap key of %v: %w", c, cause)
}

// Unavailable lists the classes that have no key though the password is right,
// in order: files of these cannot be read.
func (k *Keys) Unavailable() []Class { return slices.Clone(k.unavailable) }

// Memory is the one buffer in which all class keys lie, for the caller to keep
// from being swapped out. It is not to be read or written.
//
// The key schedules that crypto/aes makes of the keys lie elsewhere, out of
// reach, until they are collected.
func (k *Keys) Memory() []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.mem[:cap(k.mem)]
}

// Wipe zeroes the keys. It waits for an Unwrap that is running; later ones are
// ErrNoClass.
func (k *Keys) Wipe() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.mem[:cap(k.mem)])
	k.classes = nil
}

package backuptest

import (
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// A keyring is what encrypts a backup: its keybag and the keys in it.
type keyring struct {
	bag     []byte // TLV, for Manifest.plist
	classes map[uint8]cipher.Block
}

// newKeyring makes the keybag of b, as a phone writes it: a header, then the
// classes 11 to 1. Of an unencrypted backup, too, but nothing opens that one.
//
// Class 5 and those above 8 are wrapped with the phone's own key as well: what
// the password unwraps there passes the integrity check and is no key. The
// keyring has none for them.
func newKeyring(b Backup) (*keyring, error) {
	rnd := newRand("keybag", b.UDID, b.Password)
	twoStages := b.Generation == Modern
	version := uint32(3)
	if twoStages {
		version = 4
	}
	var t tlv
	t.number("VERS", version)
	t.number("TYPE", 1)
	t.bytes("UUID", random(rnd, 16))
	t.bytes("HMCK", make([]byte, 40))
	t.number("WRAP", 0)
	salt, doubleSalt := random(rnd, 20), random(rnd, 20)
	t.bytes("SALT", salt)
	t.number("ITER", uint32(b.Rounds.SHA1))
	if twoStages {
		t.number("DPWT", 1)
		t.number("DPIC", uint32(b.Rounds.SHA256))
		t.bytes("DPSL", doubleSalt)
	}

	key := random(rnd, 32)
	if b.Encrypted() {
		var err error
		stage := b.Password
		if twoStages {
			k, err := pbkdf2.Key(sha256.New, stage, doubleSalt, b.Rounds.SHA256, 32)
			if err != nil {
				return nil, fmt.Errorf("derive backup key: %w", err)
			}
			stage = string(k)
		}
		if key, err = pbkdf2.Key(sha1.New, stage, salt, b.Rounds.SHA1, 32); err != nil {
			return nil, fmt.Errorf("derive backup key: %w", err)
		}
	}
	kek := mustAES(key)

	k := &keyring{classes: make(map[uint8]cipher.Block)}
	for class := uint8(11); class >= 1; class-- {
		classKey := random(rnd, 32)
		wrapping := uint32(2)
		if class == 5 || class > 8 || class > 5 && !b.Encrypted() {
			wrapping = 3
		} else {
			k.classes[class] = mustAES(classKey)
		}
		t.bytes("UUID", random(rnd, 16))
		t.number("CLAS", uint32(class))
		t.number("WRAP", wrapping)
		t.number("KTYP", 0)
		t.bytes("WPKY", wrap(kek, classKey))
	}
	k.bag = t.buf
	return k, nil
}

// wrap is key under a class: the class as uint32 little-endian, then the key
// as RFC 3394 wraps it. A class without a key of its own gives 40 bytes that
// no key unwraps.
func (k *keyring) wrap(class uint8, key []byte) []byte {
	out := binary.LittleEndian.AppendUint32(make([]byte, 0, 44), uint32(class))
	if block := k.classes[class]; block != nil {
		return append(out, wrap(block, key)...)
	}
	lost := sha256.Sum256(key)
	return append(out, wrap(mustAES(lost[:]), key)...)
}

// A tlv is a keybag in the making: a tag of 4 letters, a uint32 big-endian
// length, the value.
type tlv struct{ buf []byte }

func (t *tlv) bytes(tag string, v []byte) {
	t.buf = append(t.buf, tag...)
	t.buf = binary.BigEndian.AppendUint32(t.buf, uint32(len(v)))
	t.buf = append(t.buf, v...)
}

func (t *tlv) number(tag string, v uint32) {
	t.bytes(tag, binary.BigEndian.AppendUint32(nil, v))
}

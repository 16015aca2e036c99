package backupfmt

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"ibfs/keybag"
)

// A Secret is what a password comes to for one keybag: all that is needed to
// unlock the backups of that keybag, and what a keyring keeps. It is 32 bytes,
// the key that the class keys are wrapped with, and for iOS 10.0 behind them
// 16 more, the key of the rows.
type Secret []byte

const (
	kekSize    = 32
	rowKeySize = 16
)

// Locked reports that the content is encrypted and no key is known yet.
func (b *Backup) Locked() bool {
	if !b.encrypted || b.bag == nil {
		return false
	}
	b.keysMu.RLock()
	defer b.keysMu.RUnlock()
	return b.keys == nil
}

// KeybagID names the keybag: its UUID as hex digits, "" when there is none.
func (b *Backup) KeybagID() string {
	if b.bag == nil {
		return ""
	}
	return hex.EncodeToString(b.bag.UUID[:])
}

// DeriveTime is about how long Derive takes on this machine.
func (b *Backup) DeriveTime() time.Duration {
	if b.bag == nil {
		return 0
	}
	return b.bag.Estimate()
}

// Derive turns a password into the Secret of this backup's keybag. It is slow
// on purpose, and ends at once when ctx does. Whether the password was right,
// Unlock tells; keybag.ErrWrongPassword comes from here only where iOS 10.0
// kept a hash.
func (b *Backup) Derive(ctx context.Context, password []byte) (Secret, error) {
	if b.bag == nil {
		return nil, errors.New("this backup has no keybag")
	}
	var rowKey []byte
	if b.format == formatRows {
		err := b.withManifest(ctx, func(m manifest) error {
			salt, hash, err := m.(*manifestDB).properties(ctx)
			if err != nil {
				return err
			}
			salted := append(append([]byte{}, password...), salt...)
			defer clear(salted)
			if sum := sha256.Sum256(salted); len(hash) > 0 && subtle.ConstantTimeCompare(sum[:], hash) == 0 {
				return keybag.ErrWrongPassword
			}
			sum := sha1.Sum(salted)
			rowKey = sum[:rowKeySize]
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	key, err := b.bag.Derive(ctx, password)
	if err != nil {
		return nil, err
	}
	return append(key, rowKey...), nil
}

// SecretSize is how many bytes this backup's Secret has. Of backups with one
// keybag, the longest Secret opens them all.
func (b *Backup) SecretSize() int {
	if b.format == formatRows {
		return kekSize + rowKeySize
	}
	return kekSize
}

// Unlock opens the content with a Secret of this backup's keybag. The error is
// keybag.ErrWrongPassword when it does not fit, and ErrDamaged when it does,
// but the index cannot be decrypted.
func (b *Backup) Unlock(ctx context.Context, s Secret) error {
	if b.bag == nil || !b.encrypted {
		return nil
	}
	keys, err := b.classKeys(s)
	if err != nil {
		return err
	}
	for _, c := range keys.Unavailable() {
		b.log.Warn("protection class without a key", "class", c)
	}
	b.keysMu.Lock()
	b.keys, b.rowKey = keys, append([]byte(nil), s[kekSize:]...)
	b.keysMu.Unlock()

	b.manifestMu.Lock()
	err = b.closeManifest() // what was open could not read the rows
	b.manifestMu.Unlock()
	if err == nil {
		err = b.withManifest(ctx, func(manifest) error { return nil })
	}
	if err != nil {
		b.wipe()
	}
	return err
}

// Check tells whether a Secret fits this backup's keybag, as Unlock does, and
// leaves the backup as it is.
func (b *Backup) Check(s Secret) error {
	if b.bag == nil {
		return nil
	}
	keys, err := b.classKeys(s)
	if err == nil {
		keys.Wipe()
	}
	return err
}

func (b *Backup) classKeys(s Secret) (*keybag.Keys, error) {
	if len(s) < b.SecretSize() || len(s) > kekSize+rowKeySize {
		return nil, keybag.ErrWrongPassword
	}
	return b.bag.Unlock(s[:kekSize])
}

// KeyMemory is where the class keys lie, for a caller to lock in memory. It is
// nil while locked.
func (b *Backup) KeyMemory() []byte {
	b.keysMu.RLock()
	defer b.keysMu.RUnlock()
	if b.keys == nil {
		return nil
	}
	return b.keys.Memory()
}

func (b *Backup) wipe() {
	b.keysMu.Lock()
	defer b.keysMu.Unlock()
	if b.keys != nil {
		b.keys.Wipe()
		b.keys = nil
	}
	clear(b.rowKey)
	b.rowKey = nil
}

// unwrap recovers a file key.
func (b *Backup) unwrap(class uint8, wrapped []byte) (key [32]byte, err error) {
	b.keysMu.RLock()
	defer b.keysMu.RUnlock()
	if b.keys == nil {
		return key, fmt.Errorf("%w: %w", errNoKey, ErrEncrypted)
	}
	if err := b.keys.Unwrap(keybag.Class(class), &key, wrapped); err != nil {
		return key, fmt.Errorf("%w: class %d: %w", errNoKey, class, err)
	}
	return key, nil
}

// decryptedManifest reads Manifest.db through its key: class, little-endian,
// and wrapped key.
func (b *Backup) decryptedManifest(f *hostFile) (content, error) {
	class := b.plist.manifestClass()
	if class > 255 {
		return content{}, fmt.Errorf("%w: ManifestKey of class %d", ErrDamaged, class)
	}
	key, err := b.unwrap(uint8(class), b.plist.manifestKey[4:])
	if errors.Is(err, keybag.ErrNoClass) || errors.Is(err, keybag.ErrIntegrity) {
		err = fmt.Errorf("%w: ManifestKey: %w", ErrDamaged, err)
	}
	if err != nil {
		return content{}, err
	}
	defer clear(key[:])
	r, err := newPlainReader(f, f.size, key[:], f.size)
	if err != nil {
		return content{}, err
	}
	return content{r, r.Size()}, nil
}

// decryptRow undoes what iOS 10.0 did to the file column: AES-128-CBC, with
// the bytes 0 to 15 as the first block's predecessor. The result is nil when it
// cannot be undone.
func decryptRow(key, file []byte) []byte {
	c, err := newCBC(key)
	if err != nil || len(file) == 0 || len(file)%16 != 0 {
		return nil
	}
	iv := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	plain := make([]byte, len(file))
	c.decrypt(plain, file, iv)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > 16 {
		return nil
	}
	return plain[:len(plain)-pad]
}

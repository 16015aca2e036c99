package keybag

import (
	"context"
	"fmt"
	"time"
)

// keySize is the length of every key here: derived, of a class, of a file.
const keySize = 32

// Rounds is the number of rounds of the two PBKDF2 stages. sha256 is 0 before
// iOS 10.2, which has the SHA-1 stage alone; 10,000,000 since.
func (b *Bag) Rounds() (sha256, sha1 int) {
	return int(b.sha256.rounds), int(b.sha1.rounds)
}

// Derive turns a password into the key that Unlock takes, 32 bytes long. This
// is the slow step: seconds for a backup of iOS 10.2 or later.
//
// The password is the bytes as they were typed. When ctx ends the work does,
// within a millisecond or so, with the context's error. A bag that no key
// could unlock is ErrDamaged, before any work is done. What the hashes make of
// the password stays in memory, out of reach, until it is collected.
func (b *Bag) Derive(ctx context.Context, password []byte) ([]byte, error) {
	key, err := b.derive(ctx, password)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return key, nil
}

// derive goes by the tags that are there, never by a version.
func (b *Bag) derive(ctx context.Context, password []byte) ([]byte, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	if !b.sha256.absent() {
		key, err := b.sha256.key(ctx, newSHA256(password))
		if err != nil {
			return nil, err
		}
		defer clear(key)
		password = key
	}
	return b.sha1.key(ctx, newSHA1(password))
}

// Estimate is how long Derive will take on this machine, from a probe of some
// milliseconds.
func (b *Bag) Estimate() time.Duration {
	return b.sha256.estimate(newSHA256(nil)) + b.sha1.estimate(newSHA1(nil))
}

func (s stage) estimate(p prf) time.Duration {
	if s.rounds == 0 {
		return 0
	}
	const rounds = 10_000
	start := time.Now()
	if _, err := (stage{s.salt, rounds}).key(context.Background(), p); err != nil {
		return 0
	}
	return time.Duration(float64(time.Since(start)) / rounds * float64(s.rounds))
}

// Check is ErrDamaged for a bag that would cost a derivation and then not open.
func (b *Bag) Check() error {
	stages := []struct {
		name string
		stage
	}{{"SHA-1", b.sha1}, {"SHA-256", b.sha256}}
	for _, s := range stages {
		switch {
		case s.absent() && s.name == "SHA-256":
		case len(s.salt) == 0:
			return fmt.Errorf("no salt for %s: %w", s.name, ErrDamaged)
		case s.rounds == 0 || s.rounds > maxRounds:
			return fmt.Errorf("%d rounds of %s: %w", s.rounds, s.name, ErrDamaged)
		}
	}
	for _, e := range b.Classes {
		if e.decides() {
			return nil
		}
	}
	return fmt.Errorf("no class key that a password opens: %w", ErrDamaged)
}

package keybag

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"hash"
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
// The password is the bytes as they were typed. When ctx ends Derive returns
// at once with its error, and the work is left to end by itself. A bag that no
// key could unlock is ErrDamaged, before any work is done. Copies of the
// password stay in memory, out of reach, until they are collected.
func (b *Bag) Derive(ctx context.Context, password []byte) ([]byte, error) {
	if err := b.check(); err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	type result struct {
		key []byte
		err error
	}
	done := make(chan result, 1)
	go func(password string) {
		key, err := b.derive(password)
		done <- result{key, err}
	}(string(password))

	var r result
	select {
	case r = <-done:
	case <-ctx.Done():
		r.err = ctx.Err()
	}
	if r.err != nil {
		return nil, fmt.Errorf("derive key: %w", r.err)
	}
	return r.key, nil
}

// derive goes by the tags that are there, never by a version.
func (b *Bag) derive(password string) ([]byte, error) {
	if !b.sha256.absent() {
		key, err := b.sha256.key(sha256.New, password)
		if err != nil {
			return nil, err
		}
		password = string(key)
	}
	return b.sha1.key(sha1.New, password)
}

func (s stage) key(h func() hash.Hash, password string) ([]byte, error) {
	return pbkdf2.Key(h, password, s.salt, int(s.rounds), keySize)
}

// Estimate is how long Derive will take on this machine, from a probe of some
// milliseconds.
func (b *Bag) Estimate() time.Duration {
	return b.sha256.estimate(sha256.New) + b.sha1.estimate(sha1.New)
}

func (s stage) estimate(h func() hash.Hash) time.Duration {
	if s.rounds == 0 {
		return 0
	}
	const rounds = 10_000
	start := time.Now()
	if _, err := pbkdf2.Key(h, "", s.salt, rounds, keySize); err != nil {
		return 0
	}
	return time.Duration(float64(time.Since(start)) / rounds * float64(s.rounds))
}

// check refuses a bag that would cost a derivation and then not open.
func (b *Bag) check() error {
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

package keybag

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"hash"
	"math/rand/v2"
	"testing"
)

// kernels are the ways to do a stage, each with its hash for crypto/pbkdf2.
var kernels = []struct {
	name string
	hash func() hash.Hash
	prf  func(password []byte) prf
}{
	{"SHA-1", sha1.New, newSHA1},
	{"SHA-256", sha256.New, newSHA256},
	{"SHA-256 by the standard library", sha256.New, func(password []byte) prf { return macPRF{hmac.New(sha256.New, password)} }},
}

func TestKey(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	for _, k := range kernels {
		t.Run(k.name, func(t *testing.T) {
			for _, length := range []int{0, 1, 16, 32, 63, 64, 65, 200} {
				for _, rounds := range []uint32{1, 2, 3, 10, chunk, chunk + 1, chunk + 2, 2*chunk + 1} {
					password, s := make([]byte, length), stage{make([]byte, 1+length), rounds}
					random.Read(password)
					random.Read(s.salt)
					want, err := pbkdf2.Key(k.hash, string(password), s.salt, int(rounds), keySize)
					if err != nil {
						t.Fatal(err)
					}
					got, err := s.key(t.Context(), k.prf(password))
					if err != nil || !bytes.Equal(got, want) {
						t.Errorf("password of %d bytes, %d rounds: %x, %v, want %x", length, rounds, got, err, want)
					}
				}
			}
		})
	}
}

// BenchmarkKey does a million rounds.
func BenchmarkKey(b *testing.B) {
	password, s := []byte("password"), stage{salt, 1_000_000}
	b.Run("crypto/pbkdf2 SHA-256", func(b *testing.B) {
		for b.Loop() {
			if _, err := pbkdf2.Key(sha256.New, string(password), s.salt, int(s.rounds), keySize); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, k := range kernels {
		b.Run(k.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.key(b.Context(), k.prf(password)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

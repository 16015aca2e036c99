package keybag

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"slices"
)

// chunk is the number of rounds between two looks at the context, half a
// millisecond. It is not more because the runtime cannot stop assembly: a
// garbage collection that is due waits for the end of a chunk, and with it all
// other goroutines.
const chunk = 4096

// A prf is an HMAC that can be applied to its own results.
type prf interface {
	hash.Hash

	// iterate does n rounds, n > 0: u = HMAC(u), t ^= u.
	iterate(t, u []byte, n int)
}

// macPRF is a prf of the standard library's HMAC.
type macPRF struct{ hash.Hash }

func newSHA1(password []byte) prf { return macPRF{hmac.New(sha1.New, password)} }

func (p macPRF) iterate(t, u []byte, n int) {
	for range n {
		p.Reset()
		p.Write(u)
		p.Sum(u[:0])
		subtle.XORBytes(t, t, u)
	}
}

// key is PBKDF2 of RFC 8018, section 5.2, for keySize bytes. It stands in the
// place of crypto/pbkdf2 as that cannot be stopped.
func (s stage) key(ctx context.Context, p prf) ([]byte, error) {
	var key []byte
	for i := uint32(1); len(key) < keySize; i++ {
		p.Reset()
		p.Write(s.salt)
		p.Write(binary.BigEndian.AppendUint32(nil, i))
		u := p.Sum(nil)
		t := slices.Clone(u)
		for left := int(s.rounds) - 1; left > 0; left -= chunk {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			p.iterate(t, u, min(left, chunk))
		}
		key = append(key, t...)
	}
	return key[:keySize], nil
}

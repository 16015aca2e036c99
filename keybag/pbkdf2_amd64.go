package keybag

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"
)

// newSHA256 is HMAC-SHA256, by the processor's SHA instructions where it has
// them.
//
// The standard library uses these too, but takes up the state after the key
// anew for each of the two hashes of a round; with both states in registers
// all rounds together take 0.52 of the time (BenchmarkKey).
func newSHA256(password []byte) prf {
	mac := hmac.New(sha256.New, password)
	key := password
	if len(key) > sha256.BlockSize {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	inner, known := padState(key, 0x36)
	outer, _ := padState(key, 0x5c)
	if !hasSHANI || !known {
		return macPRF{mac}
	}
	return &shaniPRF{mac, inner, outer}
}

// shaniPRF is HMAC-SHA256 with the states that its hashes have after the key.
type shaniPRF struct {
	hash.Hash
	inner, outer state
}

// A state is that of SHA-256, a to h, in the order of the SHA instructions.
type state [8]uint32

var stateOrder = [8]int{5, 4, 1, 0, 7, 6, 3, 2} // fe ba hg dc

func newState(b []byte) (s state) {
	for i, j := range stateOrder {
		s[i] = binary.BigEndian.Uint32(b[4*j:])
	}
	return s
}

func (s *state) put(b []byte) {
	for i, j := range stateOrder {
		binary.BigEndian.PutUint32(b[4*j:], s[i])
	}
}

// padState is the state after the block that HMAC makes of a key and a pad. It
// is known if the standard library's hash tells its state in the known form.
func padState(key []byte, pad byte) (s state, known bool) {
	var block [sha256.BlockSize]byte
	copy(block[:], key)
	for i := range block {
		block[i] ^= pad
	}
	h := sha256.New()
	h.Write(block[:])
	b, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	words, known := bytes.CutPrefix(b, []byte("sha\x03")) // then a to h
	if err != nil || !known || len(words) < sha256.Size {
		return s, false
	}
	return newState(words), true
}

func (p *shaniPRF) iterate(t, u []byte, n int) {
	ts, us := newState(t), newState(u)
	roundsSHANI(&ts, &us, &p.inner, &p.outer, &shaniTable, n)
	ts.put(t)
	us.put(u)
}

// roundsSHANI does n rounds, n > 0: u = HMAC(u), t ^= u.
//
//go:noescape
func roundsSHANI(t, u, inner, outer *state, table *[72]uint32, n int)

// shaniTable holds the constants of SHA-256 (FIPS 180-4, 4.2.2), then what
// pads 32 bytes that follow a block of 64: a bit and the length of 768 bits.
var shaniTable = [72]uint32{
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
	0x80000000, 0, 0, 0, 0, 0, 0, 768,
}

// hasSHANI says whether the processor has what roundsSHANI uses.
var hasSHANI = func() bool {
	const ssse3, sse41, sha = 1 << 9, 1 << 19, 1 << 29
	top, _, _ := cpuid(0)
	if top < 7 {
		return false
	}
	_, _, ecx := cpuid(1)
	_, ebx, _ := cpuid(7)
	return ecx&ssse3 != 0 && ecx&sse41 != 0 && ebx&sha != 0
}()

// cpuid is the CPUID instruction, with subleaf 0.
func cpuid(leaf uint32) (eax, ebx, ecx uint32)

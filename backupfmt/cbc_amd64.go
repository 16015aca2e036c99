//go:build !purego

package backupfmt

import (
	"crypto/aes"
	"encoding/binary"
	"math/bits"

	"golang.org/x/sys/cpu"
)

// A cbc decrypts AES-CBC under one key.
type cbc struct {
	kernel kernel
	rounds int          // 10 or 14
	keys   [15][16]byte // of the rounds, in the order of decryption; keys[rounds] is the last
	std    *stdCBC      // for kernel stdlib; the round keys are not set then
}

// A kernel is a way to decrypt.
type kernel uint8

const (
	stdlib kernel = iota // the standard library
	aesni                // AESDEC, eight blocks at once
	vaes                 // VAESDEC, sixteen blocks at once, then aesni for what is left
)

// fastest is the best kernel of this processor. Of VAES it takes the 256-bit
// form, for there are processors that have it without AVX-512; x/sys reports
// VAES only for those with both.
var fastest = func() kernel {
	const vaesBit = 1 << 9 // leaf 7, ECX
	switch {
	case !cpu.X86.HasAES:
		return stdlib
	case cpu.X86.HasAVX2 && cpuidLeaf7ECX()&vaesBit != 0: // AVX2 implies leaf 7, and that the system keeps YMM
		return vaes
	}
	return aesni
}()

func expandCBC(key []byte) (*cbc, error) { return newKernelCBC(fastest, key) }

// newKernelCBC is newCBC for a given kernel, which the processor must have.
func newKernelCBC(k kernel, key []byte) (*cbc, error) {
	c := &cbc{kernel: k}
	if k == stdlib {
		var err error
		c.std, err = newStdCBC(key)
		return c, err
	}
	c.expand(key)
	return c, nil
}

// expand sets the round keys of the equivalent inverse cipher (FIPS 197,
// sections 5.2 and 5.3.5), which is what AESDEC computes: those of encryption
// backwards, each but the first and the last through InvMixColumns.
func (c *cbc) expand(key []byte) {
	nk := len(key) / 4
	c.rounds = nk + 6
	var w [60]uint32
	for i := range nk {
		w[i] = binary.BigEndian.Uint32(key[4*i:])
	}
	rcon := uint32(1) << 24
	for i := nk; i < 4*(c.rounds+1); i++ {
		t := w[i-1]
		switch {
		case i%nk == 0:
			t = subWord(bits.RotateLeft32(t, 8)) ^ rcon
			rcon = rcon<<1 ^ rcon>>31*(0x1b<<24) // doubled in GF(2^8)
		case i%nk == 4: // in a key of 32 bytes only
			t = subWord(t)
		}
		w[i] = w[i-nk] ^ t
	}
	for r := range c.rounds + 1 {
		k := &c.keys[c.rounds-r]
		for j := range 4 {
			binary.BigEndian.PutUint32(k[4*j:], w[4*r+j])
		}
		if r != 0 && r != c.rounds {
			invMixColumns(k)
		}
	}
}

// decryptBlocks is decrypt for operands whose lengths are right.
func (c *cbc) decryptBlocks(dst, src, iv []byte) {
	if c.kernel == stdlib {
		c.std.decryptBlocks(dst, src, iv)
		return
	}
	chain := [aes.BlockSize]byte(iv) // the kernels leave the last ciphertext block here, which dst may have overwritten
	if c.kernel == vaes {
		n := len(src) &^ (16*aes.BlockSize - 1)
		decryptVAES(&c.keys, c.rounds, dst, src[:n], &chain)
		dst, src = dst[n:], src[n:]
	}
	decryptAESNI(&c.keys, c.rounds, dst, src, &chain)
}

// The rest is in cbc_amd64.s.

// decryptAESNI decrypts src, a multiple of 16 bytes, into dst.
//
//go:noescape
func decryptAESNI(keys *[15][16]byte, rounds int, dst, src []byte, iv *[16]byte)

// decryptVAES decrypts src, a multiple of 256 bytes, into dst.
//
//go:noescape
func decryptVAES(keys *[15][16]byte, rounds int, dst, src []byte, iv *[16]byte)

// subWord applies the S-box of AES to each byte of w.
func subWord(w uint32) uint32

// invMixColumns applies that step of AES to one round key.
//
//go:noescape
func invMixColumns(key *[16]byte)

// cpuidLeaf7ECX returns ECX of CPUID leaf 7, subleaf 0.
func cpuidLeaf7ECX() uint32

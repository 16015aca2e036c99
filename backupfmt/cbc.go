package backupfmt

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"sync"
)

// newCBC returns the decrypter of AES-CBC under key, which has 16 or 32 bytes.
//
// A backup enciphers each blob, and its manifest, as one CBC stream. Its
// plaintext blocks depend on two ciphertext blocks each and on no plaintext, so
// any part can be decrypted by itself, and many blocks at once. crypto/cipher
// takes them one by one; on amd64 the kernels of cbc_amd64.s do not.
func newCBC(key []byte) (*cbc, error) {
	switch len(key) {
	case 16, 32:
		return expandCBC(key)
	}
	return nil, fmt.Errorf("AES key of %d bytes, want 16 or 32", len(key))
}

// decrypt decrypts the blocks of src into dst; iv is the ciphertext block
// before src, or zero at the start of a stream. dst and src are the same memory
// or do not overlap. It panics, as crypto/cipher does, unless iv is one block,
// src a whole number of them, and dst as long as src. Calls may run side by
// side.
func (c *cbc) decrypt(dst, src, iv []byte) {
	if len(iv) != aes.BlockSize {
		panic("backupfmt: IV is not one block")
	}
	if len(src)%aes.BlockSize != 0 {
		panic("backupfmt: input is not full blocks")
	}
	if len(dst) < len(src) {
		panic("backupfmt: output is smaller than input")
	}
	c.decryptBlocks(dst, src, iv)
}

// A stdCBC decrypts by crypto/cipher. It keeps idle BlockModes, each a copy of
// the key schedule, for a new one is an allocation.
type stdCBC struct{ idle sync.Pool }

func newStdCBC(key []byte) (*stdCBC, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	c := new(stdCBC)
	c.idle.New = func() any {
		return cipher.NewCBCDecrypter(block, make([]byte, aes.BlockSize))
	}
	return c, nil
}

// decryptBlocks is decrypt for operands whose lengths are right.
func (c *stdCBC) decryptBlocks(dst, src, iv []byte) {
	// crypto/tls rests on SetIV as well, though BlockMode lacks it.
	mode := c.idle.Get().(interface {
		cipher.BlockMode
		SetIV([]byte)
	})
	mode.SetIV(iv)
	mode.CryptBlocks(dst, src)
	c.idle.Put(mode)
}

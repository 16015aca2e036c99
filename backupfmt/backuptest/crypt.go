package backuptest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"strings"
)

var zeroIV [aes.BlockSize]byte

// newRand is a source of key material that depends on the seeds alone.
func newRand(seeds ...string) *rand.ChaCha8 {
	return rand.NewChaCha8(sha256.Sum256([]byte(strings.Join(seeds, "\x00"))))
}

// random draws n bytes.
func random(r *rand.ChaCha8, n int) []byte {
	b := make([]byte, n)
	r.Read(b) // never fails
	return b
}

// mustAES is AES with a key whose length the package chose.
func mustAES(key []byte) cipher.Block {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	return block
}

// wrap is the key wrap of RFC 3394 section 2.2.1: len(key)+8 bytes.
func wrap(kek cipher.Block, key []byte) []byte {
	n := len(key) / 8
	out := make([]byte, 8+len(key))
	copy(out[8:], key)
	a := uint64(0xA6A6A6A6A6A6A6A6)
	var b [aes.BlockSize]byte
	for j := range 6 {
		for i := 1; i <= n; i++ {
			binary.BigEndian.PutUint64(b[:], a)
			copy(b[8:], out[8*i:])
			kek.Encrypt(b[:], b[:])
			a = binary.BigEndian.Uint64(b[:]) ^ uint64(n*j+i)
			copy(out[8*i:], b[8:])
		}
	}
	binary.BigEndian.PutUint64(out, a)
	return out
}

// encryptStream writes r to w as one AES-CBC stream with a zero IV and
// returns the number of bytes that r gave.
func encryptStream(w io.Writer, r io.Reader, block cipher.Block, pad Padding, buf []byte) (int64, error) {
	buf = buf[:len(buf)-len(buf)%aes.BlockSize]
	cbc := cipher.NewCBCEncrypter(block, zeroIV[:])
	var total int64
	for {
		n, err := io.ReadFull(r, buf[:len(buf)-aes.BlockSize])
		total += int64(n)
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return total, err
		}
		chunk := buf[:n]
		if last {
			chunk = padded(chunk, pad)
		}
		cbc.CryptBlocks(chunk, chunk)
		if last && pad == Ragged {
			chunk = append(chunk, "stray"...)
		}
		if _, err := w.Write(chunk); err != nil {
			return total, err
		}
		if last {
			return total, nil
		}
	}
}

// padded appends padding up to a whole block.
func padded(b []byte, pad Padding) []byte {
	n := aes.BlockSize - len(b)%aes.BlockSize
	fill := byte(n)
	if pad == ZeroPad {
		n, fill = n%aes.BlockSize, 0
	}
	for range n {
		b = append(b, fill)
	}
	if pad == BadPadding {
		b[len(b)-1] = 0
	}
	return b
}

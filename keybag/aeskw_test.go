package keybag

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"testing"
)

// The vectors of RFC 3394 section 4.
var rfc3394 = []struct{ name, kek, data, wrapped string }{
	{"4.1 128 with 128", "000102030405060708090a0b0c0d0e0f",
		"00112233445566778899aabbccddeeff",
		"1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"},
	{"4.2 128 with 192", "000102030405060708090a0b0c0d0e0f1011121314151617",
		"00112233445566778899aabbccddeeff",
		"96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d"},
	{"4.3 128 with 256", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		"00112233445566778899aabbccddeeff",
		"64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"},
	{"4.4 192 with 192", "000102030405060708090a0b0c0d0e0f1011121314151617",
		"00112233445566778899aabbccddeeff0001020304050607",
		"031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2"},
	{"4.5 192 with 256", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		"00112233445566778899aabbccddeeff0001020304050607",
		"a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1"},
	{"4.6 256 with 256", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		"00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
		"28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"},
}

func TestUnwrapRFC3394(t *testing.T) {
	for _, v := range rfc3394 {
		t.Run(v.name, func(t *testing.T) {
			kek, want, wrapped := newAES(t, unhex(t, v.kek)), unhex(t, v.data), unhex(t, v.wrapped)
			got, buf := make([]byte, len(want)), make([]byte, 16)
			if !unwrap(kek, got, wrapped, buf) {
				t.Fatal("integrity check failed")
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got %x, want %x", got, want)
			}
			for bit := range len(wrapped) * 8 {
				wrapped[bit/8] ^= 1 << (bit % 8)
				if unwrap(kek, got, wrapped, buf) {
					t.Errorf("passes with bit %d flipped", bit)
				}
				wrapped[bit/8] ^= 1 << (bit % 8)
			}
			if !bytes.Equal(got, make([]byte, len(got))) {
				t.Errorf("a failed unwrap leaves %x", got)
			}
			if !bytes.Equal(buf, make([]byte, len(buf))) {
				t.Errorf("scratch holds %x", buf)
			}
		})
	}
}

func FuzzUnwrap(f *testing.F) {
	for _, v := range rfc3394 {
		if len(v.data) == 2*keySize {
			f.Add(unhex(f, v.kek), unhex(f, v.wrapped), uint16(0))
			f.Add(unhex(f, v.kek), unhex(f, v.wrapped), uint16(319))
		}
	}
	f.Add(make([]byte, 32), make([]byte, 40), uint16(77))
	f.Fuzz(func(t *testing.T, key, b []byte, bit uint16) {
		if len(key) != keySize || len(b) != wrappedSize {
			t.Skip()
		}
		kek := newAES(t, key)
		got, buf := make([]byte, keySize), make([]byte, scratchSize)
		if unwrap(kek, got, b, buf) && !bytes.Equal(wrap(kek, got), b) {
			t.Errorf("%x unwraps to %x, which does not wrap to it", b, got)
		}

		data := b[:keySize]
		wrapped := wrap(kek, data)
		if !unwrap(kek, got, wrapped, buf) || !bytes.Equal(got, data) {
			t.Errorf("%x wraps to %x, which unwraps to %x", data, wrapped, got)
		}
		wrapped[int(bit)/8%wrappedSize] ^= 1 << (bit % 8)
		if unwrap(kek, got, wrapped, buf) {
			t.Errorf("%x passes", wrapped)
		}
	})
}

// wrap is the other direction, by the index-based text of RFC 3394 2.2.1.
func wrap(kek cipher.Block, key []byte) []byte {
	n := len(key) / 8
	out := append(bytes.Repeat([]byte{0xa6}, 8), key...)
	var b [16]byte
	for j := range 6 {
		for i := 1; i <= n; i++ {
			copy(b[:8], out[:8])
			copy(b[8:], out[i*8:])
			kek.Encrypt(b[:], b[:])
			binary.BigEndian.PutUint64(out, binary.BigEndian.Uint64(b[:8])^uint64(n*j+i))
			copy(out[i*8:], b[8:])
		}
	}
	return out
}

func newAES(t testing.TB, key []byte) cipher.Block {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	return block
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

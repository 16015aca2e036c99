package backupfmt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

type decrypter struct {
	name string
	here bool // whether this processor has it
	new  func(key []byte) (*cbc, error)
}

// eachDecrypter runs test as a subtest for each way to decrypt.
func eachDecrypter(t *testing.T, test func(t *testing.T, newCBC func(t *testing.T, key []byte) *cbc)) {
	for _, d := range decrypters {
		t.Run(d.name, func(t *testing.T) {
			if !d.here {
				t.Skipf("this processor does not have %s", d.name)
			}
			test(t, func(t *testing.T, key []byte) *cbc {
				t.Helper()
				c, err := d.new(key)
				if err != nil {
					t.Fatal(err)
				}
				return c
			})
		})
	}
}

// newRand returns a source of the same bytes in each run.
func newRand(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

func randomBytes(seed byte, n int) []byte {
	b := make([]byte, n)
	newRand(seed).Read(b)
	return b
}

// The vectors of NIST SP 800-38A, F.2.2 and F.2.6.
func TestCBCPublishedVectors(t *testing.T) {
	const (
		iv    = "000102030405060708090a0b0c0d0e0f"
		plain = "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51" +
			"30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710"
	)
	vectors := []struct{ name, key, cipher string }{
		{"AES-128", "2b7e151628aed2a6abf7158809cf4f3c",
			"7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2" +
				"73bed6b8e3c1743b7116e69e22229516 3ff1caa1681fac09120eca307586e1a7"},
		{"AES-256", "603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4",
			"f58c4c04d6e5f1ba779eabfb5f7bfbd6 9cfc4e967edb808d679f777bc6702c7d" +
				"39f23369a9d9bacfa530e26304231461 b2eb05e2c39be9fcda6c19078c6a9d1b"},
	}
	eachDecrypter(t, func(t *testing.T, newCBC func(*testing.T, []byte) *cbc) {
		for _, v := range vectors {
			t.Run(v.name, func(t *testing.T) {
				b := unhex(t, v.cipher)
				newCBC(t, unhex(t, v.key)).decrypt(b, b, unhex(t, iv))
				if want := unhex(t, plain); !bytes.Equal(b, want) {
					t.Errorf("got %x, want %x", b, want)
				}
			})
		}
	})
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCBCAgainstStandardLibrary(t *testing.T) {
	const maxBlocks = 100
	eachDecrypter(t, func(t *testing.T, newCBC func(*testing.T, []byte) *cbc) {
		for _, keyLen := range []int{16, 32} {
			t.Run(fmt.Sprintf("AES-%d", 8*keyLen), func(t *testing.T) {
				source := newRand(byte(keyLen))
				rnd := rand.New(source)
				for blocks := range maxBlocks + 1 {
					for range 4 {
						var key, iv [32]byte
						source.Read(key[:])
						source.Read(iv[:])
						testCBC(t, newCBC(t, key[:keyLen]), key[:keyLen], iv[:16], blocks, rnd)
					}
				}
			})
		}
	})
}

// testCBC decrypts random blocks, from any alignment to any other and in place,
// and compares with crypto/cipher. The bytes around the output must stand.
func testCBC(t *testing.T, c *cbc, key, iv []byte, blocks int, rnd *rand.Rand) {
	t.Helper()
	n := blocks * aes.BlockSize
	arena := randomBytes(byte(blocks), n+64)
	from := rnd.IntN(64)
	src := arena[from : from+n]
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]byte, n)
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(want, src)

	ciphertext := slices.Clone(arena)
	out := randomBytes(1, n+64)
	around := slices.Clone(out)
	to := rnd.IntN(64)
	c.decrypt(out[to:], src, iv)
	copy(around[to:], want)
	if !bytes.Equal(out, around) {
		t.Fatalf("%d blocks from offset %d to %d: wrong output", blocks, from, to)
	}
	if !bytes.Equal(arena, ciphertext) {
		t.Fatalf("%d blocks from offset %d to %d: the input changed", blocks, from, to)
	}

	c.decrypt(src, src, iv)
	copy(ciphertext[from:], want)
	if !bytes.Equal(arena, ciphertext) {
		t.Fatalf("%d blocks in place at offset %d: wrong output", blocks, from)
	}
}

func TestCBCSideBySide(t *testing.T) {
	eachDecrypter(t, func(t *testing.T, newCBC func(*testing.T, []byte) *cbc) {
		key, ciphertext := randomBytes(1, 32), randomBytes(2, 1600)
		c := newCBC(t, key)
		want := make([]byte, len(ciphertext))
		c.decrypt(want, ciphertext, key[:16])
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				got := make([]byte, len(ciphertext))
				for range 50 {
					c.decrypt(got, ciphertext, key[:16])
					if !bytes.Equal(got, want) {
						t.Error("decrypting side by side gives other bytes")
						return
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestCBCRefusesKeyLength(t *testing.T) {
	for _, n := range []int{0, 15, 17, 24, 31, 33, 40} {
		if _, err := newCBC(make([]byte, n)); err == nil {
			t.Errorf("a key of %d bytes is taken", n)
		}
	}
}

func TestCBCRefusesLengths(t *testing.T) {
	eachDecrypter(t, func(t *testing.T, newCBC func(*testing.T, []byte) *cbc) {
		c := newCBC(t, make([]byte, 32))
		for _, l := range []struct {
			name         string
			dst, src, iv int
		}{
			{"part of a block", 32, 17, 16},
			{"short output", 31, 32, 16},
			{"no output", 0, 16, 16},
			{"short IV", 16, 16, 15},
			{"long IV", 16, 16, 17},
		} {
			t.Run(l.name, func(t *testing.T) {
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				c.decrypt(make([]byte, l.dst), make([]byte, l.src), make([]byte, l.iv))
			})
		}
	})
}

func BenchmarkDecrypt(b *testing.B) {
	for _, d := range decrypters {
		for _, size := range []int{4 << 10, 128 << 10} {
			b.Run(fmt.Sprintf("%s/%dKiB", d.name, size>>10), func(b *testing.B) {
				if !d.here {
					b.Skipf("this processor does not have %s", d.name)
				}
				c, err := d.new(make([]byte, 32))
				if err != nil {
					b.Fatal(err)
				}
				buf, iv := make([]byte, size), make([]byte, aes.BlockSize)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					c.decrypt(buf, buf, iv)
				}
			})
		}
	}
}

func BenchmarkNewCBC(b *testing.B) {
	b.ReportAllocs()
	key := make([]byte, 32)
	for b.Loop() {
		if _, err := newCBC(key); err != nil {
			b.Fatal(err)
		}
	}
}

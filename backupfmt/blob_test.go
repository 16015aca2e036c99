package backupfmt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

var blobKey = randomBytes(7, 32)

// pad appends PKCS#7 padding to a copy of plain.
func pad(plain []byte) []byte {
	n := aes.BlockSize - len(plain)%aes.BlockSize
	return append(bytes.Clone(plain), bytes.Repeat([]byte{byte(n)}, n)...)
}

// encipher returns whole blocks as a blob is made of them.
func encipher(t testing.TB, blocks []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(blobKey)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, len(blocks))
	cipher.NewCBCEncrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(out, blocks)
	return out
}

func openBlob(t testing.TB, src io.ReaderAt, length, size int64) *plainReader {
	t.Helper()
	r, err := newPlainReader(src, length, blobKey, size)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBlobSize(t *testing.T) {
	plain := func(n int) []byte { return bytes.Repeat([]byte{'p'}, n) }
	tests := []struct {
		name    string
		blocks  []byte // before encryption, padding and all
		cut     int    // bytes taken off the blob
		size    int64  // the manifest's
		want    int64
		padding padding
	}{
		{"no bytes", nil, 0, 0, 0, paddingGood},
		{"no bytes though the manifest has some", nil, 0, 99, 0, paddingGood},
		{"empty file", pad(nil), 0, 0, 0, paddingGood},
		{"15 bytes", pad(plain(15)), 0, 15, 15, paddingGood},
		{"16 bytes", pad(plain(16)), 0, 16, 16, paddingGood},
		{"17 bytes", pad(plain(17)), 0, 17, 17, paddingGood},
		{"manifest 4096 too low", pad(plain(8192)), 0, 4096, 8192, paddingGood},
		{"manifest 4096 too high", pad(plain(8192)), 0, 12288, 8192, paddingGood},
		{"manifest negative", pad(plain(17)), 0, -1, 17, paddingGood},

		{"not padded", plain(32), 0, 32, 32, paddingBad},
		{"one block, not padded", plain(16), 0, 16, 16, paddingBad},
		{"filled with zeros", append(plain(20), make([]byte, 12)...), 0, 20, 20, paddingBad},
		{"filled with zeros, one byte in the last block", append(plain(17), make([]byte, 15)...), 0, 17, 17, paddingBad},
		{"padding bad, manifest a block less", plain(32), 0, 16, 32, paddingBad},
		{"padding bad, manifest more", plain(32), 0, 33, 32, paddingBad},
		{"padding bad, manifest negative", plain(32), 0, -1, 32, paddingBad},
		{"padding bad, manifest huge", plain(32), 0, 1<<63 - 1, 32, paddingBad},
		{"padding of 0", append(plain(31), 0), 0, 31, 31, paddingBad},
		{"padding of 17", append(plain(15), bytes.Repeat([]byte{17}, 17)...), 0, 32, 32, paddingBad},
		{"padding uneven", append(plain(28), 4, 3, 4, 4), 0, 28, 28, paddingBad},

		{"cut by a byte", pad(plain(20)), 1, 20, 16, paddingOdd},
		{"cut to less than a block", pad(plain(15)), 11, 15, 0, paddingOdd},
		{"cut, manifest within what is left", pad(plain(20)), 1, 10, 10, paddingOdd},
		{"cut, manifest negative", pad(plain(20)), 1, -1 << 63, 0, paddingOdd},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			blob := encipher(t, test.blocks)
			blob = blob[:len(blob)-test.cut]
			r := openBlob(t, bytes.NewReader(blob), int64(len(blob)), test.size)
			if r.Size() != test.want || r.padding != test.padding {
				t.Errorf("size %d, padding %d; want %d, %d", r.Size(), r.padding, test.want, test.padding)
			}
			got, err := io.ReadAll(io.NewSectionReader(r, 0, 1<<20))
			if err != nil || !bytes.Equal(got, test.blocks[:test.want]) {
				t.Errorf("read %q, %v; want %q", got, err, test.blocks[:test.want])
			}
			size, padding, err := plainSize(bytes.NewReader(blob), int64(len(blob)), blobKey, test.size)
			if size != test.want || padding != test.padding || err != nil {
				t.Errorf("plainSize: %d, %d, %v; want %d, %d", size, padding, err, test.want, test.padding)
			}
		})
	}
}

func TestBlobRefuses(t *testing.T) {
	if _, err := newPlainReader(bytes.NewReader(nil), -16, blobKey, 0); err == nil {
		t.Error("a blob of negative length opens")
	}
	if _, err := newPlainReader(bytes.NewReader(nil), 16, blobKey[:31], 0); err == nil {
		t.Error("a key of 31 bytes opens a blob")
	}
	blob := encipher(t, pad(nil))
	if n, err := openBlob(t, bytes.NewReader(blob), 16, 0).ReadAt(make([]byte, 1), -1); n != 0 || err == nil || err == io.EOF {
		t.Errorf("read at -1: %d, %v", n, err)
	}
}

// checkRead reads n bytes at off and compares with plain, which holds what
// there is from off on, n bytes of it at most.
func checkRead(r *plainReader, n int, off int64, plain []byte) error {
	got := make([]byte, n)
	k, err := r.ReadAt(got, off)
	switch {
	case k != len(plain):
		return fmt.Errorf("%d bytes at %d: got %d (%v), want %d", n, off, k, err, len(plain))
	case !bytes.Equal(got[:k], plain):
		return fmt.Errorf("%d bytes at %d: wrong bytes", n, off)
	case k < n && err != io.EOF, k == n && err != nil && (err != io.EOF || off+int64(k) < r.Size()):
		return fmt.Errorf("%d bytes at %d: got %d, %v", n, off, k, err)
	}
	return nil
}

// within returns the part of b that a read of n bytes at off gives.
func within(b []byte, n int, off int64) []byte {
	b = b[min(off, int64(len(b))):]
	return b[:min(n, len(b))]
}

func TestBlobReadAt(t *testing.T) {
	const size = 1<<20 + 5
	plain := randomBytes(1, size)
	blob := encipher(t, pad(plain))
	r := openBlob(t, bytes.NewReader(blob), int64(len(blob)), size)

	type read struct {
		n   int
		off int64
	}
	reads := []read{
		{0, 0}, {0, 7}, {0, size}, {1, 0}, {16, 0}, {16, 1}, {16, 16}, {100, 24},
		{windowSize - 1, 0}, {windowSize, 0}, {windowSize, 16}, {windowSize + 1, 16}, {windowSize, 15}, {2*windowSize + 17, 3},
		{directSize, 0}, {directSize + 1, 32}, {2*directSize + windowSize, 1}, {size, 0}, {size + 100, 0}, {size, 16},
		{1, size - 1}, {1, size}, {1, size + 1}, {20, size - 5}, {20, size - 21}, {1 << 20, 1 << 20}, {1, 1 << 62}, {1, 1<<63 - 1},
	}
	rnd := rand.New(newRand(2))
	for range 500 {
		reads = append(reads, read{rnd.IntN(1 << rnd.IntN(21)), rnd.Int64N(size + 100)})
	}
	for _, read := range reads {
		if err := checkRead(r, read.n, read.off, within(plain, read.n, read.off)); err != nil {
			t.Error(err)
		}
	}
}

func TestBlobReadSideBySide(t *testing.T) {
	const size = 1<<20 - 3
	plain := randomBytes(3, size)
	blob := encipher(t, pad(plain))
	r := openBlob(t, bytes.NewReader(blob), int64(len(blob)), size)
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			rnd := rand.New(newRand(byte(g)))
			for range 50 {
				n, off := rnd.IntN(1<<rnd.IntN(19)), rnd.Int64N(size+20)
				if err := checkRead(r, n, off, within(plain, n, off)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// A sparseBlob is a blob of any length that takes no room: ciphertext block i
// is the number i, twice, but for the last, which carries padding of 1.
// It counts the calls and the bytes read.
type sparseBlob struct {
	block  cipher.Block
	length int64
	calls  atomic.Int64
	bytes  atomic.Int64
}

func newSparseBlob(t testing.TB, length int64) *sparseBlob {
	t.Helper()
	block, err := aes.NewCipher(blobKey)
	if err != nil {
		t.Fatal(err)
	}
	return &sparseBlob{block: block, length: length}
}

func (s *sparseBlob) cipherBlock(i int64) (c [16]byte) {
	binary.BigEndian.PutUint64(c[:], uint64(i))
	binary.BigEndian.PutUint64(c[8:], uint64(i))
	if i == s.length/16-1 {
		before := s.cipherBlock(i - 1)
		copy(c[:], bytes.Repeat([]byte{1}, 16))
		for j := range c {
			c[j] ^= before[j]
		}
		s.block.Encrypt(c[:], c[:])
	}
	return c
}

// plain returns n bytes of plaintext from off on, by the definition of CBC.
func (s *sparseBlob) plain(n int, off int64) []byte {
	var out []byte
	for i := off / 16; i*16 < off+int64(n); i++ {
		var before, p [16]byte
		if i > 0 {
			before = s.cipherBlock(i - 1)
		}
		c := s.cipherBlock(i)
		s.block.Decrypt(p[:], c[:])
		for j := range p {
			p[j] ^= before[j]
		}
		out = append(out, p[:]...)
	}
	return out[off%16:][:n]
}

func (s *sparseBlob) ReadAt(p []byte, off int64) (n int, err error) {
	s.calls.Add(1)
	s.bytes.Add(int64(len(p)))
	for n < len(p) {
		at := off + int64(n)
		if at >= s.length {
			return n, io.EOF
		}
		c := s.cipherBlock(at / 16)
		n += copy(p[n:], c[at%16:])
	}
	return n, nil
}

func TestBlobOfFiveGiB(t *testing.T) {
	const length = 5 << 30
	src := newSparseBlob(t, length)
	r := openBlob(t, src, length, 1)
	const size = length - 1
	if r.Size() != size || r.padding != paddingGood {
		t.Fatalf("size %d, padding %d", r.Size(), r.padding)
	}
	rnd := rand.New(newRand(4))
	for i := range 300 {
		n, off := rnd.IntN(1<<rnd.IntN(20)), rnd.Int64N(size)
		if i%4 == 0 {
			off = size - rnd.Int64N(40)
		}
		src.calls.Store(0)
		src.bytes.Store(0)
		if err := checkRead(r, n, off, src.plain(int(min(int64(n), size-off)), off)); err != nil {
			t.Error(err)
		}
		// Two partial blocks and one before, for each call at most.
		calls, most := src.calls.Load(), int64(4+2*n/directSize)
		if extra := src.bytes.Load() - int64(n); calls > most || extra > 48*calls {
			t.Errorf("%d bytes at %d: %d calls, %d bytes more than asked for", n, off, calls, extra)
		}
	}
}

// A faultyReader is the first good bytes of a blob; what goes beyond fails.
type faultyReader struct {
	blob []byte
	good int
	err  error // nil: short reads that say nothing
}

func (f *faultyReader) ReadAt(p []byte, off int64) (int, error) {
	n := copy(p, f.blob[min(off, int64(f.good)):f.good])
	if n < len(p) {
		return n, f.err
	}
	return n, nil
}

func TestBlobHostFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	plain := randomBytes(5, 1<<20)
	blob := encipher(t, pad(plain))
	for _, fault := range []struct {
		name      string
		err, want error
	}{
		{"error", broken, broken},
		{"end of file", io.EOF, io.ErrUnexpectedEOF},
		{"short read", nil, io.ErrUnexpectedEOF},
	} {
		t.Run(fault.name, func(t *testing.T) {
			src := &faultyReader{blob, len(blob), fault.err}
			r := openBlob(t, src, int64(len(blob)), 0)
			src.good = 600<<10 + 7
			if err := checkRead(r, 500<<10, 3, plain[3:][:500<<10]); err != nil {
				t.Error(err)
			}
			for _, off := range []int64{0, 5, 400 << 10, int64(src.good) &^ 15, 800 << 10, 1<<20 - 1} {
				got := bytes.Repeat([]byte{0xa5}, 1<<20)
				n, err := r.ReadAt(got, off)
				if !errors.Is(err, fault.want) {
					t.Errorf("read at %d: %v, want %v", off, err, fault.want)
				}
				if n > 0 && off+int64(n) > int64(src.good) || !bytes.Equal(got[:n], within(plain, n, off)) {
					t.Errorf("read at %d: %d bytes, not those of the blob", off, n)
				}
			}
			if _, err := newPlainReader(src, int64(len(blob)), blobKey, 1<<20); !errors.Is(err, fault.want) {
				t.Errorf("open: %v, want %v", err, fault.want)
			}
			if _, _, err := plainSize(src, int64(len(blob)), blobKey, 1<<20); !errors.Is(err, fault.want) {
				t.Errorf("plainSize: %v, want %v", err, fault.want)
			}
		})
	}
}

func TestBlobReadAllocatesNothing(t *testing.T) {
	blob := encipher(t, pad(make([]byte, 1<<20)))
	r := openBlob(t, bytes.NewReader(blob), int64(len(blob)), 0)
	buf := make([]byte, 128<<10)
	for _, off := range []int64{0, 64 << 10, 1<<20 - 100} {
		if n := testing.AllocsPerRun(100, func() { r.ReadAt(buf, off) }); n != 0 {
			t.Errorf("read at %d: %v allocations", off, n)
		}
	}
	small := buf[:100]
	if n := testing.AllocsPerRun(100, func() { r.ReadAt(small, 24) }); n != 0 {
		t.Errorf("small read: %v allocations", n)
	}
}

// FuzzBlob reads n bytes at off of a blob whose plaintext has length bytes,
// then cuts the blob, with any size in the manifest: what is read are the bytes
// of the plaintext, and as many as the size says.
func FuzzBlob(f *testing.F) {
	for _, seed := range []struct {
		length, cut uint32
		size        int64
		n           uint32
		off         int64
	}{
		{0, 0, 0, 1, 0},
		{17, 0, 17, 5, 15},
		{70000, 0, 74096, 40000, 29999},
		{32, 16, 20, 100, 3},
		{100, 3, 1 << 40, 100, 90},
	} {
		f.Add(seed.length, seed.cut, seed.size, seed.n, seed.off)
	}
	source := randomBytes(6, 1<<20)
	f.Fuzz(func(t *testing.T, length, cut uint32, size int64, n uint32, off int64) {
		padded := pad(source[:length%uint32(len(source))])
		blob := encipher(t, padded)
		blob = blob[:len(blob)-int(cut)%(len(blob)+1)]
		r := openBlob(t, bytes.NewReader(blob), int64(len(blob)), size)
		if r.Size() < 0 || r.Size() > int64(len(blob)) {
			t.Fatalf("size %d of a blob of %d bytes", r.Size(), len(blob))
		}
		if len(blob) == len(padded) && r.Size() != int64(length%uint32(len(source))) {
			t.Fatalf("size %d, want %d", r.Size(), length%uint32(len(source)))
		}
		if off < 0 {
			off = -(off + 1)
		}
		want := int(n) % (2 * len(source))
		if err := checkRead(r, want, off, within(padded[:r.Size()], want, off)); err != nil {
			t.Error(err)
		}
	})
}

// plainSize is what opening a blob finds out.
func plainSize(src io.ReaderAt, length int64, key []byte, size int64) (int64, padding, error) {
	r, err := newPlainReader(src, length, key, size)
	if err != nil {
		return 0, 0, err
	}
	return r.Size(), r.padding, nil
}

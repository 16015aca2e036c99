package backupfmt

import (
	"bytes"
	"crypto/aes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// padding says what the end of an encrypted blob told about its length.
type padding uint8

const (
	// paddingGood: the last block ends in PKCS#7 padding, and the plaintext
	// before it. A blob of no bytes counts as good; its plaintext is empty.
	paddingGood padding = iota

	// paddingBad: whole blocks, but no padding in the last; other programs left
	// it out or zero-filled it. The plaintext has the manifest's size where that
	// lies in the last block or ends with it, else it is the whole blob.
	paddingBad

	// paddingOdd: the length is no multiple of 16, so the blob is damaged. The
	// plaintext is that of its whole blocks, or less where the manifest says so.
	paddingOdd
)

// A plainReader is the plaintext of an encrypted blob, as an io.ReaderAt. A
// read costs the same at any offset and may run beside others.
//
// A blob is one AES-CBC stream with a zero IV, PKCS#7 padded, with no header
// and no MAC: plaintext block i is D(C[i]) xor C[i-1], at the offset of C[i].
type plainReader struct {
	src     io.ReaderAt
	cbc     *cbc
	size    int64   // of the plaintext; no more than the whole blocks of the blob
	padding padding // how the size was found
	noise   bool    // of bad padding: what stands in its place is no zeros either
}

var _ io.ReaderAt = (*plainReader)(nil)

const (
	// windowSize is the most that a window decrypts at a time. From here on a
	// second call for the block before costs less than copying out of a window.
	windowSize = 16 << 10

	// directSize is the most that is decrypted at a time in the caller's buffer:
	// it should still be in the processor's cache, and assembly, which the
	// scheduler cannot interrupt, should not take long.
	directSize = 256 << 10
)

// A window is room for consecutive blocks, and before them the one that they
// are chained to.
type window [aes.BlockSize + windowSize]byte

var windows = sync.Pool{New: func() any { return new(window) }}

// newPlainReader returns the plaintext of the blob src of length bytes under
// key. It reads the last two blocks for the true size; size is the manifest's
// and counts only where they do not tell. The error is src's, or about the key.
func newPlainReader(src io.ReaderAt, length int64, key []byte, size int64) (*plainReader, error) {
	if length < 0 {
		return nil, fmt.Errorf("blob of %d bytes", length)
	}
	cbc, err := newCBC(key)
	if err != nil {
		return nil, err
	}
	r := &plainReader{src: src, cbc: cbc, size: length - length%aes.BlockSize}
	if err := r.trim(length, max(size, 0)); err != nil {
		return nil, err
	}
	return r, nil
}

// trim sets the size and the padding of r, whose size is that of all its whole
// blocks, from the last block, the length of the blob and the manifest's size.
func (r *plainReader) trim(length, size int64) error {
	if r.size != length {
		r.size, r.padding = min(r.size, size), paddingOdd
		return nil
	}
	if length == 0 {
		return nil
	}
	var last [aes.BlockSize]byte
	if _, err := r.ReadAt(last[:], length-aes.BlockSize); err != nil {
		return fmt.Errorf("read the padding: %w", err)
	}
	if n := paddingLen(last); n != 0 {
		r.size -= int64(n)
		return nil
	}
	r.padding = paddingBad
	if size <= length && length-size < aes.BlockSize {
		r.size = size
		r.noise = bytes.ContainsFunc(last[aes.BlockSize-(length-size):], func(c rune) bool { return c != 0 })
	}
	return nil
}

// paddingLen returns the length of the PKCS#7 padding at the end of a stream's
// last block, 1 to 16, or 0 when there is none.
func paddingLen(last [aes.BlockSize]byte) int {
	n := last[len(last)-1]
	if int(n) > len(last) {
		return 0
	}
	for _, b := range last[len(last)-int(n):] {
		if b != n {
			return 0
		}
	}
	return int(n)
}

// Size returns the exact length of the plaintext in bytes.
func (r *plainReader) Size() int64 { return r.size }

// ReadAt implements io.ReaderAt. A blob that ends before its stated length
// gives io.ErrUnexpectedEOF; io.EOF always means the end of the plaintext.
func (r *plainReader) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("read a blob at a negative offset")
	}
	if off >= r.size {
		return 0, io.EOF
	}
	var atEnd error
	if rest := r.size - off; int64(len(p)) > rest {
		p, atEnd = p[:rest], io.EOF
	}
	w := windows.Get().(*window)
	defer windows.Put(w)
	for n < len(p) {
		k, err := r.readSome(p[n:], off+int64(n), w)
		if err != nil {
			return n, err
		}
		n += k
	}
	return n, atEnd
}

// readSome reads into p from off on: all that is asked for, or up to the end of
// a block.
func (r *plainReader) readSome(p []byte, off int64, w *window) (int, error) {
	if off%aes.BlockSize == 0 && len(p) >= windowSize {
		return r.readDirect(p, off, w)
	}
	return r.readWindow(p, off, w)
}

// readDirect reads whole blocks into p and decrypts them there.
func (r *plainReader) readDirect(p []byte, off int64, w *window) (int, error) {
	p = p[:min(len(p)&^(aes.BlockSize-1), directSize)]
	before := w[:aes.BlockSize]
	if off == 0 {
		clear(before)
	} else if err := readFull(r.src, before, off-aes.BlockSize); err != nil {
		return 0, err
	}
	if err := readFull(r.src, p, off); err != nil {
		return 0, err
	}
	r.cbc.decrypt(p, p, before)
	return len(p), nil
}

// readWindow decrypts the blocks that off and p touch in w, and copies.
func (r *plainReader) readWindow(p []byte, off int64, w *window) (int, error) {
	skip := int(off % aes.BlockSize)
	n := min(skip+len(p)+aes.BlockSize-1, windowSize) &^ (aes.BlockSize - 1)
	ciphertext, at := w[:aes.BlockSize+n], off-int64(skip)-aes.BlockSize
	if at < 0 { // the first block is chained to zero
		clear(w[:aes.BlockSize])
		ciphertext, at = ciphertext[aes.BlockSize:], 0
	}
	if err := readFull(r.src, ciphertext, at); err != nil {
		return 0, err
	}
	blocks := w[aes.BlockSize:][:n]
	r.cbc.decrypt(blocks, blocks, w[:aes.BlockSize])
	return copy(p, blocks[skip:]), nil
}

// readFull fills p from src at off. Less than that is an error, never io.EOF.
func readFull(src io.ReaderAt, p []byte, off int64) error {
	n, err := src.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read %d bytes of ciphertext at %d: %w", len(p), off, err)
}

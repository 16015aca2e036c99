package keybag

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
)

// wrapIV is the value that a key wrap hides in front of the key.
var wrapIV = [8]byte{0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6}

// unwrap takes the key out of an RFC 3394 key wrap and says whether it passes
// its integrity check; dst is zeroed when it does not.
//
// len(wrapped) is len(dst)+8, len(dst) is 16 at least and a multiple of 8. buf
// is 16 bytes of scratch that end zeroed: the caller's, as anything that an
// interface such as cipher.Block sees would be allocated here on each call.
func unwrap(kek cipher.Block, dst, wrapped, buf []byte) bool {
	a := binary.BigEndian.Uint64(wrapped)
	copy(dst, wrapped[8:])
	n := len(dst) / 8
	for t := 6 * n; t > 0; t-- {
		r := dst[(t-1)%n*8:][:8]
		binary.BigEndian.PutUint64(buf, a^uint64(t))
		copy(buf[8:], r)
		kek.Decrypt(buf, buf)
		a = binary.BigEndian.Uint64(buf)
		copy(r, buf[8:])
	}
	ok := subtle.ConstantTimeCompare(buf[:8], wrapIV[:]) == 1
	clear(buf)
	if !ok {
		clear(dst)
	}
	return ok
}

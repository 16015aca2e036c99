package backupfmt

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// A Record is the metadata of one row of a manifest: an MBFile of
// Manifest.db, or a record of Manifest.mbdb. Its slices lie in the bytes it
// was decoded from and are valid as long as those are.
type Record struct {
	Mode  uint16 // st_mode with its type bits; permission bits may all be 0
	Class uint8  // protection class, 0 none given; 255 when out of range. That in a Key wins

	UserID, GroupID uint32 // usually 501; -2 and -1 occur as 4294967294 and …295
	Inode           uint64

	// Size is the length of the plaintext in bytes when the phone scanned the
	// file, which a database may since have changed. It is -1 when the record
	// has none, or one below 0 or above 1 PiB: then nothing is known of it.
	Size int64

	// Unix seconds; 0 when unknown or outside the years 1 to 9999. A record of
	// an mbdb has the ModTime alone.
	ModTime, ChangeTime, BirthTime int64

	// Key is the wrapped file key, with its class: nil when the file has none,
	// and otherwise what stands there, of any length. See wrappedKey.
	Key []byte

	// Digest is the SHA-1 of the blob as stored, nil when absent; 20 bytes
	// unless damaged.
	Digest []byte

	// Target is the text of a symbolic link: an absolute path on the phone.
	// It is nil when absent.
	Target []byte

	xattrs []byte // a binary property list, or the properties of an mbdb record
	mbdb   bool   // which of the two
}

const (
	keyLen      = 44        // u32 little-endian class, 40 bytes wrapped key
	maxSize     = 1 << 50   // no phone has a thousandth of it
	badClass    = 255       // Class when out of range
	sizeUnknown = int64(-1) // Size when there is no usable one
	firstTime   = -62135596800
	lastTime    = 253402300799
)

// maxTarget bounds the text of a link, in bytes: PATH_MAX of the phone.
const maxTarget = 1024

// LinkTarget is the text of a symbolic link. The error is ErrDamaged where it is
// none that a phone can have.
func (r *Record) LinkTarget() (string, error) {
	switch {
	case len(r.Target) == 0:
		return "", fmt.Errorf("%w: the link has no target", ErrDamaged)
	case len(r.Target) > maxTarget:
		return "", fmt.Errorf("%w: the link's target has %d bytes", ErrDamaged, len(r.Target))
	case bytes.IndexByte(r.Target, 0) >= 0:
		return "", fmt.Errorf("%w: the link's target has a NUL in it", ErrDamaged)
	}
	return string(r.Target), nil
}

// wrappedKey takes the Key apart: the protection class and the 40 bytes that
// its class key unwraps. Without a key, wrapped is nil and the blob is not
// encrypted; a key of another length is ErrDamaged and the file unreadable.
func (r *Record) wrappedKey() (class uint32, wrapped []byte, err error) {
	switch {
	case r.Key == nil:
		return 0, nil, nil
	case len(r.Key) != keyLen:
		return 0, nil, fmt.Errorf("file key: %w: %d bytes instead of %d", ErrDamaged, len(r.Key), keyLen)
	}
	return binary.LittleEndian.Uint32(r.Key), r.Key[4:], nil
}

// setSize takes a size as it is stored.
func (r *Record) setSize(v int64) {
	r.Size = v
	if v < 0 || v > maxSize {
		r.Size = sizeUnknown
	}
}

// setTime takes Unix seconds as they are stored.
func (r *Record) setTime(t *int64, v int64) {
	*t = v
	if v < firstTime || v > lastTime {
		*t = 0
	}
}

package backupfmt

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// A row is what the index takes from one row of a manifest. The slices are
// valid until the next row is read.
type row struct {
	entry  Entry
	domain []byte
	path   []byte
	fileID [20]byte
	mode   uint16
	class  uint8
	flags  nodeFlags
	size   int64
	mtime  int64
	key    [40]byte
}

// clone is the row in memory of its own.
func (r *row) clone() *row {
	own := *r
	own.domain, own.path = bytes.Clone(r.domain), bytes.Clone(r.path)
	return &own
}

// What makes a row one that cannot be shown. A path must stay below its
// domain, and a fileID must name a blob.
var (
	errFileID = fmt.Errorf("%w: the fileID is not 40 lower-case hex digits", ErrDamaged)
	errDomain = fmt.Errorf("%w: the domain is not a name", ErrDamaged)
	errPath   = fmt.Errorf("%w: the path is not a relative one", ErrDamaged)
	errRowID  = fmt.Errorf("%w: the row number is out of range", ErrDamaged)
	errType   = fmt.Errorf("%w: neither a file, a folder nor a link", ErrDamaged)
	errDepth  = fmt.Errorf("%w: the path has too many folders", ErrDamaged)
)

// maxDepth bounds the folders in a path. PATH_MAX leaves room for 2,048.
const maxDepth = 2048

func checkRow(r *row) error {
	if !componentOK(r.domain) || bytes.IndexByte(r.domain, '/') >= 0 {
		return errDomain
	}
	if len(r.path) == 0 {
		if r.mode&modeType != modeDir {
			return errPath
		}
		return nil
	}
	depth := 0
	for part := range bytes.SplitSeq(r.path, []byte{'/'}) {
		if !componentOK(part) {
			return errPath
		}
		depth++
	}
	if depth > maxDepth {
		return errDepth
	}
	return nil
}

// componentOK reports whether a name can stand in a path.
func componentOK(name []byte) bool {
	switch {
	case len(name) == 0, string(name) == ".", string(name) == "..":
		return false
	}
	return bytes.IndexByte(name, 0) < 0
}

const maxName = 255 // bytes, on every file system that matters

// shownName is a name as the tree shows it: its own bytes, unless they are not
// UTF-8 (a bad byte becomes %XX) or too many (the name is cut, and the first
// six hex digits of its SHA-1 keep it apart from others).
func shownName(name []byte) []byte {
	if len(name) <= maxName && utf8.Valid(name) {
		return name
	}
	whole := name
	if !utf8.Valid(name) {
		name = escapeInvalid(name)
	}
	if len(name) <= maxName {
		return name
	}
	ext := name[max(bytes.LastIndexByte(name, '.'), 0):]
	if len(ext) > 16 || len(ext) == len(name) || ext[0] != '.' {
		ext = nil
	}
	sum := sha1.Sum(whole)
	tail := append([]byte("~"+hex.EncodeToString(sum[:3])), ext...)
	stem := name[:maxName-len(tail)]
	for len(stem) > 0 && !utf8.Valid(stem) {
		stem = stem[:len(stem)-1]
	}
	return append(bytes.Clone(stem), tail...)
}

func escapeInvalid(name []byte) []byte {
	var out []byte
	for len(name) > 0 {
		r, n := utf8.DecodeRune(name)
		if r == utf8.RuneError && n == 1 {
			out = append(out, '%')
			if name[0] < 16 {
				out = append(out, '0')
			}
			out = strconv.AppendUint(out, uint64(name[0]), 16)
		} else {
			out = append(out, name[:n]...)
		}
		name = name[n:]
	}
	return out
}

// parseFileID reads 40 lower-case hex digits.
func parseFileID(s []byte) (id [20]byte, ok bool) {
	if len(s) != 2*len(id) {
		return id, false
	}
	for i := range id {
		hi, lo := hexDigit(s[2*i]), hexDigit(s[2*i+1])
		if hi|lo > 15 {
			return id, false
		}
		id[i] = hi<<4 | lo
	}
	return id, true
}

// hexDigit is the value of a lower-case digit, or 0xFF. It does not ask whether
// that is a letter: no processor guesses what comes next in a fileID.
func hexDigit(c byte) byte {
	n := (c&0xF + c>>6*9) & 0xF // letters begin at 0x61, digits at 0x30
	if "0123456789abcdef"[n] != c {
		return 0xFF
	}
	return n
}

// setRecord takes over what a row's metadata says. kind is the manifest's own
// word on the type, 0 when it has none.
func (r *row) setRecord(rec *Record, kind uint16) error {
	r.mode, r.size, r.mtime, r.class = rec.Mode, rec.Size, rec.ModTime, rec.Class
	r.flags, r.key = 0, [40]byte{}
	if kind != 0 {
		r.mode = r.mode&^modeType | kind
	}
	class, wrapped, err := rec.wrappedKey()
	switch {
	case err != nil || class > 255:
		r.flags |= badKey
	case wrapped != nil:
		r.flags |= hasKey
		r.class = uint8(class)
		copy(r.key[:], wrapped)
	}
	if rec.hasXattrs() {
		r.flags |= hasXattrs
	}
	switch r.mode & modeType {
	case modeDir, modeFile, modeLink:
		return nil
	}
	return errType
}

var errNoKey = errors.New("the key of this file cannot be read")

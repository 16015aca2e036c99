package backupfmt

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// An Xattr is an extended attribute that the phone gave a file, for example
// com.apple.assetsd.originalFilename.
type Xattr struct {
	Name  string // UTF-8 without NUL, 1 to 255 bytes, no platform's prefix
	Value []byte // raw: text, 16 bytes of a UUID, or a property list of its own
}

const (
	maxXattrs     = 1024    // of one file; 20 are many
	maxXattrName  = 255     // XATTR_NAME_MAX of Linux; macOS has 127
	maxXattrBytes = 4 << 20 // names and values of one file together
)

// hasXattrs is cheap, and true when Xattrs has something to decode.
func (r *Record) hasXattrs() bool { return len(r.xattrs) > 0 }

// Xattrs decodes the extended attributes, sorted by name, each name once.
// Values may lie in the bytes of the record. An attribute that cannot be had
// (no such name on any system, a value that is neither bytes nor text, beyond
// the first 1,024 or 4 MiB) is left out, and the error, which wraps ErrDamaged
// and comes beside the good ones, says how many are.
func (r *Record) Xattrs() ([]Xattr, error) {
	if len(r.xattrs) == 0 {
		return nil, nil
	}
	var s xattrSet
	if r.mbdb {
		s.addProperties(r.xattrs)
	} else if !s.addPlist(r.xattrs) {
		return nil, fmt.Errorf("extended attributes: %w: no property list of names", ErrDamaged)
	}
	slices.SortStableFunc(s.all, func(a, b Xattr) int { return cmp.Compare(a.Name, b.Name) })
	n := len(s.all)
	s.all = slices.CompactFunc(s.all, func(a, b Xattr) bool { return a.Name == b.Name })
	s.left += n - len(s.all)
	if s.left > 0 {
		return s.all, fmt.Errorf("extended attributes: %w: %d left out", ErrDamaged, s.left)
	}
	return s.all, nil
}

// An xattrSet gathers attributes within the limits.
type xattrSet struct {
	all   []Xattr
	bytes int
	left  int // attributes left out
}

// room says whether an attribute of so many bytes may still come.
func (s *xattrSet) room(size int) bool {
	return len(s.all) < maxXattrs && size <= maxXattrBytes-s.bytes
}

// add takes an attribute and says whether it did.
func (s *xattrSet) add(name, value []byte) bool {
	if !legalXattr(name) || !s.room(len(name)+len(value)) {
		return false
	}
	s.bytes += len(name) + len(value)
	s.all = append(s.all, Xattr{string(name), value})
	return true
}

func legalXattr(name []byte) bool {
	return len(name) > 0 && len(name) <= maxXattrName && utf8.Valid(name) && bytes.IndexByte(name, 0) < 0
}

// addPlist adds what a binary property list of one dict of name to data, or to
// a string, holds. It is false when b is no such list.
func (s *xattrSet) addPlist(b []byte) bool {
	var p bplist
	if !p.open(b) {
		return false
	}
	top, ok := p.object(p.top)
	if !ok || top.kind != kindDict {
		return false
	}
	n := min(top.n, maxXattrs)
	s.left += top.n - n
	for i := range n {
		name, nameOK := p.object(p.ref(top, i))
		value, valueOK := p.object(p.ref(top, top.n+i))
		if !nameOK || !valueOK || !s.addPair(&p, name, value) {
			s.left++
		}
	}
	return true
}

// addPair adds one pair of a dict. What UTF-16 comes to, up to 3 bytes a code
// unit, is reckoned before it is made: many pairs can share one long string.
func (s *xattrSet) addPair(p *bplist, key, value object) bool {
	if key.n > maxXattrName || value.kind == kindUTF16 && !s.room(3*value.n) {
		return false
	}
	name, ok := p.text(key)
	if !ok || !legalXattr(name) {
		return false
	}
	if value.kind == kindData {
		return s.add(name, p.bytes(value))
	}
	text, ok := p.text(value)
	return ok && s.add(name, text)
}

// addProperties adds the pairs of strings at the end of an mbdb record, which
// readMBDBRecord has found whole.
func (s *xattrSet) addProperties(b []byte) {
	for c := (mbdbCursor{b: b}); len(c.b) > 0 && !c.short; {
		if name, value := c.str(), c.str(); !s.add(name, value) {
			s.left++
		}
	}
}

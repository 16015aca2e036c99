package backupfmt

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"howett.net/plist"
)

const (
	// maxPlist is the largest property list that is read, in bytes. The largest
	// real one is Info.plist, which holds an icon of some 30 KiB for each app.
	maxPlist = 64 << 20

	// maxPlistDepth is how deep containers may lie in one another. The library
	// recurses, and a stack that overflows ends a Go program past any recover.
	maxPlistDepth = 64

	// plistNode and plistDict are about what the library takes for a value, and
	// for a dictionary of XML, in bytes.
	plistNode = 64
	plistDict = 1024

	// maxPlistText is the length in bytes to which a name or version is cut.
	maxPlistText = 512
)

// plistLoss is the number of values that a property list held and that could
// not be read. As an error of decodePlist it says that all else was decoded.
type plistLoss int

func (n plistLoss) Error() string {
	if n == 1 {
		return "one value could not be read"
	}
	return fmt.Sprintf("%d values could not be read", int(n))
}

// DecodePlist decodes a property list from within a backup, XML or binary, into
// v: a pointer to an empty interface or to a map of them. A value that cannot
// be read costs its key or array element, no more. References of a keyed
// archive are values of plist.UID. No list makes it panic, or cost more than
// its length bounds. The errors wrap ErrDamaged. Strings and data of v may share
// memory with b.
func DecodePlist(b []byte, v any) error {
	err := decodePlist(b, v)
	if loss := plistLoss(0); errors.As(err, &loss) {
		return nil
	}
	return err
}

// decodePlist decodes a property list, XML or binary, into v: a pointer to an
// empty interface or to a map of them. Keys named in skip may be left out, which
// saves the decoding of large values in XML.
//
// A value that cannot be read costs its key or array element, no more: the
// rest is in v and the error is a plistLoss. Any other error wraps ErrDamaged.
// The list is checked and mended before the library sees it, because howett.net/plist
// allocates what a length of the input claims, follows shared objects as often
// as they are named, recurses without a bound, falls back to a third format
// that nobody writes, and panics past its own error return.
//
// Strings and data of v may share memory with b, which must not change.
func decodePlist(b []byte, v any, skip ...string) (err error) {
	if len(b) > maxPlist {
		return fmt.Errorf("property list of %d bytes: %w: longer than %d", len(b), ErrDamaged, maxPlist)
	}
	mended, lost, err := mendPlist(b, skip)
	if err != nil {
		return fmt.Errorf("property list: %w: %w", ErrDamaged, err)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("property list: %w: %v", ErrDamaged, r)
		}
	}()
	if _, err := plist.Unmarshal(mended, v); err != nil {
		return fmt.Errorf("property list: %w: %w", ErrDamaged, err)
	}
	if lost > 0 {
		return plistLoss(lost)
	}
	return nil
}

// mendPlist gives a list that the library can decode at a cost bounded by the
// length of b, and how many values it had to leave out.
func mendPlist(b []byte, skip []string) (mended []byte, lost int, err error) {
	budget := min(64<<10+64*len(b), 2*maxPlist)
	if bytes.HasPrefix(b, []byte("bplist")) {
		return mendBinaryPlist(b, budget)
	}
	return mendXMLPlist(b, skip, budget)
}

// dict is a decoded dictionary. Its methods take a value of the wrong type for
// an absent one, and copy what they return, so that a name does not keep a
// whole file in memory.
type dict map[string]any

// text is a string that is fit to be shown in one line.
func (d dict) text(key string) string {
	s, _ := d[key].(string)
	return plainText(s)
}

func (d dict) data(key string) []byte {
	b, _ := d[key].([]byte)
	return bytes.Clone(b)
}

// time is a date in UTC; one outside the years 1970 to 9999 is absent.
func (d dict) time(key string) time.Time {
	t, _ := d[key].(time.Time)
	if t = t.UTC(); t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

func (d dict) dict(key string) dict {
	m, _ := d[key].(map[string]any)
	return m
}

// keys are the first keys of all, in order.
func (d dict) keys(limit int) []string {
	keys := slices.Sorted(maps.Keys(d))
	return keys[:min(limit, len(keys))]
}

// texts are the strings of an array; elements of other types are left out.
func (d dict) texts(key string) []string {
	a, _ := d[key].([]any)
	var texts []string
	for _, v := range a {
		if s, ok := v.(string); ok {
			texts = append(texts, plainText(s))
		}
	}
	return slices.Clip(texts)
}

// plainText makes a string safe for a terminal and a file manager: valid UTF-8
// in one line without control characters or changes of direction, without space
// at its ends, and cut to maxPlistText bytes.
func plainText(s string) string {
	cut := len(s) > maxPlistText
	if cut {
		s = s[:maxPlistText]
		for i := range utf8.UTFMax - 1 {
			if r, n := utf8.DecodeLastRuneInString(s[:len(s)-i]); r != utf8.RuneError || n != 1 {
				s = s[:len(s)-i]
				break
			}
		}
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
	return strings.Clone(strings.TrimSpace(s))
}

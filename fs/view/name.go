package view

import (
	"crypto/sha1"
	"encoding/hex"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ibfs/fs/vtree"
)

// SafeName turns a name from a backup into one that a file can have on every
// system: one line of NFC text of at most 255 bytes, with nothing in it that a
// file system, a shell or Windows takes for something else. An empty one is
// "Untitled". Two names can become one: see Unique.
//
// Source: views.md section 2, rules 1 to 13.
func SafeName(name string) string {
	full := name
	name = strings.Map(safeRune, strings.ToValidUTF8(name, "\uFFFD"))
	name = strings.Join(strings.Fields(norm.NFC.String(name)), " ")
	name = strings.TrimRight(name, ". ")
	switch {
	case name == "" && strings.Trim(full, ". ") == "" && strings.Contains(full, "."):
		return strings.Repeat("_", min(strings.Count(full, "."), 2))
	case name == "":
		return "Untitled"
	case name[0] == '-' || name[0] == '.' || deviceName.MatchString(name):
		name = "_" + name
	}
	return shorten(name, full, vtree.MaxName)
}

// FileName is SafeName for a file of some title: an extension such as ".txt"
// stays whole behind it, and a title that is empty is "Untitled".
func FileName(title, ext string) string {
	return shorten(SafeName(title)+ext, title+ext, vtree.MaxName)
}

// deviceName is what Windows keeps for devices, with any extension.
var deviceName = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?$`)

func safeRune(r rune) rune {
	switch {
	case r == 0, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0xFEFF:
		return -1 // nothing, or text direction, which makes a name look like another
	case r < ' ', r >= 0x7F && r <= 0x9F:
		return ' '
	case strings.ContainsRune(`/\:*?"<>|`, r):
		return '_'
	}
	return r
}

const maxExt = 16 // bytes that a name keeps behind its last dot when it is cut

// shorten cuts the stem of a name that is too long. Six hex digits of the
// SHA-1 of the full name keep it apart from others.
func shorten(name, full string, limit int) string {
	if len(name) <= limit {
		return name
	}
	ext := extension(name)
	sum := sha1.Sum([]byte(full))
	tail := "~" + hex.EncodeToString(sum[:3]) + ext
	stem := strings.TrimSuffix(name, ext)[:limit-len(tail)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(stem, " ") + tail
}

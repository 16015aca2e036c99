package vtree

import (
	"errors"
	"strings"
)

// MaxName is the longest name of an entry, in bytes, as on most file systems.
const MaxName = 255

// ErrName is a name that no entry of a tree may have.
var ErrName = errors.New("not a name for a file")

// ValidName reports whether a name can stand in a listing: 1 to MaxName bytes,
// neither "." nor "..", without "/" and NUL. Names need not be UTF-8: the rows
// of a backup keep theirs untouched.
func ValidName(name string) bool {
	return name != "" && name != "." && name != ".." && len(name) <= MaxName && !strings.ContainsAny(name, "/\x00")
}

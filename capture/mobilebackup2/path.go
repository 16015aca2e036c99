package mobilebackup2

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"ibfs/capture/devicelink"
)

const (
	maxDepth     = 16  // components of a path
	maxComponent = 255 // bytes

	// ownPrefix starts the names of our own files in the tree. The phone never
	// sees one.
	ownPrefix = ".ibfs-"
)

// checkPath tells why a path of the phone's is not followed. A good one is the folder
// of the backup of udid, or lies in it.
func checkPath(udid, path string) error {
	refuse := func(why string) error { return fmt.Errorf("%w: a path %s", devicelink.ErrRefused, why) }
	if len(path) > devicelink.MaxName {
		return refuse(fmt.Sprintf("of %d bytes", len(path)))
	}
	if !utf8.ValidString(path) {
		return refuse("that is no text")
	}
	if strings.ContainsFunc(path, func(r rune) bool { return r == '\\' || unicode.IsControl(r) }) {
		return refuse("with a control character or backslash")
	}
	depth := 0
	for component := range strings.SplitSeq(path, "/") {
		depth++
		switch {
		case component == "":
			return refuse("with an empty component")
		case component == "." || component == "..":
			return refuse("with a component of dots")
		case len(component) > maxComponent:
			return refuse(fmt.Sprintf("with a component of %d bytes", len(component)))
		case strings.HasPrefix(component, ownPrefix):
			return refuse("that is ours")
		case depth == 1 && component != udid:
			return refuse("outside the backup")
		case depth > maxDepth:
			return refuse(fmt.Sprintf("deeper than %d", maxDepth))
		}
	}
	return nil
}

// split parts a path into the folder and the name in it.
func split(path string) (dir, name string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

// within says that a path is folder or lies in it.
func within(path, folder string) bool {
	rest, ok := strings.CutPrefix(path, folder)
	return ok && (rest == "" || rest[0] == '/')
}

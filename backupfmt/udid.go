package backupfmt

import (
	"path"
	"regexp"
	"strings"
)

// The two forms of a device's number: 40 hexadecimal digits until 2018, and 8
// and 16 of them since. A folder of either name may end in the time at which
// Finder archived it.
var (
	udidForm   = regexp.MustCompile(`^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{16})$`)
	folderForm = regexp.MustCompile(`^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{16})(?:-\d{8}-\d{6})?$`)
	safeUDID   = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z-]{0,63}$`)
)

// MatchUDID tells whether a query, with or without the dash and in any case, is
// the beginning of a device's number. An empty query matches none.
func MatchUDID(udid, query string) bool {
	q := bareUDID(query)
	return q != "" && strings.HasPrefix(bareUDID(udid), q)
}

func bareUDID(s string) string { return strings.ToLower(strings.ReplaceAll(s, "-", "")) }

// canonicalUDID writes a number as the device itself does, since Info.plist and
// folder names differ in case. One that is no plain word gives "".
func canonicalUDID(s string) string {
	bare := bareUDID(s)
	switch {
	case !safeUDID.MatchString(s):
		return ""
	case !udidForm.MatchString(s):
		return s
	case len(bare) == 40:
		return bare
	}
	return strings.ToUpper(bare[:8] + "-" + bare[8:])
}

// folderUDID is the device's number that a path names: in its last element, or
// above it, as <UDID>/snapshots/<time> and iMazing.Versions/Versions/<UDID>/<time> do.
func folderUDID(folder string) string {
	for range 3 {
		if m := folderForm.FindStringSubmatch(path.Base(folder)); m != nil {
			return canonicalUDID(m[1])
		}
		folder = path.Dir(folder)
	}
	return ""
}

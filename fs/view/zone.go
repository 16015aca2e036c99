package view

import (
	"regexp"
	"time"
	_ "time/tzdata" // zones are named by the backup, and a host need not have them
)

var (
	zoneName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$`)

	// noZone is what lies beside zones on a host: its own zone, and the same zones
	// otherwise counted.
	noZone = regexp.MustCompile(`(?i)^(local|localtime|posixrules|posix/.*|right/.*)$`)
)

// NamedZone is the time zone that the world knows by a name, such as "UTC",
// "Europe/Oslo" or "America/Argentina/Buenos_Aires"; nil where there is none.
// What names this machine's own zone is no name.
func NamedZone(name string) *time.Location {
	if !zoneName.MatchString(name) || noZone.MatchString(name) {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

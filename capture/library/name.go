package library

import (
	"strings"
	"time"
)

const (
	nameLayout = "2006-01-02_15-04-05"
	zoneLayout = nameLayout + "-0700"
)

// snapshotName is the local time of a backup. Where that hour comes twice, the
// time that does not read back as this instant has the zone's offset behind it.
func snapshotName(at time.Time, zone *time.Location) string {
	at = at.Truncate(time.Second)
	name := at.In(zone).Format(nameLayout)
	if back, ok := nameInstant(name, zone); !ok || !back.Equal(at) {
		return at.In(zone).Format(zoneLayout)
	}
	return name
}

// nameInstant reads a snapshot's name, for one whose record is lost.
func nameInstant(name string, zone *time.Location) (at time.Time, ok bool) {
	if len(name) > len(nameLayout) {
		if i := strings.IndexByte(name[len(nameLayout):], '_'); i >= 0 { // the number of a second one
			name = name[:len(nameLayout)+i]
		}
	}
	for _, layout := range []string{nameLayout, zoneLayout} {
		if at, err := time.ParseInLocation(layout, name, zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

package photos

import (
	"regexp"
	"strconv"
	"time"

	"ibfs/fs/view"
)

const (
	maxZones = 1000      // that are looked for; the world has 600
	maxAhead = 18 * 3600 // seconds; the world's are within 14 hours
)

// zones tell what local time was ahead of UTC.
type zones struct {
	fallback *time.Location
	known    map[string]*time.Location // nil: no such zone
}

// ahead is what local time was ahead of UTC at an instant, in seconds: the
// offset itself, where there is one, or that of a named zone.
func (z *zones) ahead(at time.Time, offset *int64, name string) int32 {
	switch {
	case at.IsZero():
		return 0
	case offset != nil && *offset >= -maxAhead && *offset <= maxAhead:
		return int32(*offset)
	}
	zone := z.named(name)
	if zone == nil {
		zone = z.fallback
	}
	if zone == nil {
		return 0
	}
	_, seconds := at.In(zone).Zone()
	return int32(seconds)
}

func (z *zones) named(name string) *time.Location {
	if name == "" || len(name) > 64 {
		return nil
	}
	zone, known := z.known[name]
	if known || len(z.known) == maxZones {
		return zone
	}
	if m := fixedZone.FindStringSubmatch(name); m != nil {
		zone = fixed(m[1], m[2], m[3])
	} else {
		zone = view.NamedZone(name)
	}
	if z.known == nil {
		z.known = map[string]*time.Location{}
	}
	z.known[name] = zone
	return zone
}

// fixedZone is what the phone calls a zone that it knows by its offset alone.
var fixedZone = regexp.MustCompile(`^GMT([+-])(\d{1,2}):?(\d{2})$`)

func fixed(sign, hours, minutes string) *time.Location {
	h, _ := strconv.Atoi(hours) // digits
	m, _ := strconv.Atoi(minutes)
	seconds := h*3600 + m*60
	if seconds > maxAhead {
		return nil
	}
	if sign == "-" {
		seconds = -seconds
	}
	return time.FixedZone("", seconds)
}

package calls

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// sheet is a table of calls as CSV.
func sheet(src *view.Source, calls []call) vtree.Content {
	return src.Render(func(context.Context) ([]byte, error) { return table(calls, src.Zone), nil })
}

// table has a row for each call: times as ISO 8601, with the distance from UTC
// that the zone had at that time, and lengths likewise.
func table(calls []call, zone *time.Location) []byte {
	s := view.NewSheet("Date", "Direction", "Name", "Number", "Kind", "Duration", "Country", "Location", "App")
	for _, c := range calls {
		s.Row(view.Stamp(c.at, zone), c.direction, c.names(), c.numbers(), c.kind, isoLength(c.length), c.country, c.location, c.service)
	}
	return s.Bytes()
}

// names are those of all at the other end, "" where none is known.
func (c call) names() string {
	if len(c.handles) == 0 {
		return c.name
	}
	names := make([]string, len(c.handles))
	for i := range names {
		names[i] = c.nameOf(i)
	}
	if slices.Equal(names, c.handles) {
		return ""
	}
	return strings.Join(names, ", ")
}

// numbers are those at the other end, with nothing between that no number has:
// see view.Sheet.
func (c call) numbers() string { return strings.Join(c.handles, " / ") }

// isoLength is a length as ISO 8601 writes it: "PT1H2M3S".
func isoLength(d time.Duration) string {
	if d < time.Second {
		return "PT0S"
	}
	return "PT" + strings.ToUpper(shortLength(d))
}

// shortLength is "1h2m3s", without what is 0.
func shortLength(d time.Duration) string {
	var b strings.Builder
	for _, unit := range []struct {
		d    time.Duration
		name byte
	}{{time.Hour, 'h'}, {time.Minute, 'm'}, {time.Second, 's'}} {
		if n := d / unit.d; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, unit.name)
			d -= n * unit.d
		}
	}
	return b.String()
}

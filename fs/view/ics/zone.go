package ics

import (
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-ical"

	"ibfs/fs/view"
)

// A zone is a time zone and the part of time that it is used for.
type zone struct {
	loc      *time.Location
	from, to time.Time
}

// maxZones bounds the names that are looked up for one calendar.
const maxZones = 1000

// Zone is the time zone of a name, or nil when there is none.
func (c *Calendar) Zone(name string) *time.Location {
	z, known := c.zones[name]
	if !known && len(c.zones) < maxZones {
		if loc := view.NamedZone(name); loc != nil {
			z = &zone{loc: loc}
		}
		c.zones[name] = z
	}
	if z == nil {
		return nil
	}
	return z.loc
}

// use notes that the file has a time in a zone, which must be described then.
func (c *Calendar) use(m Moment) {
	if z := c.zones[m.Location().String()]; m.kind == zoned && z != nil {
		if z.from.IsZero() || m.Before(z.from) {
			z.from = m.Time
		}
		if m.After(z.to) {
			z.to = m.Time
		}
	}
}

// lastYear is how far zones are described for what recurs without an end.
const lastYear = 2050

// component describes a zone as a VTIMEZONE: each change of its offset, with
// when it comes. Most readers know the zone by its name.
func (z *zone) component() *ical.Component {
	c := ical.NewComponent(ical.CompTimezone)
	c.Props.SetText(ical.PropTimezoneID, z.loc.String())
	var order []change
	onsets := map[change][]time.Time{} // what clocks show that are still to change
	last := change{}
	// A year more at both ends, so that no summer time is without a winter.
	from, to := z.from.AddDate(-1, 0, 0), z.to.AddDate(1, 0, 0)
	for t := from; ; {
		start, end := t.ZoneBounds()
		ch := change{summer: t.IsDST()}
		ch.name, ch.to = t.Zone()
		ch.from = ch.to
		if start.IsZero() {
			start = time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)
		} else {
			_, ch.from = start.Add(-time.Second).Zone()
		}
		if last.name != ch.name || last.to != ch.to {
			if onsets[ch] == nil {
				order = append(order, ch)
			}
			onsets[ch] = append(onsets[ch], start.UTC().Add(time.Duration(ch.from)*time.Second))
		}
		last = ch
		if end.IsZero() || end.After(to) {
			break
		}
		if !end.After(t) {
			// Go 1.26 ends a leap year a day early beyond the years that the
			// zone's table has, and finds no way on.
			end = t.Add(24 * time.Hour)
		}
		t = end
	}
	for _, ch := range order {
		times := onsets[ch]
		n, rule := tail(times, to.Year()-1)
		if n > 0 {
			c.Children = append(c.Children, ch.component(times[:n], ""))
		}
		if rule != "" {
			c.Children = append(c.Children, ch.component(times[n:n+1], rule))
		}
	}
	return c
}

// tail splits times into those that have to be listed and the rest, which are
// those of a rule that goes on to a year at least. A rule that ends is none:
// not all readers understand where.
func tail(times []time.Time, year int) (listed int, rule string) {
	if times[len(times)-1].Year() < year {
		return len(times), ""
	}
	for n := range len(times) - 2 {
		if rule := yearly(times[n:]); rule != "" {
			return n, rule
		}
	}
	return len(times), ""
}

// yearly is the rule of a weekday in each year that all of the times follow, or
// "".
func yearly(times []time.Time) string {
	first := times[0]
	for _, position := range []int{-1, 1, 2, 3, 4} {
		n := 0
		for n < len(times) && isNth(times[n], position) && times[n].Year() == first.Year()+n && times[n].Month() == first.Month() &&
			times[n].Weekday() == first.Weekday() && times[n].Sub(midnight(times[n])) == first.Sub(midnight(first)) {
			n++
		}
		if n == len(times) {
			return fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", first.Month(), position, strings.ToUpper(first.Weekday().String()[:2]))
		}
	}
	return ""
}

// isNth reports whether a day is the n-th of its weekday in its month; -1 is the
// last.
func isNth(t time.Time, n int) bool {
	if n < 0 {
		return t.AddDate(0, 0, 7).Month() != t.Month()
	}
	return (t.Day()-1)/7+1 == n
}

func midnight(t time.Time) time.Time { return t.Truncate(24 * time.Hour) }

// A change of a zone's offset, in seconds from UTC.
type change struct {
	name     string
	from, to int
	summer   bool
}

// component says that a change came at some times, or at the first and then by a
// rule.
func (ch change) component(times []time.Time, rule string) *ical.Component {
	kind := ical.CompTimezoneStandard
	if ch.summer {
		kind = ical.CompTimezoneDaylight
	}
	o := ical.NewComponent(kind)
	Text(o, ical.PropTimezoneName, ch.name)
	o.Props.Set(Floating(times[0]).prop(ical.PropDateTimeStart))
	for _, t := range times[1:] {
		o.Props.Add(Floating(t).prop(ical.PropRecurrenceDates))
	}
	value(o, ical.PropTimezoneOffsetFrom, offsetText(ch.from))
	value(o, ical.PropTimezoneOffsetTo, offsetText(ch.to))
	if rule != "" {
		value(o, ical.PropRecurrenceRule, rule)
	}
	return o
}

// offsetText is an offset from UTC in seconds as iCalendar has it, "+0530".
func offsetText(s int) string {
	sign := '+'
	if s < 0 {
		sign, s = '-', -s
	}
	text := fmt.Sprintf("%c%02d%02d", sign, s/3600, s/60%60)
	if s%60 != 0 {
		text += fmt.Sprintf("%02d", s%60)
	}
	return text
}

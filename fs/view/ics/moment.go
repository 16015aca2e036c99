package ics

import (
	"time"

	"github.com/emersion/go-ical"
)

// A Moment is a time as a calendar has it: an instant, which may be told in the
// time of a place; a day; or what a clock shows, wherever it is.
type Moment struct {
	time.Time // in UTC, or in the zone of the place; zero when it is not known
	kind      kind
}

type kind int

const (
	instant kind = iota
	day
	floating
	zoned
)

// Instant is a time that is the same everywhere.
func Instant(t time.Time) Moment { return Moment{t.UTC(), instant} }

// Day is the day of a time, as UTC has it.
func Day(t time.Time) Moment { return Moment{t.UTC(), day} }

// Floating is what a clock shows in UTC at a time, wherever the clock is.
func Floating(t time.Time) Moment { return Moment{t.UTC(), floating} }

// In is a time as the clocks of a zone show it.
func In(t time.Time, z *time.Location) Moment {
	if z == nil || z == time.UTC {
		return Instant(t)
	}
	return Moment{t.In(z), zoned}
}

// IsDay reports whether it is a day.
func (m Moment) IsDay() bool { return m.kind == day }

const (
	dayForm   = "20060102"
	localForm = "20060102T150405"
	utcForm   = "20060102T150405Z"
)

func (m Moment) String() string {
	switch m.kind {
	case day:
		return m.Format(dayForm)
	case floating, zoned:
		return m.Format(localForm)
	}
	return m.UTC().Format(utcForm)
}

func (m Moment) prop(name string) *ical.Prop {
	p := ical.NewProp(name)
	p.Value = m.String()
	switch m.kind {
	case day:
		p.SetValueType(ical.ValueDate)
	case zoned:
		p.Params.Set(ical.ParamTimezoneID, m.Location().String())
	}
	return p
}

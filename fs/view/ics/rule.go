package ics

import (
	"fmt"
	"time"

	"github.com/emersion/go-ical"
)

// A Rule says when something recurs.
type Rule struct {
	Frequency string // "DAILY" and so on; "" is no rule
	Interval  int64  // of days and so on; below 2 is each
	Count     int64  // 0 or less is no bound
	Until     time.Time
	By        string // such as ";BYDAY=MO"
}

// What a rule can say; more is a damaged one.
const (
	maxInterval = 1000
	maxCount    = 100_000
)

// text is the rule for something that begins at a time, whose kind that of the
// end must be.
func (r Rule) text(start Moment) string {
	text := "FREQ=" + r.Frequency
	if r.Interval > 1 && r.Interval <= maxInterval {
		text += fmt.Sprintf(";INTERVAL=%d", r.Interval)
	}
	switch {
	case r.Count > 0 && r.Count <= maxCount:
		text += fmt.Sprintf(";COUNT=%d", r.Count)
	case !r.Until.IsZero():
		until := Moment{r.Until.UTC(), start.kind}
		if start.kind == zoned {
			until.kind = instant
		}
		text += ";UNTIL=" + until.String()
	}
	return text + r.By
}

// Rule sets the rule of a component that begins at a time, which must be known.
func (c *Calendar) Rule(comp *ical.Component, r Rule, start Moment) {
	if r.Frequency == "" || start.IsZero() {
		return
	}
	p := ical.NewProp(ical.PropRecurrenceRule)
	p.Value = r.text(start)
	comp.Props.Set(p)
	if start.kind == zoned {
		last := time.Date(lastYear, 1, 1, 0, 0, 0, 0, time.UTC)
		if !r.Until.IsZero() && r.Until.Before(last) {
			last = r.Until
		}
		c.use(In(last, start.Location()))
	}
}

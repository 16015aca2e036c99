package reminders

import (
	"cmp"
	"fmt"
	"time"

	"github.com/emersion/go-ical"

	"ibfs/fs/view/ics"
)

// render is a list as an iCalendar file.
//
// Source: RFC 5545.
func (s *store) render(list string, items []*reminder) ([]byte, error) {
	c := ics.New(list, "")
	for _, r := range items {
		c.Add(s.todo(c, r))
	}
	return c.Bytes()
}

func (s *store) todo(c *ics.Calendar, r *reminder) *ical.Component {
	t := ical.NewComponent(ical.CompToDo)
	ics.Text(t, ical.PropUID, s.uid(r))
	stamp := r.changed
	if stamp.IsZero() {
		stamp = cmp.Or(r.created, s.written)
	}
	ics.Stamp(t, stamp)
	c.Set(t, ical.PropCreated, known(r.created))
	c.Set(t, ical.PropLastModified, known(r.changed))
	ics.Text(t, ical.PropSummary, r.title)
	ics.Text(t, ical.PropDescription, r.notes)
	ics.URI(t, ical.PropURL, r.url)
	if r.priority > 0 && r.priority < 10 {
		ics.Number(t, ical.PropPriority, r.priority)
	}
	if r.flagged {
		ics.Text(t, ical.PropCategories, "Flagged")
	}
	ics.Text(t, ical.PropStatus, "NEEDS-ACTION")
	if r.done || !r.completed.IsZero() {
		ics.Text(t, ical.PropStatus, "COMPLETED")
		c.Set(t, ical.PropCompleted, known(r.completed))
	}
	if parent := s.byID[r.parent]; parent != nil && parent != r {
		ics.Text(t, ical.PropRelatedTo, s.uid(parent))
	}
	due := r.dueIn(c)
	c.Set(t, ical.PropDue, due)
	if r.rule != nil {
		r.rule.set(c, t, due)
	}
	return t
}

// frequencies are those of ZFREQUENCY.
//
// Source: the descriptions that ReminderKit of iOS 26 has for them. They are not
// those of the calendars' Recurrence.frequency.
var frequencies = map[int64]string{0: "DAILY", 1: "WEEKLY", 2: "MONTHLY", 3: "YEARLY", 4: "HOURLY"}

// set writes the rule of a thing to do, which begins when it is due.
func (r *rule) set(c *ics.Calendar, t *ical.Component, due ics.Moment) {
	frequency := frequencies[r.frequency]
	if frequency == "" || due.IsZero() || due.IsDay() && frequency == "HOURLY" {
		return
	}
	c.Set(t, ical.PropDateTimeStart, due) // which what recurs must have
	c.Rule(t, ics.Rule{Frequency: frequency, Interval: r.interval, Count: r.count, Until: r.end}, due)
}

// dueIn is when a reminder is due.
func (r *reminder) dueIn(c *ics.Calendar) ics.Moment {
	switch {
	case r.due.IsZero():
		return ics.Moment{}
	case r.allDay:
		return ics.Day(r.due)
	case r.zone == "":
		return ics.Floating(r.due)
	}
	return ics.In(r.due, c.Zone(r.zone))
}

func known(t time.Time) ics.Moment {
	if t.IsZero() {
		return ics.Moment{}
	}
	return ics.Instant(t)
}

// uid names a reminder in all backups of the phone. Rows are numbered in each
// store anew.
func (s *store) uid(r *reminder) string {
	return cmp.Or(r.identifier, fmt.Sprintf("reminder-%d@%s", r.id, s.name))
}

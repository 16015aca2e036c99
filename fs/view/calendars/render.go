package calendars

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/emersion/go-ical"

	"ibfs/fs/view/ics"
)

// render is a calendar with some items as an iCalendar file.
//
// Source: RFC 5545.
func (s *store) render(c calendar, items []*item) ([]byte, error) {
	w := writer{s, ics.New(c.title, c.color), map[int64]string{}, map[int64]map[time.Time]bool{}}
	taken := map[string]bool{}
	for _, i := range items {
		if m := s.replaces(i); m != nil {
			if w.replaced[m.id] == nil {
				w.replaced[m.id] = map[time.Time]bool{}
			}
			w.replaced[m.id][i.original] = true
			continue
		}
		w.uids[i.id] = i.uid(w.device, taken)
	}
	for _, i := range items {
		switch {
		case i.phantom:
		case i.todo:
			w.c.Add(w.todo(i))
		default:
			w.c.Add(w.event(i))
		}
	}
	return w.c.Bytes()
}

// A writer writes the items of one calendar.
type writer struct {
	*store
	c        *ics.Calendar
	uids     map[int64]string             // of those that stand for themselves
	replaced map[int64]map[time.Time]bool // occurrences that another item stands for
}

// moment is a time of an item, in the zone of a name.
func (w *writer) moment(t time.Time, allDay bool, zone string) ics.Moment {
	switch {
	case t.IsZero():
		return ics.Moment{}
	case allDay:
		return ics.Day(t)
	case zone == floatingZone:
		return ics.Floating(t)
	}
	return ics.In(t, w.c.Zone(zone))
}

func (w *writer) start(i *item) ics.Moment { return w.moment(i.start, i.allDay, i.zone) }

func (w *writer) event(i *item) *ical.Component {
	e := ical.NewComponent(ical.CompEvent)
	w.common(e, i)
	start := w.start(i)
	w.c.Set(e, ical.PropDateTimeStart, start)
	w.c.Set(e, ical.PropDateTimeEnd, w.end(i))
	if status := map[int64]string{1: "CONFIRMED", 2: "TENTATIVE", 3: "CANCELLED"}[i.status]; status != "" {
		e.Props.SetText(ical.PropStatus, status)
	}
	if i.availability == free {
		e.Props.SetText(ical.PropTransparency, "TRANSPARENT")
	}
	w.recurrence(e, i, start)
	return e
}

// free is CalendarItem.availability of what takes up no time.
const free = 1

// end is when an event ends. iCalendar's end of days is the day behind the
// last; the phone has 23:59:59 of the last one.
func (w *writer) end(i *item) ics.Moment {
	if !i.end.After(i.start) {
		return ics.Moment{}
	}
	if i.allDay {
		const day = 24 * time.Hour
		return ics.Day(i.start.Add((i.end.Sub(i.start) + day - time.Second).Truncate(day)))
	}
	if i.zone == floatingZone {
		return ics.Floating(i.end)
	}
	zone := i.zone
	if w.c.Zone(i.endZone) != nil {
		zone = i.endZone
	}
	return w.moment(i.end, false, zone)
}

func (w *writer) todo(i *item) *ical.Component {
	t := ical.NewComponent(ical.CompToDo)
	w.common(t, i)
	due := w.moment(i.due, i.dueDay, i.dueZone)
	w.c.Set(t, ical.PropDue, due)
	// A start of another kind than that of the due date is not allowed, and
	// what recurs must have one.
	start := w.start(i)
	if !due.IsZero() && (start.IsZero() || start.IsDay() != due.IsDay() || start.After(due.Time)) {
		start = ics.Moment{}
		if len(i.rules) > 0 {
			start = due
		}
	}
	w.c.Set(t, ical.PropDateTimeStart, start)
	t.Props.SetText(ical.PropStatus, "NEEDS-ACTION")
	if !i.completed.IsZero() {
		t.Props.SetText(ical.PropStatus, "COMPLETED")
		w.c.Set(t, ical.PropCompleted, ics.Instant(i.completed))
	}
	if i.priority > 0 && i.priority < 10 {
		ics.Number(t, ical.PropPriority, i.priority)
	}
	w.recurrence(t, i, start)
	return t
}

// common writes what events and reminders both have.
func (w *writer) common(e *ical.Component, i *item) {
	uid := w.uids[i.id]
	if m := w.replaces(i); m != nil {
		uid = w.uids[m.id]
		w.c.Set(e, ical.PropRecurrenceID, w.moment(i.original, m.allDay, m.zone))
	}
	ics.Text(e, ical.PropUID, uid)
	stamp := i.changed
	if stamp.IsZero() {
		stamp = cmp.Or(i.created, w.written)
	}
	ics.Stamp(e, stamp)
	w.c.Set(e, ical.PropCreated, known(i.created))
	w.c.Set(e, ical.PropLastModified, known(i.changed))
	ics.Text(e, ical.PropSummary, i.text[summary])
	ics.Text(e, ical.PropDescription, w.description(i))
	if i.sequence > 0 && i.sequence <= math.MaxInt32 {
		ics.Number(e, ical.PropSequence, i.sequence)
	}
	ics.URI(e, ical.PropURL, i.text[link])
	ics.URI(e, "CONFERENCE", i.text[conference])
	w.location(e, i)
	w.attendees(e, i)
	for _, a := range i.alarms {
		w.alarm(e, i, a)
	}
}

func known(t time.Time) ics.Moment {
	if t.IsZero() {
		return ics.Moment{}
	}
	return ics.Instant(t)
}

// description is that of an item, with the names of its attachments: they are
// on the server alone.
func (w *writer) description(i *item) string {
	if len(i.attachments) == 0 {
		return i.text[description]
	}
	return strings.TrimSpace(i.text[description] + "\n\nAttachments: " + strings.Join(i.attachments, ", "))
}

func (w *writer) location(e *ical.Component, i *item) {
	l, ok := w.locations[i.location]
	if !ok {
		return
	}
	place := l.title
	if !strings.Contains(place, l.address) {
		place = strings.TrimSpace(place + "\n" + l.address)
	}
	ics.Text(e, ical.PropLocation, place)
	if (l.latitude != 0 || l.longitude != 0) && math.Abs(l.latitude) <= 90 && math.Abs(l.longitude) <= 180 {
		p := ical.NewProp(ical.PropGeo)
		p.Value = fmt.Sprintf("%.6f;%.6f", l.latitude, l.longitude)
		e.Props.Set(p)
	}
}

// alarm writes an alarm, which shows the event's name.
func (w *writer) alarm(e *ical.Component, i *item, a alarm) {
	const most = 10 * 366 * 24 * 60 * 60 // seconds; more means that there is none
	trigger := ical.NewProp(ical.PropTrigger)
	switch {
	case !a.at.IsZero():
		trigger.SetDateTime(a.at)
	case a.relative && a.after > -most && a.after < most && (!i.start.IsZero() || !i.due.IsZero()):
		trigger.SetDuration(time.Duration(a.after) * time.Second)
		if i.start.IsZero() {
			trigger.Params.Set(ical.ParamRelated, "END")
		}
	default:
		return
	}
	v := ical.NewComponent(ical.CompAlarm)
	v.Props.SetText(ical.PropAction, "DISPLAY")
	v.Props.SetText(ical.PropDescription, cmp.Or(i.text[summary], "Reminder"))
	v.Props.Set(trigger)
	w.c.Set(v, "ACKNOWLEDGED", known(a.seen)) // RFC 9074: so that no old alarm goes off again
	e.Children = append(e.Children, v)
}

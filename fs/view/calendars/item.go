package calendars

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ibfs/fs/view"
)

// An item is a row of CalendarItem: an event, or until iOS 12 a reminder.
type item struct {
	id       int64
	calendar int64 // Calendar.ROWID
	todo     bool  // a reminder
	text     [texts]string

	start, end       time.Time // zero is unknown
	zone, endZone    string    // names of time zones; floatingZone; "" is UTC
	allDay           bool
	due, completed   time.Time // of a reminder
	dueZone          string
	dueDay           bool
	master           int64     // CalendarItem.ROWID of what recurs, when this replaces one occurrence; else 0
	original         time.Time // which occurrence
	phantom          bool      // only stands for a master that the phone does not have
	created, changed time.Time

	location, organizer            int64 // Location.ROWID, Participant.ROWID
	status, availability, priority int64
	sequence                       int64 // counts the changes

	rules       []recurrence
	exceptions  []time.Time
	alarms      []alarm
	attendees   []int64 // Participant.ROWID
	attachments []string
}

// A recurrence is a row of Recurrence.
type recurrence struct {
	frequency, interval, count int64
	end                        time.Time
	specifier                  string
}

// An alarm is a row of Alarm: so long after the start, or at a time.
type alarm struct {
	after    int64 // seconds
	at, seen time.Time
	relative bool
}

// The texts of an item. Any may be NULL, which is "".
const (
	summary = iota
	description
	link
	conference
	identifier
	uuid
	texts
)

// floatingZone stands for whatever zone the phone is in.
const floatingZone = "_float"

// reminderKind is CalendarItem.entity_type of a reminder, until iOS 12.
const reminderKind = 3

func (s *store) readItems(ctx context.Context, db *view.Database) error {
	t, err := db.Table(ctx, "CalendarItem")
	if err != nil {
		return err
	}
	if err := t.Need("summary", "start_date"); err != nil {
		return err
	}
	columns := []string{
		"summary", "description", "url", t.First("conference_url_detected", "conference_url"), "unique_identifier", "UUID",
		"rowid", "calendar_id", "entity_type",
		"start_date", "end_date", // Cocoa seconds, of UTC when the zone is _float
		"start_tz", "end_tz",
		"all_day",
		"due_date", "completion_date", // Cocoa seconds, of reminders
		"due_tz", "due_all_day",
		"orig_item_id", "orig_date",
		"phantom_master",
		"creation_date", "last_modified", // Cocoa seconds
		"location_id", "organizer_id", "status", "availability", "priority", "sequence_num",
		"hidden", "birthday_id", // derived items: the birthdays of contacts
		"calendar_scale", // "gregorian" on those of later versions
	}
	return s.Scan(ctx, db, t, columns, func(r view.Row) {
		const rest = texts
		if r.Int(rest+23) == 1 || r.Int(rest+24) > 0 || r.Text(rest+25) == "gregorian" {
			return
		}
		i := &item{
			id: r.Int(rest), calendar: r.Int(rest + 1),
			start: instant(r, rest+3), end: instant(r, rest+4), zone: r.Text(rest + 5), endZone: r.Text(rest + 6), allDay: r.Bool(rest + 7),
			due: instant(r, rest+8), completed: instant(r, rest+9), dueZone: r.Text(rest + 10), dueDay: r.Bool(rest + 11),
			master: r.Int(rest + 12), original: instant(r, rest+13), phantom: r.Bool(rest + 14),
			created: instant(r, rest+15), changed: instant(r, rest+16),
			location: r.Int(rest + 17), organizer: r.Int(rest + 18), status: r.Int(rest + 19), availability: r.Int(rest + 20),
			priority: r.Int(rest + 21), sequence: r.Int(rest + 22),
		}
		for n := range i.text {
			i.text[n] = view.Clean(r.Text(n))
		}
		// From iOS 13 on all rows may have the same entity_type.
		i.todo = r.Int(rest+2) == reminderKind && (i.start.IsZero() || !i.due.IsZero() || !i.completed.IsZero())
		s.items = append(s.items, i)
		s.byID[i.id] = i
	})
}

// replaces is the item that recurs whose occurrence this one stands for, or nil
// for one that stands for itself.
func (s *store) replaces(i *item) *item {
	m := s.byID[i.master]
	if m == nil || m == i || m.master != 0 || m.calendar != i.calendar || m.todo != i.todo || !m.recurs() || i.original.IsZero() {
		return nil
	}
	return m
}

// recurs reports whether an item is shown with a rule.
func (i *item) recurs() bool {
	return !i.phantom && !i.start.IsZero() && slices.ContainsFunc(i.rules, func(r recurrence) bool { return frequencies[r.frequency] != "" })
}

// uid names an item in all backups of the phone. Two that are not occurrences of
// one have different ones, even where the database says otherwise.
func (i *item) uid(device string, taken map[string]bool) string {
	uid := cmp.Or(view.OneLine(i.text[identifier]), view.OneLine(i.text[uuid]), fmt.Sprintf("event-%d@%s", i.id, device))
	for taken[uid] {
		uid = fmt.Sprintf("%s-%d", uid, i.id)
	}
	taken[uid] = true
	return uid
}

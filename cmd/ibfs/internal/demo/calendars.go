package demo

import (
	"fmt"
	"slices"
	"time"

	"ibfs/backupfmt/backuptest"
)

// An event is one in Anna's calendars.
type event struct {
	calendar string
	title    string
	from     string // 2026-06-19 07:40, or 2026-06-19 for whole days
	hours    float64
	days     int    // of whole days
	zone     string // "" is London's
	place    string
	notes    string
	with     []int  // places in the list of people
	repeats  int64  // Recurrence.frequency; 0 is not at all
	on       string // Recurrence.specifier
	known    string // since when it is in the calendar; "" is the day
}

var calendarNames = []struct{ title, color string }{{"Home", "#1BADF8"}, {"Northlight", "#CC73E1"}, {"Climbing", "#63DA38"}}

const weekly, yearly = 2, 4

var events = []event{
	{calendar: "Climbing", title: "Wall with Ben and Priya", from: "2026-01-13 18:30", hours: 2, place: "Ratho, South Platt Hill", repeats: weekly, on: "D=0TU", with: []int{1, 23}},
	{calendar: "Home", title: "Mum's birthday", from: "2026-03-08", days: 1, repeats: yearly, known: "2026-01-02"},
	{calendar: "Home", title: "Lofoten", from: "2026-03-06", days: 3, place: "Svolvær", known: "2026-01-20"},
	{calendar: "Home", title: "✈ EDI – LIS", from: "2026-06-19 07:40", hours: 3.25, known: "2026-04-02", notes: "Seat 14A\nReference in the mail"},
	{calendar: "Home", title: "Dinner at the Miradouro", from: "2026-06-20 20:30", hours: 2.5, zone: "Europe/Lisbon", place: "Casa do Miradouro, Rua da Saudade 7", with: []int{6, 7}},
	{calendar: "Home", title: "Train to Kawaguchiko", from: "2026-08-14 08:30", hours: 2, zone: "Asia/Tokyo", known: "2026-07-01"},
	{calendar: "Northlight", title: "Edit review", from: "2026-09-30 10:00", hours: 1, with: []int{10, 11}, notes: "Bring the balloon footage"},
	{calendar: "Home", title: "Dentist", from: "2026-10-22 16:15", hours: 0.5, place: "Stockbridge Dental, 3 Deanhaugh Street", known: "2026-10-01"},
	{calendar: "Home", title: "New York", from: "2026-11-05", days: 3, place: "Brooklyn", known: "2026-09-14"},
	{calendar: "Home", title: "Vet, Miso's jab", from: "2026-11-24 09:00", hours: 0.5, place: "Vet, Broughton", known: "2026-11-16"},
}

// calendars are those of the Calendar app.
func calendars(p *phone) ([]backuptest.File, error) {
	s := newScript(calendarSchema)
	s.insert("Store", "ROWID, name, type, persistent_id", 1, "On My iPhone", 0, uuid("calendar store"))
	rows := map[string]int{}
	for i, c := range calendarNames {
		rows[c.title] = i + 1
		s.insert("Calendar", "ROWID, store_id, title, color, UUID", i+1, 1, c.title, c.color, uuid("calendar", c.title))
	}
	var last time.Time
	for i, e := range events {
		from, allDay, err := e.start()
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", e.title, err)
		}
		known := from
		if e.known != "" {
			if known, err = time.Parse(time.DateOnly, e.known); err != nil {
				return nil, fmt.Errorf("event %s: %w", e.title, err)
			}
		}
		if !p.has(known) {
			continue
		}
		s.event(i+1, e, from, allDay, known, rows[e.calendar])
		if known.After(last) {
			last = known
		}
	}
	db, err := s.database("HomeDomain", "Library/Calendar/Calendar.sqlitedb", last)
	return []backuptest.File{db}, err
}

// start is when an event begins; a whole day begins at 0:00 UTC.
func (e event) start() (from time.Time, allDay bool, err error) {
	if e.days > 0 {
		from, err = time.Parse(time.DateOnly, e.from)
		return from, true, err
	}
	zone, err := time.LoadLocation(e.zoneName())
	if err != nil {
		return from, false, err
	}
	from, err = time.ParseInLocation("2006-01-02 15:04", e.from, zone)
	return from, false, err
}

func (e event) zoneName() string {
	if e.zone == "" {
		return "Europe/London"
	}
	return e.zone
}

// Rows of Participant are those who are invited, or who invites.
const (
	attendee  = 7
	organizer = 8
	accepted  = 1
)

func (s *script) event(row int, e event, from time.Time, allDay bool, known time.Time, calendar int) {
	zone, to := any(e.zoneName()), from.Add(time.Duration(e.hours*float64(time.Hour)))
	if allDay {
		zone, to = nil, from.AddDate(0, 0, e.days).Add(-time.Second)
	}
	var place any
	if e.place != "" {
		place = row
		s.insert("Location", "ROWID, title, item_owner_id", row, e.place, row)
	}
	guests := slices.Clone(e.with)
	var host any
	if len(guests) > 0 {
		guests = append(guests, 0) // Anna herself
		host = 100*row + len(guests)
		s.participant(100*row+len(guests), organizer, people[0], row)
	}
	for i, g := range guests {
		s.participant(100*row+i, attendee, people[g], row)
	}
	s.insert("CalendarItem", "ROWID, summary, description, start_date, start_tz, end_date, end_tz, all_day, calendar_id, location_id, organizer_id, "+
		"status, availability, entity_type, UUID, unique_identifier, creation_date, last_modified, has_attendees",
		row, e.title, orNull(e.notes), cocoa(from), zone, cocoa(to), zone, allDay, calendar, place, host,
		0, 0, 2, uuid("event", e.title), uuid("event", e.title), cocoa(known), cocoa(known), len(guests) > 0)
	if e.repeats != 0 {
		s.insert("Recurrence", "ROWID, frequency, interval, count, specifier, owner_id", row, e.repeats, 1, 0, orNull(e.on), row)
	}
	if !allDay {
		const quarter = -15 * 60
		s.insert("Alarm", "ROWID, trigger_interval, type, calendaritem_owner_id", row, quarter, 0, row)
	}
}

func (s *script) participant(row, kind int, p person, event int) {
	s.insert("Identity", "rowid, display_name, address, first_name, last_name", row, p.name(), "mailto:"+p.email, p.first, p.last)
	s.insert("Participant", "ROWID, entity_type, status, identity_id, owner_id, email", row, kind, accepted, row, event, p.email)
}

// calendarSchema is that of Calendar.sqlitedb, as iOS 18 has it, as far as it is
// filled here.
const calendarSchema = `
CREATE TABLE Store (ROWID INTEGER PRIMARY KEY, name TEXT, type INTEGER, persistent_id TEXT, disabled INTEGER DEFAULT 0);
CREATE TABLE Calendar (ROWID INTEGER PRIMARY KEY, store_id INTEGER, title TEXT, color TEXT, type TEXT, UUID TEXT);
CREATE TABLE CalendarItem (ROWID INTEGER PRIMARY KEY, summary TEXT, description TEXT, start_date REAL, start_tz TEXT,
	end_date REAL, end_tz TEXT, all_day INTEGER, calendar_id INTEGER, orig_item_id INTEGER DEFAULT 0, orig_date REAL,
	location_id INTEGER, organizer_id INTEGER, status INTEGER, availability INTEGER, url TEXT, UUID TEXT,
	unique_identifier TEXT, creation_date REAL, last_modified REAL, entity_type INTEGER, hidden INTEGER DEFAULT 0,
	has_attendees INTEGER);
CREATE TABLE Location (ROWID INTEGER PRIMARY KEY, title TEXT, address TEXT, latitude INTEGER, longitude INTEGER,
	item_owner_id INTEGER);
CREATE TABLE Recurrence (ROWID INTEGER PRIMARY KEY, frequency INTEGER, interval INTEGER, count INTEGER, end_date REAL,
	specifier TEXT, owner_id INTEGER);
CREATE TABLE ExceptionDate (ROWID INTEGER PRIMARY KEY, owner_id INTEGER, date REAL);
CREATE TABLE Alarm (ROWID INTEGER PRIMARY KEY, trigger_date REAL, trigger_interval INTEGER, type INTEGER,
	acknowledgedDate REAL, proximity INTEGER, disabled INTEGER, calendaritem_owner_id INTEGER);
CREATE TABLE Participant (ROWID INTEGER PRIMARY KEY, entity_type INTEGER, type INTEGER, status INTEGER,
	identity_id INTEGER, owner_id INTEGER, email TEXT, phone_number TEXT, is_self INTEGER);
CREATE TABLE Identity (display_name TEXT, address TEXT, first_name TEXT, last_name TEXT);
CREATE TABLE Attachment (ROWID INTEGER PRIMARY KEY, owner_id INTEGER, file_id INTEGER);
`

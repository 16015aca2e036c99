package demo

import (
	"time"

	"ibfs/backupfmt/backuptest"
)

// A reminder is something that Anna has to do.
type reminder struct {
	list  string
	title string
	notes string
	since string // when she thought of it: 2026-11-03 20:15
	due   string // a day, or with its time of day
	done  string
	flag  bool
	high  bool // its priority
	every int64
}

var reminderLists = []string{"Reminders", "Shopping", "Flat"}

// every week, as ZFREQUENCY has it.
const everyWeek = 1

var reminders = []reminder{
	{list: "Flat", title: "Boiler service", since: "2026-01-05 09:10", due: "2026-01-19", done: "2026-01-19 18:42", notes: "Kofi, mornings only"},
	{list: "Flat", title: "Water the neighbours' plants", since: "2026-05-02 08:00", due: "2026-05-09 10:00", every: everyWeek},
	{list: "Reminders", title: "Print photos for Mum", since: "2026-09-20 21:30", flag: true, notes: "The balloons, and two of Lofoten"},
	{list: "Reminders", title: "Call the dentist", since: "2026-10-01 08:50", due: "2026-10-02 09:00", done: "2026-10-01 15:20"},
	{list: "Shopping", title: "oats", since: "2026-10-16 17:00", done: "2026-10-17 11:05"},
	{list: "Shopping", title: "golden syrup", since: "2026-10-16 17:00"},
	{list: "Reminders", title: "Miso's jab", since: "2026-11-16 12:00", due: "2026-11-24 08:30", high: true},
	{list: "Shopping", title: "cat food (the expensive one)", since: "2026-11-18 19:15"},
}

// The entities of the store.
const (
	remindersAccount  = 6
	remindersList     = 11
	remindersReminder = 25
	remindersRule     = 27
)

// remindersFiles are the store of the Reminders app.
func remindersFiles(p *phone) ([]backuptest.File, error) {
	s := newScript(remindersSchema)
	for entity, name := range []string{
		remindersAccount: "REMCDAccount", remindersList: "REMCDList", remindersReminder: "REMCDReminder", remindersRule: "REMCDRecurrenceRule",
	} {
		if name != "" {
			s.insert("Z_PRIMARYKEY", "Z_ENT, Z_NAME, Z_SUPER, Z_MAX", entity, name, 0, 0)
		}
	}
	s.insert("ZREMCDOBJECT", "Z_PK, Z_ENT, Z_OPT, ZNAME", 1, remindersAccount, 1, "On My iPhone")
	rows := map[string]int{}
	for i, name := range reminderLists {
		rows[name] = i + 1
		s.insert("ZREMCDBASELIST", "Z_PK, Z_ENT, Z_OPT, ZIDENTIFIER, ZNAME, ZACCOUNT", i+1, remindersList, 1, rawUUID("list", name), name, 1)
	}
	var last time.Time
	for i, r := range reminders {
		since, err := reminderTime(r.since)
		if err != nil {
			return nil, err
		}
		if !p.has(since) {
			break
		}
		if last, err = s.reminder(p, i+1, r, since, rows[r.list]); err != nil {
			return nil, err
		}
	}
	name := "Container_v1/Stores/Data-" + uuid("reminders account") + ".sqlite"
	db, err := s.database("AppDomainGroup-group.com.apple.reminders", name, last)
	return []backuptest.File{db}, err
}

// reminder adds one, and says when it was changed.
func (s *script) reminder(p *phone, row int, r reminder, since time.Time, list int) (time.Time, error) {
	changed, due, done, priority := since, any(nil), any(nil), 0
	if r.due != "" {
		at, err := reminderTime(r.due)
		if err != nil {
			return changed, err
		}
		due = cocoa(at)
	}
	if r.done != "" {
		at, err := reminderTime(r.done)
		if err != nil {
			return changed, err
		}
		if p.has(at) {
			changed, done = at, cocoa(at)
		}
	}
	if r.high {
		priority = 1
	}
	s.insert("ZREMCDREMINDER", "Z_PK, Z_ENT, Z_OPT, ZIDENTIFIER, ZTITLE, ZNOTES, ZLIST, ZACCOUNT, ZCREATIONDATE, ZLASTMODIFIEDDATE, ZDUEDATE, "+
		"ZALLDAY, ZCOMPLETED, ZCOMPLETIONDATE, ZFLAGGED, ZPRIORITY, ZMARKEDFORDELETION, ZTIMEZONE",
		row, remindersReminder, 1, rawUUID("reminder", r.title), r.title, orNull(r.notes), list, 1, cocoa(since), cocoa(changed), due,
		len(r.due) == len(time.DateOnly), done != nil, done, r.flag, priority, 0, "Europe/London")
	if r.every != 0 {
		s.insert("ZREMCDOBJECT", "Z_PK, Z_ENT, Z_OPT, ZREMINDER4, ZFREQUENCY, ZINTERVAL, ZOCCURRENCECOUNT", 100+row, remindersRule, 1, row, r.every, 1, 0)
	}
	return changed, nil
}

// reminderTime is a day of UTC, or a time of London.
func reminderTime(text string) (time.Time, error) {
	if len(text) == len(time.DateOnly) {
		return time.Parse(time.DateOnly, text)
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.Time{}, err
	}
	return time.ParseInLocation("2006-01-02 15:04", text, london)
}

// remindersSchema is that of a store of iOS 17, as far as it is filled here.
const remindersSchema = `
CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
CREATE TABLE ZREMCDREMINDER (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZALLDAY INTEGER, ZCOMPLETED INTEGER,
	ZFLAGGED INTEGER, ZMARKEDFORDELETION INTEGER, ZPRIORITY INTEGER, ZACCOUNT INTEGER, ZLIST INTEGER,
	ZPARENTREMINDER INTEGER, ZCOMPLETIONDATE TIMESTAMP, ZCREATIONDATE TIMESTAMP, ZDUEDATE TIMESTAMP,
	ZLASTMODIFIEDDATE TIMESTAMP, ZSTARTDATE TIMESTAMP, ZNOTES VARCHAR, ZTIMEZONE VARCHAR, ZTITLE VARCHAR, ZIDENTIFIER BLOB);
CREATE TABLE ZREMCDBASELIST (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZISGROUP INTEGER,
	ZMARKEDFORDELETION INTEGER, ZACCOUNT INTEGER, ZNAME VARCHAR, ZIDENTIFIER BLOB);
CREATE TABLE ZREMCDOBJECT (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZNAME VARCHAR, ZREMINDER4 INTEGER,
	ZFREQUENCY INTEGER, ZINTERVAL INTEGER, ZOCCURRENCECOUNT INTEGER, ZENDDATE TIMESTAMP);
`

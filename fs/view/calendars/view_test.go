package calendars_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/calendars"
	"ibfs/fs/view/viewtest"
)

const storePath = "Library/Calendar/Calendar.sqlitedb"

const schema = `
CREATE TABLE Store (ROWID INTEGER PRIMARY KEY, name TEXT, type INTEGER, disabled INTEGER);
CREATE TABLE Calendar (ROWID INTEGER PRIMARY KEY, store_id INTEGER, title TEXT, color TEXT);
CREATE TABLE CalendarItem (ROWID INTEGER PRIMARY KEY, summary TEXT, description TEXT, location_id INTEGER, start_date REAL, start_tz TEXT, end_date REAL, end_tz TEXT,
	all_day INTEGER, calendar_id INTEGER, orig_item_id INTEGER, orig_date REAL, organizer_id INTEGER, status INTEGER, availability INTEGER, url TEXT, last_modified REAL,
	sequence_num INTEGER, birthday_id INTEGER, unique_identifier TEXT, UUID TEXT, hidden INTEGER, entity_type INTEGER, priority INTEGER, due_date REAL, due_tz TEXT,
	due_all_day INTEGER, completion_date REAL, creation_date REAL, phantom_master INTEGER, calendar_scale TEXT, conference_url TEXT);
CREATE TABLE Location (ROWID INTEGER PRIMARY KEY, title TEXT, address TEXT, latitude INTEGER, longitude INTEGER);
CREATE TABLE Recurrence (ROWID INTEGER PRIMARY KEY, frequency INTEGER, interval INTEGER, count INTEGER, end_date REAL, specifier TEXT, owner_id INTEGER);
CREATE TABLE ExceptionDate (ROWID INTEGER PRIMARY KEY, owner_id INTEGER, date REAL);
CREATE TABLE Alarm (ROWID INTEGER PRIMARY KEY, trigger_date REAL, trigger_interval INTEGER, calendaritem_owner_id INTEGER, disabled INTEGER, proximity INTEGER, acknowledgedDate REAL);
CREATE TABLE Participant (ROWID INTEGER PRIMARY KEY, entity_type INTEGER, status INTEGER, identity_id INTEGER, owner_id INTEGER, email TEXT, phone_number TEXT);
CREATE TABLE Identity (display_name TEXT, address TEXT);
CREATE TABLE Attachment (ROWID INTEGER PRIMARY KEY, owner_id INTEGER, file_id INTEGER);
CREATE TABLE AttachmentFile (ROWID INTEGER PRIMARY KEY, filename TEXT);
`

// rows are a calendar with something of everything. 700000000 is Wednesday the
// 8th of March 2023, 20:26:40 UTC; the clocks of Europe change on the 26th.
const rows = `
INSERT INTO Store VALUES (1, 'Default', 0, NULL), (2, 'iCloud', 2, 0), (3, 'Old account', 1, 1), (4, 'i/Cloud', 2, 0);
INSERT INTO Calendar VALUES (1, 1, 'DEFAULT_CALENDAR_NAME', NULL), (2, 2, 'Work; and more', '#1BADF8FF'), (3, 3, 'Gone', NULL), (4, 2, 'Empty', NULL), (5, 99, 'No account', 'red'), (6, 2, 'work; AND more', NULL), (7, 2, 'Reminders', NULL);
INSERT INTO Location VALUES (1, 'Office; 2nd floor', 'Storgata 1, Oslo', 59.913, 10.752), (2, 'Nowhere', NULL, 999, 0);
INSERT INTO Identity VALUES ('Anna "A" Berg; head', 'mailto:anna@example.com'), ('Ben', 'mailto:ben%2Bcal@example.com'), (NULL, NULL);
INSERT INTO CalendarItem (ROWID, calendar_id, summary, description, start_date, start_tz, end_date, end_tz, all_day, location_id, organizer_id, status, availability, url, last_modified, creation_date, sequence_num, unique_identifier, UUID, entity_type, conference_url) VALUES
	(1, 2, 'Stand-up, daily', 'one' || char(10) || 'two; three' || char(13, 10) || 'END:VEVENT', 700120800, 'Europe/Oslo', 700124400, 'Europe/Oslo', 0, 1, 2, 1, 0, 'https://example.com/a;b', 699000000, 698000000, 3, 'standup@example.com', 'U1', 2, 'https://meet.example.com/x'),
	(2, 1, 'Holiday', NULL, 700099200, '_float', 700185599, '_float', 1, NULL, NULL, NULL, 1, NULL, 699000001, NULL, NULL, NULL, 'U2', 2, NULL),
	(3, 1, 'Lunch anywhere', NULL, 700142400, '_float', 700146000, '_float', 0, 2, NULL, 2, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL),
	(4, 1, 'Flight', NULL, 700150000, 'Europe/Oslo', 700175000, 'America/New_York', 0, NULL, NULL, 3, 0, 'javascript', NULL, NULL, NULL, 'U4', 'U4', 2, NULL),
	(5, 1, 'No zone', NULL, 700160000, NULL, 700150000, NULL, 0, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, 'same', 'U5', 2, NULL),
	(6, 1, 'Unknown zone', NULL, 700160000, '../../etc/passwd', NULL, 'Local', 0, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, 'same', 'U6', 2, NULL),
	(7, 1, 'Never', NULL, 'soon', NULL, 63113904000, NULL, 0, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, 'U7', 'U7', 2, NULL),
	(8, 3, 'Of a disabled account', NULL, 700160000, NULL, NULL, NULL, 0, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, 'U8', 'U8', 2, NULL),
	(9, 5, 'Of no account', NULL, 700160000, NULL, NULL, NULL, 0, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, 'U9', 'U9', 2, NULL),
	(10, 77, 'Of no calendar', NULL, 700160000, NULL, NULL, NULL, 0, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, 'U10', 'U10', 2, NULL),
	(11, 6, 'Born', NULL, -1000000000, '_float', -999913601, '_float', 1, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, 'U11', 'U11', 2, NULL),
	(14, 6, NULL, NULL, 700747200, '_float', 700919999, '_float', 1, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, 'U14', 'U14', 2, NULL);
INSERT INTO CalendarItem (ROWID, calendar_id, summary, start_date, start_tz, end_date, all_day, orig_item_id, orig_date, unique_identifier) VALUES
	(20, 2, 'Stand-up, moved', 700214400, 'Europe/Oslo', 700218000, 0, 1, 700207200, 'standup@example.com/RID=700207200'),
	(21, 2, 'Of a phantom', 700214400, 'Europe/Oslo', 700218000, 0, 22, 700207200, 'phantom@example.com/RID=1'),
	(23, 2, 'Of itself', 700214400, 'UTC', 700218000, 0, 23, 700207200, 'U23'),
	(24, 2, 'Of one in a circle', 700214400, 'GMT', 700218000, 0, 23, 700207200, 'U24'),
	(25, 6, 'Born, and told', 1577836800, '_float', 1577923199, 1, 11, 1577836800, 'U11');
INSERT INTO CalendarItem (ROWID, calendar_id, summary, start_date, phantom_master) VALUES (22, 2, 'Phantom', 700207200, 1);
INSERT INTO CalendarItem (ROWID, calendar_id, summary, start_date, all_day, birthday_id, hidden, calendar_scale) VALUES
	(30, 1, 'Birthday', 700160000, 1, 5, 0, NULL), (31, 1, 'Hidden', 700160000, 1, 0, 1, NULL), (32, 1, 'Gregorian', 700160000, 1, NULL, 0, 'gregorian');
INSERT INTO CalendarItem (ROWID, calendar_id, summary, entity_type, priority, start_date, start_tz, all_day, due_date, due_tz, due_all_day, completion_date, UUID) VALUES
	(40, 7, 'Buy milk', 3, 1, NULL, NULL, 0, NULL, NULL, 0, NULL, 'R40'),
	(41, 7, 'Report', 3, 5, NULL, NULL, 0, 700160000, 'Europe/Oslo', 0, 700170000, 'R41'),
	(42, 7, 'Tax', 3, 99, 700160000, NULL, 0, 700099200, '_float', 1, NULL, 'R42');
INSERT INTO Recurrence VALUES (1, 1, 1, 6, NULL, NULL, 1), (2, 9, 1, 0, NULL, NULL, 1), (3, 4, 1, 0, 9e18, 'O=3;D=+2TH;X=7', 11), (4, 2, 2, 0, 702604799, 'D=0FR,+1MO', 14), (5, 1, 1, 0, NULL, NULL, 41);
INSERT INTO ExceptionDate VALUES (1, 1, 700207200), (2, 1, 700293600), (3, 1, 700293600), (4, 99, 1), (5, 14, 700747200), (6, 1, NULL);
INSERT INTO Alarm VALUES (1, NULL, -900, 1, 0, 0, 700119900), (2, 699999100, NULL, 1, 0, 0, NULL), (3, NULL, 9000000000, 1, 0, 0, NULL), (4, NULL, 0, 1, 0, 2, NULL), (5, NULL, -60, 1, 1, 0, NULL), (6, NULL, -300, 41, 0, 0, NULL), (7, NULL, -300, 40, 0, 0, NULL);
INSERT INTO Participant VALUES (2, 8, 1, 1, 1, 'anna@example.com', NULL), (3, 7, 1, 2, 1, NULL, NULL), (4, 7, 2, 3, 1, NULL, '+47 (12) 345'), (5, 7, 99, 99, 1, 'no address', NULL), (6, 7, 1, 1, 99, 'x@example.com', NULL);
INSERT INTO AttachmentFile VALUES (1, 'agenda.pdf'), (2, NULL);
INSERT INTO Attachment VALUES (1, 1, 1), (2, 1, 2), (3, 99, 1);
`

func backup(data []byte) backuptest.Backup {
	return backuptest.Backup{Files: []backuptest.File{{Domain: "HomeDomain", Path: storePath, Content: data}}}
}

// shown are the files of the view, by path.
func shown(t *testing.T, data []byte) map[string]string {
	t.Helper()
	return viewtest.Files(t, viewtest.Open(t, calendars.View{}, backup(data), nil))
}

func TestView(t *testing.T) {
	data := viewtest.Database(t, schema+rows)
	viewtest.Run(t, viewtest.Case{View: calendars.View{}, Backup: backup(data),
		Databases: []view.Place{{Domain: "HomeDomain", Path: storePath}}})
}

// component is what stands in a file about a summary, unfolded.
func component(t *testing.T, file, summary string) string {
	t.Helper()
	file = strings.ReplaceAll(file, "\r\n ", "")
	file = strings.TrimSuffix(file, "\r\nEND:VCALENDAR\r\n")
	for part := range strings.SplitSeq(file, "\r\nBEGIN:V") {
		if strings.Contains(part, "\r\nSUMMARY:"+summary+"\r\n") {
			return strings.ReplaceAll(part, "\r\n", "\n")
		}
	}
	t.Errorf("no %q in\n%s", summary, file)
	return ""
}

func TestCalendars(t *testing.T) {
	all := shown(t, viewtest.Database(t, schema+rows))
	want := []string{"Could not be read.txt", "No account.ics", "On My iPhone/Calendar.ics", "Other.ics", "iCloud/Reminders.ics", "iCloud/Work; and more.ics", "iCloud/work; AND more (2).ics"}
	if !slices.Equal(slices.Sorted(maps.Keys(all)), want) {
		t.Fatalf("%q", slices.Sorted(maps.Keys(all)))
	}
	if text := all["Could not be read.txt"]; !strings.Contains(text, "event Never: its date is not there\n") || strings.Count(text, ": ") != 1 {
		t.Error(text)
	}
	for name, tt := range map[string]struct {
		file, summary string
		want          string
	}{
		"recurring": {"iCloud/Work; and more.ics", `Stand-up\, daily`, `EVENT
ATTENDEE;CN=Ben;PARTSTAT=ACCEPTED:mailto:ben+cal@example.com
ATTENDEE;PARTSTAT=DECLINED:tel:+4712345
ATTENDEE:invalid:nomail
CONFERENCE;VALUE=URI:https://meet.example.com/x
CREATED:20230213T165320Z
DESCRIPTION:one\ntwo\; three\nEND:VEVENT\n\nAttachments: agenda.pdf
DTEND;TZID=Europe/Oslo:20230310T080000
DTSTAMP:20230225T064000Z
DTSTART;TZID=Europe/Oslo:20230310T070000
EXDATE;TZID=Europe/Oslo:20230312T070000
GEO:59.913000;10.752000
LAST-MODIFIED:20230225T064000Z
LOCATION:Office\; 2nd floor\nStorgata 1\, Oslo
ORGANIZER;CN="Anna 'A' Berg; head":mailto:anna@example.com
RRULE:FREQ=DAILY;COUNT=6
SEQUENCE:3
STATUS:CONFIRMED
SUMMARY:Stand-up\, daily
UID:standup@example.com
URL:https://example.com/a;b`},
		"moved": {"iCloud/Work; and more.ics", `Stand-up\, moved`, `EVENT
DTEND;TZID=Europe/Oslo:20230311T100000
DTSTAMP:20261120T081502Z
DTSTART;TZID=Europe/Oslo:20230311T090000
RECURRENCE-ID;TZID=Europe/Oslo:20230311T070000
SUMMARY:Stand-up\, moved
UID:standup@example.com
END:VEVENT`},
		"without a master": {"iCloud/Work; and more.ics", "Of a phantom", `EVENT
DTEND;TZID=Europe/Oslo:20230311T100000
DTSTAMP:20261120T081502Z
DTSTART;TZID=Europe/Oslo:20230311T090000
SUMMARY:Of a phantom
UID:phantom@example.com/RID=1
END:VEVENT`},
		"whole day": {"On My iPhone/Calendar.ics", "Holiday", `EVENT
DTEND;VALUE=DATE:20230311
DTSTAMP:20230225T064001Z
DTSTART;VALUE=DATE:20230310
LAST-MODIFIED:20230225T064001Z
SUMMARY:Holiday
TRANSP:TRANSPARENT
UID:U2
END:VEVENT`},
		"no zone of its own": {"On My iPhone/Calendar.ics", "Lunch anywhere", `EVENT
DTEND:20230310T130000
DTSTAMP:20261120T081502Z
DTSTART:20230310T120000
LOCATION:Nowhere
STATUS:TENTATIVE
SUMMARY:Lunch anywhere
UID:event-3@00008110-000A1B2C3D4E5F60
END:VEVENT`},
		"two zones": {"On My iPhone/Calendar.ics", "Flight", `EVENT
DTEND;TZID=America/New_York:20230310T160320
DTSTAMP:20261120T081502Z
DTSTART;TZID=Europe/Oslo:20230310T150640
STATUS:CANCELLED
SUMMARY:Flight
UID:U4
END:VEVENT`},
		"no zone": {"On My iPhone/Calendar.ics", "No zone", `EVENT
DTSTAMP:20261120T081502Z
DTSTART:20230310T165320Z
SUMMARY:No zone
UID:same
END:VEVENT`},
		"unknown zone": {"On My iPhone/Calendar.ics", "Unknown zone", `EVENT
DTSTAMP:20261120T081502Z
DTSTART:20230310T165320Z
SUMMARY:Unknown zone
UID:same-6
END:VEVENT`},
		"long ago": {"iCloud/work; AND more (2).ics", "Born", `EVENT
DTEND;VALUE=DATE:19690425
DTSTAMP:20261120T081502Z
DTSTART;VALUE=DATE:19690424
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2TH
SUMMARY:Born
UID:U11
X-IBFS-SPECIFIER:O=3\;D=+2TH\;X=7
END:VEVENT`},
		"reminder": {"iCloud/Reminders.ics", "Report", `TODO
COMPLETED:20230310T194000Z
DTSTAMP:20261120T081502Z
DTSTART;TZID=Europe/Oslo:20230310T175320
DUE;TZID=Europe/Oslo:20230310T175320
PRIORITY:5
RRULE:FREQ=DAILY
STATUS:COMPLETED
SUMMARY:Report
UID:R41`},
		"reminder of a day": {"iCloud/Reminders.ics", "Tax", `TODO
DTSTAMP:20261120T081502Z
DUE;VALUE=DATE:20230310
STATUS:NEEDS-ACTION
SUMMARY:Tax
UID:R42
END:VTODO`},
		"reminder of no day": {"iCloud/Reminders.ics", "Buy milk", `TODO
DTSTAMP:20261120T081502Z
PRIORITY:1
STATUS:NEEDS-ACTION
SUMMARY:Buy milk
UID:R40
END:VTODO`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := component(t, all[tt.file], tt.summary); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
	for _, want := range []string{
		"X-WR-CALNAME:Work\\; and more\r\n", "X-APPLE-CALENDAR-COLOR:#1BADF8\r\n", "BEGIN:VTIMEZONE\r\nTZID:Europe/Oslo\r\n", "TRIGGER:-PT900S\r\n",
		"TRIGGER;VALUE=DATE-TIME:20230308T201140Z\r\n", "ACKNOWLEDGED:20230310T054500Z\r\n",
	} {
		if !strings.Contains(all["iCloud/Work; and more.ics"], want) {
			t.Errorf("no %q in\n%s", want, all["iCloud/Work; and more.ics"])
		}
	}
	if n := strings.Count(all["iCloud/Work; and more.ics"], "BEGIN:VALARM"); n != 2 {
		t.Errorf("%d alarms", n)
	}
	if text := all["iCloud/work; AND more (2).ics"]; !strings.Contains(text, "RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20230407\r\n") || !strings.Contains(text, "EXDATE;VALUE=DATE:20230317\r\n") {
		t.Error(text)
	}
}

func TestRealShape(t *testing.T) {
	all := shown(t, viewtest.Real(t, "calendar/ios18-shape-Calendar.sqlitedb"))
	if want := []string{"Could not be read.txt", "On My iPhone/Personal.ics", "Other.ics", "iCloud/Work.ics"}; !slices.Equal(slices.Sorted(maps.Keys(all)), want) {
		t.Fatalf("%q", slices.Sorted(maps.Keys(all)))
	}
	sync := component(t, all["iCloud/Work.ics"], "Team Sync")
	for _, want := range []string{
		"ATTENDEE;CN=Blair Invitee;PARTSTAT=ACCEPTED:mailto:blair@example.invalid", "ATTENDEE;CN=Casey Invitee;PARTSTAT=DECLINED:mailto:casey@example.invalid",
		"CONFERENCE;VALUE=URI:https://meet.example.invalid/abc", `DESCRIPTION:Quarterly planning\n\nAttachments: agenda.pdf`,
		"DTEND;TZID=America/Los_Angeles:20230308T132640", "DTSTART;TZID=America/Los_Angeles:20230308T122640", "GEO:37.330000;-122.030000", `LOCATION:HQ\n1 Example Way`,
		"ORGANIZER;CN=Alex Organizer:mailto:alex@example.invalid", "RRULE:FREQ=WEEKLY;COUNT=10", "UID:event-1@00008110-000A1B2C3D4E5F60", "URL:https://example.invalid/e1",
	} {
		if !strings.Contains(sync, "\n"+want+"\n") && !strings.HasSuffix(sync, "\n"+want) {
			t.Errorf("no %q in\n%s", want, sync)
		}
	}
	component(t, all["On My iPhone/Personal.ics"], "Holiday")
	component(t, all["Other.ics"], "Quick note")
	if n := strings.Count(all["On My iPhone/Personal.ics"], "BEGIN:VEVENT"); n != 1 {
		t.Errorf("%d events, want the one without the birthday and the one without a date", n)
	}
}

func TestRealIOS14(t *testing.T) {
	all := shown(t, viewtest.Real(t, "ios14-backup/20/2041457d5fe04d39d0ab481178355df6781e6858"))
	e := component(t, all["Other.ics"], "Super interesting meeting")
	if !strings.Contains(e, "DTSTART:20230418T091500Z\n") || !strings.Contains(e, "DTEND:20230418T101500Z\n") || !strings.Contains(e, "UID:FAE72C77-4932-47FD-885C-A084D502F3C4\n") {
		t.Error(e)
	}
}

// TestOldSchemas reads what databases of iOS 6 to 11 have.
func TestOldSchemas(t *testing.T) {
	for _, version := range []string{"6.1.6", "9.3.5", "10.3.3", "11.2"} {
		t.Run(version, func(t *testing.T) {
			statements := strings.ReplaceAll(string(viewtest.Real(t, "schemas/calendars/calendars_"+version+".sql")), "CREATE TABLE sqlite_sequence(name,seq);", "")
			owner := "calendaritem_owner_id"
			if version == "6.1.6" {
				owner = "owner_id"
			}
			all := shown(t, viewtest.Database(t, statements+`
				INSERT INTO Store (ROWID, name, type) VALUES (1, 'Default', 0);
				INSERT INTO Calendar (ROWID, store_id, title) VALUES (1, 1, 'Home');
				INSERT INTO CalendarItem (ROWID, calendar_id, summary, start_date, start_tz, entity_type, UUID) VALUES (1, 1, 'Walk', 400000000, 'Europe/Oslo', 2, 'W');
				INSERT INTO Attachment (owner_id, filename) VALUES (1, 'map.gpx');
				INSERT INTO Alarm (`+owner+`, trigger_interval) VALUES (1, -60);`))
			if len(all) != 1 || !strings.Contains(all["On My iPhone/Home.ics"], "TRIGGER:-PT60S") || !strings.Contains(all["On My iPhone/Home.ics"], "DESCRIPTION:Attachments: map.gpx\r\n") {
				t.Errorf("%q", all)
			}
		})
	}
}

package reminders_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/backupfmt/backuptest/judge"
	"ibfs/fs/view"
	"ibfs/fs/view/reminders"
	"ibfs/fs/view/viewtest"
)

const (
	group     = "AppDomainGroup-group.com.apple.reminders"
	groupPath = "Container_v1/Stores/"
	homePath  = "Library/Reminders/Container_v1/Stores/"
	account   = "Data-11111111-2222-3333-4444-555555555555.sqlite"
)

const newSchema = `
CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
CREATE TABLE ZREMCDREMINDER (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZIDENTIFIER BLOB, ZCKIDENTIFIER VARCHAR, ZTITLE VARCHAR, ZNOTES VARCHAR, ZTITLEDOCUMENT BLOB, ZCOMPLETED INTEGER, ZCOMPLETIONDATE TIMESTAMP,
	ZFLAGGED INTEGER, ZPRIORITY INTEGER, ZALLDAY INTEGER, ZCREATIONDATE TIMESTAMP, ZLASTMODIFIEDDATE TIMESTAMP, ZDUEDATE TIMESTAMP, ZTIMEZONE VARCHAR, ZMARKEDFORDELETION INTEGER, ZPARENTREMINDER INTEGER, ZLIST INTEGER);
CREATE TABLE ZREMCDBASELIST (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZNAME VARCHAR, ZACCOUNT INTEGER, ZMARKEDFORDELETION INTEGER);
CREATE TABLE ZREMCDOBJECT (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZNAME VARCHAR, ZNAME1 VARCHAR, ZREMINDER INTEGER, ZREMINDER2 INTEGER, ZREMINDER4 INTEGER, ZFREQUENCY INTEGER, ZINTERVAL INTEGER, ZOCCURRENCECOUNT INTEGER, ZENDDATE TIMESTAMP, ZURL VARCHAR);
`

const cloud = newSchema + `
INSERT INTO Z_PRIMARYKEY (Z_ENT, Z_NAME) VALUES (20, 'REMCDAccount'), (21, 'REMCDRecurrenceRule'), (22, 'REMCDURLAttachment'), (23, 'REMCDReminder');
INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZNAME1, ZREMINDER2, ZREMINDER4, ZFREQUENCY, ZINTERVAL, ZOCCURRENCECOUNT, ZENDDATE, ZURL) VALUES
	(1, 20, 'iCloud', NULL, NULL, NULL, NULL, NULL, NULL, NULL), (2, 21, NULL, NULL, 1, 1, 2, 5, NULL, NULL), (3, 21, NULL, NULL, 3, 0, 1, 0, 705000000, NULL),
	(4, 22, NULL, 1, NULL, NULL, NULL, NULL, NULL, 'https://example.com/milk'), (5, 21, NULL, NULL, 4, NULL, 1, 0, NULL, NULL), (6, 21, NULL, NULL, 2, 9, 1, 0, NULL, NULL), (7, 21, NULL, NULL, 99, 1, 1, 0, NULL, NULL),
	(8, 99, 'Not an account', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO ZREMCDBASELIST VALUES (1, 30, 'Errands; and more', 1, 0), (2, 30, 'Work', 1, 0), (3, 30, 'Deleted', 1, 1), (4, 30, 'Empty', 1, 0), (5, 30, NULL, 1, NULL);
INSERT INTO ZREMCDREMINDER (Z_PK, ZIDENTIFIER, ZTITLE, ZNOTES, ZCOMPLETED, ZCOMPLETIONDATE, ZFLAGGED, ZPRIORITY, ZALLDAY, ZCREATIONDATE, ZLASTMODIFIEDDATE, ZDUEDATE, ZTIMEZONE, ZPARENTREMINDER, ZLIST) VALUES
	(1, X'00112233445566778899AABBCCDDEEFF', 'Buy milk, 2%', 'one' || char(10) || 'two', 0, NULL, 1, 1, 0, 700000000, 700100000, 700160000, 'Europe/Oslo', NULL, 1),
	(2, X'01112233445566778899AABBCCDDEEFF', 'Oat milk', NULL, 1, 700170000, 0, 9, 1, NULL, NULL, 700099200, NULL, 1, 1),
	(3, NULL, 'Water plants', NULL, 1, NULL, NULL, 5, 0, NULL, NULL, 700142400, NULL, 3, 1),
	(4, X'FF', NULL, NULL, 0, NULL, NULL, 99, 1, 'not-a-date', NULL, NULL, 'Local', 99, 2),
	(5, NULL, 'Of a deleted list', NULL, 0, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 3),
	(6, NULL, 'Of no list', NULL, 0, NULL, 0, 0, 0, NULL, NULL, 700160000, '../etc/passwd', NULL, 77),
	(8, NULL, 'Of a list without a name', NULL, 0, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 5);
INSERT INTO ZREMCDREMINDER (Z_PK, ZTITLE, ZMARKEDFORDELETION, ZLIST) VALUES (7, 'Deleted', 1, 1);
`

const local = newSchema + `
INSERT INTO Z_PRIMARYKEY (Z_ENT, Z_NAME) VALUES (19, 'REMCDReminder'), (20, 'REMCDURLAttachment'), (21, 'REMCDAccount');
INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZNAME) VALUES (1, 21, 'On My iPhone');
INSERT INTO ZREMCDBASELIST VALUES (1, 30, 'Work', 1, 0);
INSERT INTO ZREMCDREMINDER (Z_PK, ZTITLE, ZLIST) VALUES (1, 'Call', 1);
`

// old is the store of iOS 13 and 14: all entities share a table.
const old = `
CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
CREATE TABLE ZREMCDOBJECT (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZIDENTIFIER BLOB, ZMARKEDFORDELETION INTEGER, ZTITLE VARCHAR, ZTITLE1 VARCHAR, ZNAME VARCHAR, ZNAME1 VARCHAR, ZNAME2 VARCHAR, ZNOTES VARCHAR,
	ZLIST INTEGER, ZLIST1 INTEGER, ZACCOUNT INTEGER, ZACCOUNT1 INTEGER, ZREMINDER INTEGER, ZREMINDER3 INTEGER, ZPARENTREMINDER INTEGER, ZFREQUENCY INTEGER, ZINTERVAL INTEGER, ZOCCURRENCECOUNT INTEGER, ZENDDATE TIMESTAMP,
	ZCOMPLETED INTEGER, ZALLDAY INTEGER, ZFLAGGED INTEGER, ZPRIORITY INTEGER, ZDUEDATE TIMESTAMP, ZCOMPLETIONDATE TIMESTAMP, ZCREATIONDATE TIMESTAMP, ZLASTMODIFIEDDATE TIMESTAMP, ZTIMEZONE VARCHAR);
INSERT INTO Z_PRIMARYKEY (Z_ENT, Z_NAME) VALUES (3, 'REMCDReminder'), (4, 'REMCDList'), (5, 'REMCDAccount'), (6, 'REMCDRecurrenceRule'), (7, 'REMCDStructuredLocation');
INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZNAME1) VALUES (1, 5, 'iCloud');
INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZNAME2, ZACCOUNT1) VALUES (2, 4, 'Home', 1);
INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZTITLE) VALUES (3, 7, 'A place, not a reminder');
INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZTITLE1, ZLIST1, ZDUEDATE, ZLASTMODIFIEDDATE) VALUES (4, 3, 'Sweep', 2, 700160000, 700100000);
INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZTITLE1, ZLIST1, ZMARKEDFORDELETION) VALUES (5, 3, 'Gone', 2, 1);
INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZREMINDER3, ZFREQUENCY, ZINTERVAL) VALUES (6, 6, 4, 3, 1);
`

var (
	cloudPlace = view.Place{Domain: group, Path: groupPath + account}
	localPlace = view.Place{Domain: group, Path: groupPath + "Data-local.sqlite"}
	oldPlace   = view.Place{Domain: "HomeDomain", Path: homePath + account}
)

func TestView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{View: reminders.View{}, Backup: viewtest.Databases(t, map[view.Place]string{cloudPlace: cloud, localPlace: local}),
		Databases: []view.Place{cloudPlace, localPlace}})
}

func TestOldView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{View: reminders.View{}, Backup: viewtest.Databases(t, map[view.Place]string{oldPlace: old}), Golden: "old.txt", Databases: []view.Place{oldPlace}})
}

// shown are the files of the view, by path.
func shown(t *testing.T, b backuptest.Backup) map[string]string {
	t.Helper()
	return viewtest.Files(t, viewtest.Open(t, reminders.View{}, b, nil))
}

// todos are the things to do in a file.
func todos(file string) []string {
	file = strings.ReplaceAll(strings.ReplaceAll(file, "\r\n ", ""), "\r\n", "\n")
	parts := strings.Split(file, "BEGIN:VTODO\n")
	for i := range parts {
		parts[i], _, _ = strings.Cut(parts[i], "END:VTODO\n")
	}
	return parts[1:]
}

func TestReminders(t *testing.T) {
	all := shown(t, viewtest.Databases(t, map[view.Place]string{cloudPlace: cloud, localPlace: local, oldPlace: old}))
	want := []string{"Errands; and more.ics", "Home.ics", "Reminders (iCloud) (2).ics", "Reminders (iCloud).ics", "Work (On My iPhone).ics", "Work (iCloud).ics"}
	if !slices.Equal(slices.Sorted(maps.Keys(all)), want) {
		t.Fatalf("%q", slices.Sorted(maps.Keys(all)))
	}
	const inCloud = "Data-11111111-2222-3333-4444-555555555555." + group + ".00008110-000A1B2C3D4E5F60\n"
	for file, want := range map[string][]string{
		"Reminders (iCloud) (2).ics": {"DTSTAMP:20261120T081502Z\nDUE:20230310T165320Z\nSTATUS:NEEDS-ACTION\nSUMMARY:Of no list\nUID:reminder-6@" + inCloud},
		"Errands; and more.ics": {`CATEGORIES:Flagged
CREATED:20230308T202640Z
DESCRIPTION:one\ntwo
DTSTAMP:20230310T001320Z
DTSTART;TZID=Europe/Oslo:20230310T175320
DUE;TZID=Europe/Oslo:20230310T175320
LAST-MODIFIED:20230310T001320Z
PRIORITY:1
RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=5
STATUS:NEEDS-ACTION
SUMMARY:Buy milk\, 2%
UID:00112233-4455-6677-8899-AABBCCDDEEFF
URL:https://example.com/milk
`, `COMPLETED:20230310T194000Z
DTSTAMP:20261120T081502Z
DUE;VALUE=DATE:20230310
PRIORITY:9
RELATED-TO:00112233-4455-6677-8899-AABBCCDDEEFF
STATUS:COMPLETED
SUMMARY:Oat milk
UID:01112233-4455-6677-8899-AABBCCDDEEFF
`, `DTSTAMP:20261120T081502Z
DTSTART:20230310T120000
DUE:20230310T120000
PRIORITY:5
RRULE:FREQ=DAILY;UNTIL=20230505T172000
STATUS:COMPLETED
SUMMARY:Water plants
UID:reminder-3@` + inCloud},
		"Work (iCloud).ics":       {"DTSTAMP:20261120T081502Z\nSTATUS:NEEDS-ACTION\nUID:reminder-4@" + inCloud},
		"Work (On My iPhone).ics": {"DTSTAMP:20261120T081502Z\nSTATUS:NEEDS-ACTION\nSUMMARY:Call\nUID:reminder-1@Data-local." + group + ".00008110-000A1B2C3D4E5F60\n"},
		"Home.ics":                {"DTSTAMP:20230310T001320Z\nDTSTART:20230310T165320\nDUE:20230310T165320\nLAST-MODIFIED:20230310T001320Z\nRRULE:FREQ=YEARLY\nSTATUS:NEEDS-ACTION\nSUMMARY:Sweep\nUID:reminder-4@Data-11111111-2222-3333-4444-555555555555.HomeDomain.00008110-000A1B2C3D4E5F60\n"},
	} {
		if got := todos(all[file]); !slices.Equal(got, want) {
			t.Errorf("%s: %q\nwant %q", file, got, want)
		}
	}
}

func TestJudge(t *testing.T) {
	viewtest.Judges(t)
	n := 0
	for path, file := range shown(t, viewtest.Databases(t, map[view.Place]string{cloudPlace: cloud, localPlace: local})) {
		items, err := judge.CalendarItems(t.Context(), []byte(file))
		if err != nil || len(items) == 0 {
			t.Fatalf("%s: %d items, %v", path, len(items), err)
		}
		n += len(items)
		if path != "Errands; and more.ics" {
			continue
		}
		for _, want := range []judge.CalendarLine{
			{Name: "", Value: "VTODO"}, {Name: "SUMMARY", Value: "Buy milk, 2%"}, {Name: "DESCRIPTION", Value: "one\ntwo"},
			{Name: "DUE", Value: "2023-03-10 16:53:20+00:00"}, {Name: "RRULE", Value: "FREQ=WEEKLY;COUNT=5;INTERVAL=2"}, {Name: "PRIORITY", Value: "1"},
		} {
			if !slices.ContainsFunc(items[0], func(l judge.CalendarLine) bool { return l.Name == want.Name && reflect.DeepEqual(l.Value, want.Value) }) {
				t.Errorf("no %v in %v", want, items[0])
			}
		}
	}
	if n != 7 {
		t.Errorf("%d items", n)
	}
}

func TestOneStoreIsDamaged(t *testing.T) {
	b := viewtest.Databases(t, map[view.Place]string{cloudPlace: cloud, localPlace: local})
	i := slices.IndexFunc(b.Files, func(f backuptest.File) bool { return f.Path == cloudPlace.Path })
	b.Files[i].Content = []byte(strings.Repeat("noise", 3000))
	if got := slices.Sorted(maps.Keys(shown(t, b))); !slices.Equal(got, []string{"Could not be read.txt", "Work.ics"}) {
		t.Errorf("%q", got)
	}
}

func TestRealShape(t *testing.T) {
	var b backuptest.Backup
	for from, to := range map[string]string{"reminders.1.cloud.sqlite": account, "reminders.1.local.sqlite": "Data-local.sqlite"} {
		b.Files = append(b.Files, backuptest.File{Domain: group, Path: groupPath + to, Content: viewtest.Real(t, "reminders/"+from)})
	}
	all := shown(t, b)
	if want := []string{"Groceries.ics", "Personal.ics", "Work.ics"}; !slices.Equal(slices.Sorted(maps.Keys(all)), want) {
		t.Fatalf("%q", slices.Sorted(maps.Keys(all)))
	}
	for file, n := range map[string]int{"Groceries.ics": 3, "Personal.ics": 1, "Work.ics": 1} {
		if got := len(todos(all[file])); got != n {
			t.Errorf("%s: %d, want %d", file, got, n)
		}
	}
	if got := todos(all["Groceries.ics"])[0]; !strings.Contains(got, "UID:10101010-1010-1010-1010-101010101010\n") || !strings.Contains(got, "RRULE:FREQ=MONTHLY\n") {
		t.Error(got)
	}
	if got := todos(all["Groceries.ics"])[1]; !strings.Contains(got, "RELATED-TO:10101010-1010-1010-1010-101010101010\nSTATUS:NEEDS-ACTION\nSUMMARY:Buy oat milk\n") {
		t.Error(got)
	}
}

package calls_test

import (
	"encoding/csv"
	iofs "io/fs"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/calls"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
)

const (
	newStore = "Library/CallHistoryDB/CallHistory.storedata"
	tmpStore = "Library/CallHistoryDB/CallHistoryTemp.storedata"
	oldStore = "Library/CallHistory/call_history.db"
	book     = "Library/AddressBook/AddressBook.sqlitedb"
)

const recordTable = `CREATE TABLE ZCALLRECORD (Z_PK INTEGER PRIMARY KEY, ZANSWERED INTEGER, ZCALLTYPE INTEGER, ZORIGINATED INTEGER, ZDATE TIMESTAMP,
	ZDURATION FLOAT, ZADDRESS VARCHAR, ZISO_COUNTRY_CODE VARCHAR, ZLOCATION VARCHAR, ZNAME VARCHAR, ZSERVICE_PROVIDER VARCHAR, ZUNIQUE_ID VARCHAR);`

var statements = map[string]string{
	newStore: recordTable + `
		CREATE TABLE ZHANDLE (Z_PK INTEGER PRIMARY KEY, ZVALUE VARCHAR, ZNORMALIZEDVALUE VARCHAR);
		CREATE TABLE Z_2REMOTEPARTICIPANTHANDLES (Z_2REMOTEPARTICIPANTCALLS INTEGER, Z_4REMOTEPARTICIPANTHANDLES INTEGER);
		INSERT INTO ZHANDLE VALUES (1, '+47 12 34 56 78', NULL), (2, NULL, 'ben@example.com'), (3, '', ''), (4, '+4787654321', NULL);
		INSERT INTO Z_2REMOTEPARTICIPANTHANDLES VALUES (1, 1), (3, 1), (3, 2), (3, 4), (3, 99), (5, 3);
		INSERT INTO ZCALLRECORD VALUES
			(1, 1, 1, 0, 700000000.5, 65.4, '12 34 56 78', 'no', 'Oslo', 'Anna', 'com.apple.Telephony', 'one'),
			(2, 0, 1, 0, 700086400, 0, '+1 555 0100', 'us', 'New York, NY', '=HYPERLINK("x")', 'com.apple.Telephony', 'two'),
			(3, 0, 8, 1, 700172800, 3723, NULL, NULL, NULL, NULL, 'com.apple.FaceTime', 'three'),
			(4, 1, 0, 0, 700172801, 60, '<script>alert(1)</script>', NULL, NULL, NULL, 'net.whatsapp.WhatsApp', 'four'),
			(5, 0, 1, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'five'),
			(6, 0, 16, 1, 700172802, 0, X'2B34373132333435363738', NULL, NULL, NULL, NULL, NULL);`,
	tmpStore: recordTable + `
		INSERT INTO ZCALLRECORD VALUES (1, 1, 1, 0, 700000000.5, 65.4, '12 34 56 78', 'no', NULL, NULL, NULL, 'one'), (2, 1, 1, 0, 700000100, 3, '113', 'no', NULL, NULL, NULL, 'temp');`,
	oldStore: `CREATE TABLE call (ROWID INTEGER PRIMARY KEY, address TEXT, date INTEGER, duration INTEGER, flags INTEGER, id INTEGER, name TEXT, country_code TEXT, face_time_data BLOB);
		INSERT INTO call VALUES (1, '+4712345678', 1300000000, 61, 4, -1, NULL, '242', NULL), (2, '12345678', 1300000100, 0, 5, -1, NULL, '242', NULL),
			(3, '', 1300000200, 0, 4, -1, NULL, '242', NULL), (4, 'ben@example.com', 1300000300, 10, 16, -1, NULL, '242', X'01');`,
	book: `CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY, First TEXT, Last TEXT);
		CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, value TEXT);
		INSERT INTO ABPerson VALUES (1, 'Anna', 'Berg'), (2, 'Ben', NULL);
		INSERT INTO ABMultiValue VALUES (1, 1, 3, '12 34 56 78'), (2, 2, 4, 'Ben@Example.com');`,
}

func sample(t *testing.T, stores ...string) backuptest.Backup {
	t.Helper()
	b := backuptest.Backup{EditInfo: func(info map[string]any) { info["Phone Number"] = "+47 400 00 000" }}
	for _, path := range stores {
		domain := "HomeDomain"
		if path == oldStore {
			domain = "WirelessDomain"
		}
		b.Files = append(b.Files, backuptest.File{Domain: domain, Path: path, Content: viewtest.Database(t, statements[path])})
	}
	return b
}

var oslo = time.FixedZone("CET", 3600)

func TestView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{View: calls.View{}, Zone: oslo, Backup: sample(t, newStore, tmpStore, book), Databases: []view.Place{
		{Domain: "HomeDomain", Path: newStore}, {Domain: "HomeDomain", Path: tmpStore},
	}})
}

func TestOldView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{View: calls.View{}, Zone: oslo, Golden: "old.txt", Backup: sample(t, oldStore, book),
		Databases: []view.Place{{Domain: "WirelessDomain", Path: oldStore}}})
}

func open(t *testing.T, b backuptest.Backup) iofs.FS {
	t.Helper()
	return vtree.FS(t.Context(), viewtest.Open(t, calls.View{}, b, oslo))
}

func read(t *testing.T, fsys iofs.FS, name string) string {
	t.Helper()
	b, err := iofs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCalls(t *testing.T) {
	for name, tt := range map[string]struct {
		stores []string
		want   string
	}{
		"iOS 8 and later": {[]string{newStore, tmpStore, book}, `
,missed,,,Phone,PT0S,,,
2023-03-08T21:26:40+01:00,incoming,Anna Berg,12 34 56 78,Phone,PT1M5S,NO,Oslo,
2023-03-08T21:28:20+01:00,incoming,,113,Phone,PT3S,NO,,
2023-03-09T21:26:40+01:00,missed,"'=HYPERLINK(""x"")",+1 555 0100,Phone,PT0S,US,"New York, NY",
2023-03-10T21:26:40+01:00,outgoing,"Anna Berg, Ben, +4787654321",'+47 12 34 56 78 / ben@example.com / +4787654321,FaceTime video,PT1H2M3S,,,
2023-03-10T21:26:41+01:00,incoming,,<script>alert(1)</script>,App,PT1M,,,net.whatsapp.WhatsApp
2023-03-10T21:26:42+01:00,outgoing,Anna Berg,+4712345678,FaceTime audio,PT0S,,,
`},
		"iOS 7 and earlier": {[]string{oldStore, book}, `
2011-03-13T08:06:40+01:00,incoming,Anna Berg,+4712345678,Phone,PT1M1S,,,
2011-03-13T08:08:20+01:00,outgoing,Anna Berg,12345678,Phone,PT0S,,,
2011-03-13T08:10:00+01:00,missed,,,Phone,PT0S,,,
2011-03-13T08:11:40+01:00,incoming,Ben,ben@example.com,FaceTime,PT10S,,,
`},
		"no address book": {[]string{tmpStore}, `
2023-03-08T21:26:40+01:00,incoming,,12 34 56 78,Phone,PT1M5S,NO,,
2023-03-08T21:28:20+01:00,incoming,,113,Phone,PT3S,NO,,
`},
	} {
		t.Run(name, func(t *testing.T) {
			got := read(t, open(t, sample(t, tt.stores...)), "calls.csv")
			want := "Date,Direction,Name,Number,Kind,Duration,Country,Location,App" + tt.want
			if got != strings.ReplaceAll(want, "\n", "\r\n") {
				t.Errorf("%s\nwant %s", got, want)
			}
		})
	}
}

// TestCallInTwoStores is told once, whatever its id; calls of one store are told
// each, whatever they share.
func TestCallInTwoStores(t *testing.T) {
	for name, tt := range map[string]struct {
		main, temp string
		want       int
	}{
		"one id for all of one store":        {"('x', 1000, '113'), ('x', 2000, '113'), ('x', 2000, '112')", "", 3},
		"one id for all of both":             {"('x', 1000, '113')", "('x', 1000, '113'), ('x', 2000, '113')", 2},
		"no ids":                             {"(NULL, 1000, '113'), (NULL, 2000, '113')", "(NULL, 1000, '113'), (NULL, 1000, '112')", 3},
		"the same row twice in one store":    {"('a', 1000, '113'), ('a', 1000, '113')", "('a', 1000, '113')", 2},
		"no date":                            {"('a', NULL, '113')", "('a', NULL, '113'), ('b', NULL, '113')", 2},
		"nothing to know it by":              {"(NULL, NULL, NULL)", "(NULL, NULL, NULL)", 2},
		"two ids at one time, of one number": {"('a', 1000, '113')", "('b', 1000, '113')", 2},
	} {
		t.Run(name, func(t *testing.T) {
			places := map[view.Place]string{}
			for path, rows := range map[string]string{newStore: tt.main, tmpStore: tt.temp} {
				statements := recordTable
				if rows != "" {
					statements += "INSERT INTO ZCALLRECORD (ZUNIQUE_ID, ZDATE, ZADDRESS) VALUES " + rows
				}
				places[view.Place{Domain: "HomeDomain", Path: path}] = statements
			}
			rows, err := csv.NewReader(strings.NewReader(read(t, open(t, viewtest.Databases(t, places)), "calls.csv"))).ReadAll()
			if err != nil || len(rows) != 1+tt.want {
				t.Errorf("%q, %v, want %d calls", rows, err, tt.want)
			}
		})
	}
}

// TestMissingColumn costs what it tells, and is told.
func TestMissingColumn(t *testing.T) {
	for column, want := range map[string]string{"ZADDRESS": "Could not be read.txt", "ZDATE": "Cannot be shown.txt"} {
		b := viewtest.Databases(t, map[view.Place]string{{Domain: "HomeDomain", Path: newStore}: statements[newStore] + "ALTER TABLE ZCALLRECORD DROP COLUMN " + column})
		if text := read(t, open(t, b), want); !strings.Contains(text, column) {
			t.Errorf("%s: %q", column, text)
		}
	}
}

func TestPeople(t *testing.T) {
	fsys := open(t, sample(t, newStore, tmpStore, book))
	for name, n := range map[string]int{"Anna Berg": 3, "Ben": 1, "+4787654321": 1, "113": 1, "No caller ID": 1, "=HYPERLINK(_x_)": 1, "_script_alert(1)__script_": 1} {
		rows, err := csv.NewReader(strings.NewReader(read(t, fsys, "People/"+name+".csv"))).ReadAll()
		if err != nil || len(rows) != n+1 {
			t.Errorf("%s: %q, %v", name, rows, err)
		}
	}
}

func TestPageIsSafe(t *testing.T) {
	page := read(t, open(t, sample(t, newStore, book)), "calls.html")
	if !strings.Contains(page, `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; `) {
		t.Error("the page has no policy")
	}
	if strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;") || strings.Contains(page, "://") {
		t.Error(page)
	}
	if !strings.Contains(page, "<p>Times are those of CET</p>") {
		t.Error("the zone is not told")
	}
	if newest, oldest := strings.Index(page, "10 March 2023"), strings.Index(page, "8 March 2023"); newest < 0 || oldest < newest {
		t.Error("the newest day does not come first")
	}
}

func TestRealShape(t *testing.T) {
	data := viewtest.Real(t, "calls/ios18-shape-CallHistory.storedata")
	b := backuptest.Backup{Files: []backuptest.File{{Domain: "HomeDomain", Path: newStore, Content: data}}}
	want := strings.ReplaceAll(`Date,Direction,Name,Number,Kind,Duration,Country,Location,App
2023-03-08T21:26:40+01:00,outgoing,Alex Fixture,+1 555 0100,Phone,PT1M6S,US,,
2023-03-09T21:26:40+01:00,missed,,+1 555 0142,Phone,PT0S,,,
2023-03-10T21:26:40+01:00,outgoing,,+1 555 0300 / +1 555 0301,FaceTime video,PT2M,,,
2023-03-11T21:26:40+01:00,incoming,,+1 555 0166,Phone,PT0S,,,
2023-03-12T21:26:40+01:00,incoming,,+1 555 0199,Phone,PT0S,,,
`, "\n", "\r\n")
	if got := read(t, open(t, b), "calls.csv"); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

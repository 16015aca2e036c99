package safari_test

import (
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"howett.net/plist"

	"ibfs/backupfmt/backuptest"
	"ibfs/backupfmt/backuptest/judge"
	"ibfs/fs/view"
	"ibfs/fs/view/safari"
	"ibfs/fs/view/viewtest"
)

const (
	home = "HomeDomain"
	app  = "AppDomain-com.apple.mobilesafari"

	bookmarksPath = "Library/Safari/Bookmarks.db"
	historyPath   = "Library/Safari/History.db"
	tabsPath      = "Library/Safari/SafariTabs.db"
	oldTabsPath   = "Library/Safari/BrowserState.db"
	profilePath   = "Library/Safari/Profiles/5E2D0000-0000-0000-0000-000000000000/History.db"
	otherProfile  = "Library/Safari/Profiles/6F3E/History.db"
)

const bookmarksTable = `CREATE TABLE bookmarks (id INTEGER PRIMARY KEY, special_id INTEGER DEFAULT 0, parent INTEGER, type INTEGER, title TEXT, url TEXT, hidden INTEGER DEFAULT 0, order_index INTEGER NOT NULL DEFAULT 0,
	external_uuid TEXT UNIQUE, read INTEGER, last_modified REAL, deleted INTEGER DEFAULT 0, extra_attributes BLOB);`

func bookmarksSQL(t *testing.T) string {
	t.Helper()
	attributes, err := plist.Marshal(map[string]any{"com.apple.ReadingList": map[string]any{
		"DateAdded": time.Date(2024, 7, 14, 18, 3, 0, 0, time.UTC), "PreviewText": "It was </DL> a\ndark & stormy night",
	}}, plist.BinaryFormat)
	if err != nil {
		t.Fatal(err)
	}
	return bookmarksTable + `
INSERT INTO bookmarks (id, special_id, parent, type, title, url, hidden, order_index, read, last_modified, deleted, extra_attributes) VALUES
	(0, 0, NULL, 1, 'Root', NULL, 0, 0, NULL, NULL, 0, NULL),
	(1, 1, 0, 1, 'BookmarksBar', NULL, 0, 0, NULL, NULL, 0, NULL),
	(2, 2, 0, 1, 'BookmarksMenu', NULL, 0, 1, NULL, NULL, 0, NULL),
	(3, 3, 0, 1, 'com.apple.ReadingList', '', 0, 2, NULL, NULL, 0, NULL),
	(4, 5, 0, 1, 'FrequentlyVisitedSites', NULL, 1, 3, NULL, NULL, 0, NULL),
	(10, 0, 1, 0, 'Second', 'https://example.com/?a=b&c="d"', 0, 2, NULL, 1600000000.5, 0, NULL),
	(11, 0, 1, 1, 'Dev <b> & co' || char(10), NULL, 0, 1, NULL, 1610000000, 0, NULL),
	(12, 0, 11, 0, '"><img onerror=alert(1)>', 'http://example.org', 0, 1, NULL, NULL, 0, NULL),
	(13, 0, 11, 0, 'Do it', 'javascript:alert(1)', 0, 0, NULL, NULL, 0, NULL),
	(14, 0, 11, 1, 'Empty', NULL, 0, 2, NULL, NULL, 0, NULL),
	(15, 0, 0, 0, NULL, 'https://example.net/', 0, 9, NULL, 9e15, 0, NULL),
	(16, 0, 0, 0, 'Deleted', 'https://example.net/deleted', 0, 10, NULL, NULL, 1, NULL),
	(17, 0, 0, 1, 'Hidden', NULL, 1, 11, NULL, NULL, 0, NULL),
	(18, 0, 17, 0, 'In a hidden folder', 'https://example.net/hidden', 0, 0, NULL, NULL, 0, NULL),
	(19, 0, 4, 0, 'Frequent', 'https://example.net/frequent', 0, 0, NULL, NULL, 0, NULL),
	(20, 0, 21, 1, 'Circle A', NULL, 0, 20, NULL, NULL, 0, NULL),
	(21, 0, 20, 1, 'Circle B', NULL, 0, 20, NULL, NULL, 0, NULL),
	(22, 0, 21, 0, 'In a circle', 'https://example.net/circle', 0, 0, NULL, NULL, 0, NULL),
	(23, 0, 23, 1, 'Self', NULL, 0, 21, NULL, NULL, 0, NULL),
	(24, 0, 99, 0, 'Lost', 'HTTPS://example.net/lost', 0, 22, NULL, NULL, 0, NULL),
	(25, 0, 10, 0, 'Below a bookmark', 'https://example.net/below', 0, 23, NULL, NULL, 0, NULL),
	(30, 0, 3, 0, 'To read', 'https://example.com/r1', 0, 0, 0, 1566302073.5, 0, X'` + hex.EncodeToString(attributes) + `'),
	(31, 0, 3, 0, 'Was read', 'https://example.com/r2', 0, 1, 1, 1566388888.75, 0, X'62706C697374303000'),
	(32, 0, 3, 0, 'Later', 'https://example.com/r3', 0, 2, 0, 1766388888, 0, NULL),
	(33, 0, 3, 0, 'Deleted', 'https://example.com/r4', 0, 2, 0, NULL, 1, NULL);`
}

const historyTables = `
CREATE TABLE history_items (id INTEGER PRIMARY KEY, url TEXT NOT NULL, visit_count INTEGER NOT NULL DEFAULT 1);
CREATE TABLE history_visits (id INTEGER PRIMARY KEY, history_item INTEGER NOT NULL, visit_time REAL NOT NULL, title TEXT, origin INTEGER NOT NULL DEFAULT 0, load_successful BOOLEAN NOT NULL DEFAULT 1);`

const historySQL = historyTables + `
INSERT INTO history_items VALUES (1, 'https://example.com/a,b', 2), (2, '=cmd()', 1);
INSERT INTO history_visits VALUES (1, 1, 700000000.5, 'A "title", and more', 0, 1), (2, 1, 700086400, '=HYPERLINK("x")', 1, 1), (3, 2, 1678400000, NULL, 0, 0), (4, 99, 'never', '-1+1', 0, 1), (5, 1, 700086400, 'Two', 0, 1);`

const profileSQL = historyTables + `
INSERT INTO history_items VALUES (1, 'https://work.example.com/', 1);
INSERT INTO history_visits VALUES (1, 1, 700000000, 'Work', 0, 1);`

const tabsSQL = bookmarksTable + `
INSERT INTO bookmarks (id, parent, type, title, url, order_index, external_uuid) VALUES
	(0, NULL, 1, 'Root', NULL, 0, 'Root'), (1, 0, 1, 'Local', NULL, 0, 'local'), (2, 0, 1, 'Empty', NULL, 1, 'empty'), (3, 0, 1, 'Work', NULL, 2, '5E2D0000-0000-0000-0000-000000000000'),
	(4, 1, 0, 'A tab', 'https://example.com/tab', 0, 't1'), (5, 1, 0, 'Start Page', 'about:blank', 1, 't2'), (6, 2, 1, 'Empty too', NULL, 0, 'empty2');`

const oldTabsSQL = `CREATE TABLE tabs (id INTEGER PRIMARY KEY, title TEXT, url TEXT, order_index INTEGER, last_viewed_time REAL, private_browsing BOOL);
INSERT INTO tabs VALUES (1, 'Second', 'https://example.com/2', 2, 700000000, 0), (2, 'First', 'https://example.com/1', 1, 700000100, 0), (3, 'Secret', 'https://example.com/3', 0, 0, 1), (4, '', '', 9, NULL, 0);`

func at(domain, path string) view.Place { return view.Place{Domain: domain, Path: path} }

func all(t *testing.T) map[view.Place]string {
	return map[view.Place]string{
		at(home, bookmarksPath): bookmarksSQL(t), at(home, historyPath): historySQL, at(home, tabsPath): tabsSQL, at(home, oldTabsPath): oldTabsSQL,
		at(home, profilePath): profileSQL, at(home, otherProfile): profileSQL,
	}
}

var oslo = time.FixedZone("CET", 3600)

func TestView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{View: safari.View{}, Zone: oslo, Backup: viewtest.Databases(t, all(t)), Databases: []view.Place{
		at(home, bookmarksPath), at(home, historyPath), at(home, tabsPath), at(home, oldTabsPath), at(home, profilePath), at(home, otherProfile),
	}})
}

func TestHistoryAlone(t *testing.T) {
	p := view.Place{Domain: app, Path: historyPath}
	viewtest.Run(t, viewtest.Case{View: safari.View{}, Golden: "history.txt", Backup: viewtest.Databases(t, map[view.Place]string{p: historySQL}), Databases: []view.Place{p}})
}

func TestBookmarksAlone(t *testing.T) {
	p := view.Place{Domain: home, Path: bookmarksPath}
	viewtest.Run(t, viewtest.Case{View: safari.View{}, Golden: "bookmarks.txt", Backup: viewtest.Databases(t, map[view.Place]string{p: bookmarksSQL(t)}), Databases: []view.Place{p}})
}

// shown are the files of the view, by path.
func shown(t *testing.T, b backuptest.Backup) map[string]string {
	t.Helper()
	return viewtest.Files(t, viewtest.Open(t, safari.View{}, b, oslo))
}

func TestPages(t *testing.T) {
	files := shown(t, viewtest.Databases(t, all(t)))
	if want := []string{"Bookmarks.html", "History.csv", "Open tabs.html", "Profiles/6F3E/History.csv", "Profiles/Work/History.csv", "Reading list.html"}; !slices.Equal(slices.Sorted(maps.Keys(files)), want) {
		t.Fatalf("%q", slices.Sorted(maps.Keys(files)))
	}
	for name, want := range map[string]string{
		"Bookmarks.html": `
    <DT><H3 PERSONAL_TOOLBAR_FOLDER="true">Favourites</H3>
    <DL><p>
        <DT><H3 ADD_DATE="1610000000">Dev &lt;b&gt; &amp; co</H3>
        <DL><p>
            <DT><A>Do it (javascript:alert(1))</A>
            <DT><A HREF="http://example.org">&#34;&gt;&lt;img onerror=alert(1)&gt;</A>
            <DT><H3>Empty</H3>
            <DL><p>
            </DL><p>
        </DL><p>
        <DT><A HREF="https://example.com/?a=b&amp;c=&#34;d&#34;" ADD_DATE="1600000000">Second</A>
    </DL><p>
    <DT><A HREF="https://example.net/">https://example.net/</A>
    <DT><H3>Circle A</H3>
    <DL><p>
        <DT><H3>Circle B</H3>
        <DL><p>
            <DT><A HREF="https://example.net/circle">In a circle</A>
        </DL><p>
    </DL><p>
    <DT><H3>Self</H3>
    <DL><p>
    </DL><p>
    <DT><A HREF="HTTPS://example.net/lost">Lost</A>
    <DT><A HREF="https://example.net/below">Below a bookmark</A>
`,
		"Reading list.html": `
    <DT><H3>Unread</H3>
    <DL><p>
        <DT><A HREF="https://example.com/r3" ADD_DATE="1766388888">Later</A>
        <DT><A HREF="https://example.com/r1" ADD_DATE="1720980180">To read</A>
        <DD>It was &lt;/DL&gt; a dark &amp; stormy night
    </DL><p>
    <DT><H3>Read</H3>
    <DL><p>
        <DT><A HREF="https://example.com/r2" ADD_DATE="1566388888">Was read</A>
    </DL><p>
`,
		"Open tabs.html": `
    <DT><H3>Local</H3>
    <DL><p>
        <DT><A HREF="https://example.com/tab">A tab</A>
        <DT><A>Start Page (about:blank)</A>
    </DL><p>
`,
	} {
		title := strings.TrimSuffix(name, ".html")
		want = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=UTF-8\">\n<TITLE>" + title + "</TITLE>\n<H1>" + title + "</H1>\n<DL><p>" + want + "</DL><p>\n"
		if files[name] != want {
			t.Errorf("%s: %s\nwant %s", name, files[name], want)
		}
	}
}

func TestHistory(t *testing.T) {
	files := shown(t, viewtest.Databases(t, all(t)))
	want := strings.ReplaceAll(`Date,Title,Address,Visits,Device,Loaded
2023-03-09T23:13:20+01:00,,'=cmd(),1,this one,no
2023-03-09T21:26:40+01:00,Two,"https://example.com/a,b",2,this one,yes
2023-03-09T21:26:40+01:00,"'=HYPERLINK(""x"")","https://example.com/a,b",2,another one,yes
2023-03-08T21:26:40+01:00,"A ""title"", and more","https://example.com/a,b",2,this one,yes
,-1+1,,,this one,yes
`, "\n", "\r\n")
	if files["History.csv"] != want {
		t.Errorf("%s\nwant %s", files["History.csv"], want)
	}
	if !strings.Contains(files["Profiles/Work/History.csv"], "https://work.example.com/") {
		t.Error(files["Profiles/Work/History.csv"])
	}
}

func TestOldTabs(t *testing.T) {
	files := shown(t, viewtest.Databases(t, map[view.Place]string{at(home, oldTabsPath): oldTabsSQL}))
	for i, want := range []string{">First<", ">Second<", ">Private<", ">Secret<"} {
		if at := strings.Index(files["Open tabs.html"], want); at < 0 || i > 0 && at < strings.Index(files["Open tabs.html"], ">First<") {
			t.Errorf("%s is at %d of %s", want, at, files["Open tabs.html"])
		}
	}
	if n := strings.Count(files["Open tabs.html"], "<A "); n != 3 {
		t.Errorf("%d tabs", n)
	}
}

func TestDeepFolders(t *testing.T) {
	var b strings.Builder
	b.WriteString(bookmarksTable + "INSERT INTO bookmarks (id, parent, type, title) VALUES (0, NULL, 1, 'Root')")
	for i := range 20_000 {
		b.WriteString(",(" + strings.TrimSpace(view.Row{int64(i + 1)}.Text(0)) + "," + view.Row{int64(i)}.Text(0) + ",1,'x')")
	}
	b.WriteString("; INSERT INTO bookmarks (id, parent, type, title, url) VALUES (30000, 20000, 0, 'Deep', 'https://example.com');")
	page := shown(t, viewtest.Databases(t, map[view.Place]string{at(home, bookmarksPath): b.String()}))["Bookmarks.html"]
	if n := strings.Count(page, "<H3>"); n != 20 || !strings.Contains(page, ">Deep</A>") || len(page) > 10_000 {
		t.Errorf("%d folders, %d bytes", n, len(page))
	}
}

// TestJudge holds the pages against what a program that others wrote reads.
func TestJudge(t *testing.T) {
	viewtest.Judges(t)
	files := shown(t, viewtest.Databases(t, all(t)))
	for name, want := range map[string][]string{
		"Bookmarks.html": {
			"Favourites/Dev <b> & co|Do it (javascript:alert(1))||", `Favourites/Dev <b> & co|"><img onerror=alert(1)>|http://example.org|`,
			`Favourites|Second|https://example.com/?a=b&c="d"|1600000000`, "Other bookmarks|https://example.net/|https://example.net/|",
			"Other bookmarks/Circle A/Circle B|In a circle|https://example.net/circle|", "Other bookmarks|Lost|HTTPS://example.net/lost|",
			"Other bookmarks|Below a bookmark|https://example.net/below|",
		},
		"Reading list.html": {
			"Bookmarks Menu/Unread|Later|https://example.com/r3|1766388888", "Bookmarks Menu/Unread|To read|https://example.com/r1|1720980180",
			"Bookmarks Menu/Read|Was read|https://example.com/r2|1566388888",
		},
	} {
		t.Run(name, func(t *testing.T) {
			page := filepath.Join(t.TempDir(), "page.html")
			if err := os.WriteFile(page, []byte(files[name]), 0o600); err != nil {
				t.Fatal(err)
			}
			marks, err := judge.Bookmarks(t.Context(), page)
			var got []string
			for _, m := range marks {
				got = append(got, strings.Join([]string{strings.Join(m.Folders, "/"), m.Title, m.URL, m.AddDate}, "|"))
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%v\n%q\nwant\n%q", err, got, want)
			}
		})
	}
}

// TestJudgeOfHistory holds the visits against those that mvt finds, which knows
// the times since 2001 alone.
func TestJudgeOfHistory(t *testing.T) {
	viewtest.Judges(t)
	b := viewtest.Databases(t, map[view.Place]string{at(home, historyPath): historyTables + `
		ALTER TABLE history_visits ADD COLUMN redirect_source INTEGER;
		ALTER TABLE history_visits ADD COLUMN redirect_destination INTEGER;
		INSERT INTO history_items VALUES (1, 'https://example.com/a,b', 2), (2, 'http://example.org/ü?q="1"', 1), (3, 'https://never.example/', 0);
		INSERT INTO history_visits VALUES (1, 1, 700000000.5, 'A', 0, 1, NULL, NULL), (2, 1, 700086400, 'B', 1, 1, NULL, 3), (3, 2, 802000000, NULL, 0, 0, 2, NULL);`})
	records, err := judge.MVTRecords(t.Context(), viewtest.Write(t, b), "SafariHistory", "safari_history")
	if err != nil {
		t.Fatal(err)
	}
	var theirs, ours []string
	for _, r := range records {
		at, err := time.Parse("2006-01-02 15:04:05.999999", fmt.Sprint(r["isodate"]))
		if err != nil {
			t.Error(err)
		}
		theirs = append(theirs, fmt.Sprint(at.Unix(), " ", r["url"]))
	}
	rows, err := csv.NewReader(strings.NewReader(shown(t, b)["History.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		at, err := time.Parse(time.RFC3339, r[0])
		if err != nil {
			t.Error(err)
		}
		ours = append(ours, fmt.Sprint(at.Unix(), " ", r[2]))
	}
	slices.Reverse(ours) // the latest first
	if len(theirs) != 3 || !slices.Equal(theirs, ours) {
		t.Errorf("mvt: %q\nours: %q", theirs, ours)
	}
}

func TestRealHistory(t *testing.T) {
	b := backuptest.Backup{Files: []backuptest.File{{Domain: home, Path: historyPath, Content: viewtest.Real(t, "safari/macos10.13-History.db")}}}
	rows, err := csv.NewReader(strings.NewReader(shown(t, b)["History.csv"])).ReadAll()
	if err != nil || len(rows) != 26 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if want := []string{"2017-11-09T22:26:46+01:00", "Google", "https://www.google.com/?gws_rd=ssl", "1", "this one", "yes"}; !slices.Equal(rows[1], want) {
		t.Errorf("%q, want %q", rows[1], want)
	}
}

func TestRealShape(t *testing.T) {
	b := backuptest.Backup{Files: []backuptest.File{
		{Domain: home, Path: historyPath, Content: viewtest.Real(t, "safari/ios18-shape-History.db")}, {Domain: home, Path: bookmarksPath, Content: viewtest.Real(t, "safari/ios18-shape-Bookmarks.db")},
	}}
	files := shown(t, b)
	if want := []string{"Bookmarks.html", "History.csv", "Reading list.html"}; !slices.Equal(slices.Sorted(maps.Keys(files)), want) {
		t.Fatalf("%q", slices.Sorted(maps.Keys(files)))
	}
	for name, n := range map[string]int{"Bookmarks.html": 2, "Reading list.html": 2} { // one of three bookmarks is hidden
		if got := strings.Count(files[name], "<A "); got != n {
			t.Errorf("%s has %d: %s", name, got, files[name])
		}
	}
	if n := strings.Count(files["History.csv"], "\r\n"); n != 5 {
		t.Errorf("%d lines: %s", n, files["History.csv"])
	}
}

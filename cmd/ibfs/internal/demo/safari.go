package demo

import (
	"time"

	"howett.net/plist"

	"ibfs/backupfmt/backuptest"
)

const safariFolder = "Library/Safari/"

// A visit is one of Anna's to a page.
type visit struct{ at, url, title string }

var visits = []visit{
	{"2026-03-01 20:14", "https://weather.example/lofoten", "Svolvær: snow, clearing from the north"},
	{"2026-06-02 12:31", "https://example.com/lisbon", "Lisbon in four days"},
	{"2026-08-02 22:05", "https://rail.example/kawaguchiko?from=shinjuku", "Shinjuku – Kawaguchiko, times & fares"},
	{"2026-10-01 08:47", "https://dental.example/stockbridge", "Stockbridge Dental"},
	{"2026-11-02 21:40", "https://boulders.example/brooklyn", "Brooklyn Boulders"},
	{"2026-11-02 21:52", "https://example.com/lisbon", "Lisbon in four days"},
	{"2026-11-15 07:58", "https://vet.example/", "Vet, Broughton"},
}

// A bookmark is a page that Anna keeps: in a folder of Safari's, by its row, or
// one of her own.
type bookmark struct {
	folder     int
	title, url string
	preview    string // of the reading list
	read       bool
}

// Rows of bookmarks that are folders.
const (
	favouritesFolder = 1
	menuFolder       = 2
	readingFolder    = 3
	climbingFolder   = 4
)

var bookmarks = []bookmark{
	{folder: favouritesFolder, title: "Weather", url: "https://weather.example/edinburgh"},
	{folder: favouritesFolder, title: "Northlight", url: "https://northlight.example/"},
	{folder: menuFolder, title: "Flapjacks & other sins", url: "https://example.com/flapjacks?oats=250"},
	{folder: climbingFolder, title: "Ratho: opening times", url: "https://wall.example/ratho"},
	{folder: climbingFolder, title: "Grades, compared", url: "https://example.org/grades"},
	{folder: readingFolder, title: "How balloons steer", url: "https://example.com/balloons", preview: "They do not. They go up and down until the wind is right.", read: true},
	{folder: readingFolder, title: "A walk along the river Tay", url: "https://example.org/tay", preview: "Begin at the cathedral, early."},
}

// safariFiles are bookmarks, the reading list and the history.
func safariFiles(p *phone) ([]backuptest.File, error) {
	added := time.Date(2026, 9, 6, 10, 0, 0, 0, time.UTC)
	marks, err := bookmarksDatabase(added)
	if err != nil {
		return nil, err
	}
	s := newScript(historySchema)
	pages := map[string]int{}
	var last time.Time
	for i, v := range visits {
		at, err := time.Parse("2006-01-02 15:04", v.at)
		if err != nil {
			return nil, err
		}
		if !p.has(at) {
			break
		}
		if pages[v.url] == 0 {
			pages[v.url] = len(pages) + 1
			s.insert("history_items", "id, url, visit_count", pages[v.url], v.url, 1)
		}
		s.insert("history_visits", "id, history_item, visit_time, title", i+1, pages[v.url], cocoa(at), v.title)
		last = at
	}
	history, err := s.database("HomeDomain", safariFolder+"History.db", last)
	return []backuptest.File{marks, history}, err
}

func bookmarksDatabase(added time.Time) (backuptest.File, error) {
	s := newScript(bookmarksSchema)
	folder := func(row, special, parent any, title string, order int) {
		s.insert("bookmarks", "id, special_id, parent, type, title, order_index, external_uuid, last_modified", row, special, parent, 1, title, order, uuid("bookmarks", title), added.Unix())
	}
	folder(0, 0, nil, "Root", 0)
	folder(favouritesFolder, 1, 0, "BookmarksBar", 0)
	folder(menuFolder, 2, 0, "BookmarksMenu", 1)
	folder(readingFolder, 3, 0, "com.apple.ReadingList", 2)
	folder(climbingFolder, 0, menuFolder, "Climbing", 0)
	for i, b := range bookmarks {
		var read, extra any
		at := added.Add(time.Duration(i) * 49 * time.Minute)
		if b.folder == readingFolder {
			attributes, err := plist.Marshal(map[string]any{"com.apple.ReadingList": map[string]any{"DateAdded": at, "PreviewText": b.preview}}, plist.BinaryFormat)
			if err != nil {
				return backuptest.File{}, err
			}
			read, extra = b.read, attributes
		}
		s.insert("bookmarks", "id, special_id, parent, type, title, url, order_index, external_uuid, read, last_modified, extra_attributes",
			10+i, 0, b.folder, 0, b.title, b.url, i+1, uuid("bookmark", b.url), read, at.Unix(), extra)
	}
	return s.database("HomeDomain", safariFolder+"Bookmarks.db", added)
}

// bookmarksSchema and historySchema are those of iOS 18, as far as they are
// filled here.
const bookmarksSchema = `
CREATE TABLE bookmarks (id INTEGER PRIMARY KEY AUTOINCREMENT, special_id INTEGER DEFAULT 0, parent INTEGER, type INTEGER,
	title TEXT, url TEXT COLLATE NOCASE, num_children INTEGER DEFAULT 0, hidden INTEGER DEFAULT 0,
	order_index INTEGER NOT NULL, external_uuid TEXT UNIQUE, read INTEGER DEFAULT NULL, last_modified REAL DEFAULT NULL,
	added INTEGER DEFAULT 1, deleted INTEGER DEFAULT 0, extra_attributes BLOB DEFAULT NULL);
`

const historySchema = `
CREATE TABLE history_items (id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL UNIQUE, visit_count INTEGER NOT NULL,
	domain_expansion TEXT, visit_count_score INTEGER NOT NULL DEFAULT 0);
CREATE TABLE history_visits (id INTEGER PRIMARY KEY AUTOINCREMENT, history_item INTEGER NOT NULL, visit_time REAL NOT NULL,
	title TEXT, redirect_source INTEGER, redirect_destination INTEGER, origin INTEGER NOT NULL DEFAULT 0,
	load_successful BOOLEAN NOT NULL DEFAULT 1);
`

package view_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
)

const dbPath = "Library/test.db"

// database opens a database of a backup, and its -wal where it has one.
func database(t *testing.T, db, wal []byte) *view.Database {
	t.Helper()
	return databaseOf(t, db, wal, backuptest.Whole)
}

func databaseOf(t *testing.T, db, wal []byte, blob backuptest.Blob) *view.Database {
	t.Helper()
	b := backuptest.Backup{Files: []backuptest.File{{Domain: "HomeDomain", Path: dbPath, Content: db}}}
	if wal != nil {
		b.Files = append(b.Files, backuptest.File{Domain: "HomeDomain", Path: dbPath + "-wal", Content: wal, Blob: blob})
	}
	s, _ := source(t, b, view.Options{})
	d, err := s.Database(t.Context(), "HomeDomain", dbPath)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func made(t *testing.T, statements string) []byte {
	t.Helper()
	b, err := backuptest.Database(statements)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTable(t *testing.T) {
	d := database(t, made(t, `
		CREATE TABLE "odd ""name""" (a, "b c", twice AS (a * 2));
		INSERT INTO "odd ""name""" VALUES (1, 'x');
		CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS a FROM n;
		CREATE VIRTUAL TABLE search USING fts5(a);`), nil)
	table, err := d.Table(t.Context(), "endless", "search", "none", `Odd "Name"`)
	if err != nil {
		t.Fatal(err)
	}
	if !table.Has("A") || !table.Has("b c") || table.Has("twice") || table.First("x", "b c") != "b c" {
		t.Errorf("columns %q", table.Columns)
	}
	if err := table.Need("a", "missing"); !errors.Is(err, view.ErrSchema) {
		t.Error(err)
	}
	o := table.As("o")
	if got, want := "SELECT "+o.Select("a", "missing", "b c")+" FROM "+o.String(), `SELECT "o"."a", NULL, "o"."b c" FROM "Odd ""Name""" AS "o"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for r, err := range d.Scan(t.Context(), o, "a", "missing", "b c", "twice") {
		if err != nil || r.Int(0) != 1 || !r.Null(1) || r.Text(2) != "x" || !r.Null(3) {
			t.Errorf("%v, %v", r, err)
		}
	}
	for _, name := range []string{"endless", "search", "none"} {
		if _, err := d.Table(t.Context(), name); !errors.Is(err, view.ErrSchema) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, err := range d.Rows(t.Context(), "SELECT 1") {
		for _, inner := range d.Rows(t.Context(), "SELECT 1") {
			if inner == nil {
				t.Error("two queries at once")
			}
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// TestLog is of rows that are in a database's -wal alone.
func TestLog(t *testing.T) {
	db, wal, err := backuptest.DatabaseWithWAL(t.TempDir(), "CREATE TABLE t (a); INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		wal  []byte
		blob backuptest.Blob
		want int
		lost error
	}{
		"with": {wal, backuptest.Whole, 2, nil}, "without": {nil, backuptest.Whole, 1, nil}, "empty": {[]byte{}, backuptest.Whole, 1, nil},
		"cut": {wal[:40], backuptest.Whole, 1, backupfmt.ErrDamaged}, "a row alone": {wal, backuptest.Absent, 1, backupfmt.ErrNoBlob},
	} {
		t.Run(name, func(t *testing.T) {
			d := databaseOf(t, db, c.wal, c.blob)
			table, err := d.Table(t.Context(), "t")
			if err != nil {
				t.Fatal(err)
			}
			lost := 0
			for range 2 { // the loss is told once
				rows := 0
				for _, err := range d.Scan(t.Context(), table, "a") {
					switch {
					case err == nil:
						rows++
					case c.lost != nil && errors.Is(err, c.lost) && strings.Contains(err.Error(), dbPath+"-wal"):
						lost++
					default:
						t.Error(err)
					}
				}
				if rows != c.want {
					t.Errorf("%d rows, want %d", rows, c.want)
				}
			}
			if lost != 0 != (c.lost != nil) || lost > 1 {
				t.Errorf("its log is told to be lost %d times", lost)
			}
			if _, err := d.Table(t.Context(), "none"); !errors.Is(err, view.ErrSchema) || c.lost != nil && !errors.Is(err, c.lost) {
				t.Errorf("a table that may be in the log: %v", err)
			}
		})
	}
}

// TestScanGoesOn damages pages of a table of 2,000 rows: what lies on others
// stays, each row comes once and in order.
func TestScanGoesOn(t *testing.T) {
	const rows, page = 2000, 4096
	sound := made(t, fmt.Sprintf(`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
		INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		SELECT i * 3, printf('%%.*c', 200, 'x') FROM n`, rows))
	pages := len(sound) / page
	noise := func(db []byte, n int) {
		rnd := rand.New(rand.NewPCG(uint64(n), 0))
		for i := range page {
			db[n*page+i] = byte(rnd.Uint32())
		}
	}
	for name, c := range map[string]struct {
		damage func(db []byte) []byte
		least  int
	}{
		"sound":                 {func(db []byte) []byte { return db }, rows},
		"one page in the midst": {func(db []byte) []byte { noise(db, pages/2); return db }, rows - 25},
		"each tenth page": {func(db []byte) []byte {
			for n := 9; n < pages; n += 10 {
				noise(db, n)
			}
			return db
		}, rows - 25*pages/10 - 25},
		"the first leaf":  {func(db []byte) []byte { noise(db, 2); return db }, rows - 25},
		"the second half": {func(db []byte) []byte { return db[:pages/2*page] }, rows/2 - 50},
		"a page that leads to another's": {func(db []byte) []byte {
			copy(db[(pages/2)*page:(pages/2+1)*page], db[(pages/4)*page:(pages/4+1)*page])
			return db
		}, rows - 50},
	} {
		t.Run(name, func(t *testing.T) {
			d := database(t, c.damage(slices.Clone(sound)), nil)
			table, err := d.Table(t.Context(), "t")
			if err != nil {
				t.Fatal(err)
			}
			last, n, gaps := int64(0), 0, 0
			for r, err := range d.Scan(t.Context(), table, "id", "a") {
				if err != nil {
					if gaps++; strings.Contains(err.Error(), "row -") {
						t.Error(err)
					}
					continue
				}
				if id := r.Int(0); id <= last || id%3 != 0 {
					t.Fatalf("row %d behind row %d", id, last)
				}
				last = r.Int(0)
				n++
			}
			if n < c.least || (n < rows) != (gaps > 0) {
				t.Errorf("%d rows of %d and %d gaps, want %d rows at least", n, rows, gaps, c.least)
			}
		})
	}
}

// TestScanCancelled ends a scan in its midst.
func TestScanCancelled(t *testing.T) {
	d := database(t, made(t, `CREATE TABLE t (a); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i FROM n`), nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	table, err := d.Table(ctx, "t")
	if err != nil {
		t.Fatal(err)
	}
	var last error
	n := 0
	for _, err := range d.Scan(ctx, table, "a") {
		if last = err; n == 10 {
			cancel()
		}
		n++
	}
	if !errors.Is(last, context.Canceled) || n > 4000 {
		t.Errorf("%d rows, then %v", n, last)
	}
}

func TestRow(t *testing.T) {
	r := view.Row{int64(7), 2.5, "text\xff", []byte("blob"), nil, math.NaN(), "12 ", 1e300, "2023-03-08", "1.5"}
	for name, c := range map[string]struct{ got, want any }{
		"integer as text": {r.Text(0), "7"}, "integer": {r.Int(0), int64(7)}, "integer as real": {r.Float(0), 7.0}, "integer as truth": {r.Bool(0), true},
		"real as text": {r.Text(1), "2.5"}, "real as integer": {r.Int(1), int64(2)},
		"text": {r.Text(2), "text\uFFFD"}, "text as number": {r.Int(2), int64(0)}, "text as data": {string(r.Data(2)), "text\xff"},
		"blob as text": {r.Text(3), "blob"}, "blob as number": {r.Int(3), int64(0)},
		"null": {r.Text(4) == "" && r.Null(4) && r.Data(4) == nil && !r.Bool(4), true},
		"NaN":  {r.Float(5), 0.0}, "digits": {r.Int(6), int64(12)}, "out of range": {r.Int(7), int64(0)},
		"date as text": {r.Text(8), "2023-03-08"}, "date": {r.Cocoa(8), time.Time{}},
		"decimal text as integer": {r.Int(9), int64(1)},
		"a number":                {r.IsNumber(0) && r.IsNumber(1) && r.IsNumber(6) && r.IsNumber(9), true},
		"no number":               {r.IsNumber(2) || r.IsNumber(3) || r.IsNumber(4) || r.IsNumber(99), false},
		"behind the end":          {r.Text(99), ""}, "before the start": {r.Int(-1), int64(0)},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

func TestEpochs(t *testing.T) {
	at := time.Date(2023, 3, 8, 20, 26, 40, 0, time.UTC)
	for name, c := range map[string]struct{ got, want time.Time }{
		"seconds":               {view.Cocoa(700000000), at},
		"half a second":         {view.Cocoa(700000000.5), at.Add(time.Second / 2)},
		"nanoseconds":           {view.Row{int64(700000000123456789)}.Cocoa(0), at.Add(123456789)},
		"nanoseconds as a real": {view.Cocoa(7e17), at},
		"integer seconds":       {view.Row{int64(700000000)}.Cocoa(0), at},
		"before the epoch":      {view.Cocoa(-86400), time.Date(2000, 12, 31, 0, 0, 0, 0, time.UTC)},
		"zero":                  {view.Cocoa(0), time.Time{}},
		"1604":                  {view.Cocoa(-12497500800), time.Time{}},
		"2101":                  {view.Cocoa(3.2e9), time.Time{}},
		"the least integer":     {view.Row{int64(math.MinInt64)}.Cocoa(0), time.Time{}},
		"the greatest integer":  {view.Row{int64(math.MaxInt64)}.Cocoa(0), time.Time{}},
		"NaN":                   {view.Cocoa(math.NaN()), time.Time{}},
		"infinite":              {view.Cocoa(math.Inf(-1)), time.Time{}},
		"Unix":                  {view.Unix(1678307200), at},
		"Unix zero":             {view.Unix(0), time.Time{}},
		"Unix in milliseconds":  {view.Unix(1678307200000), time.Time{}},
		"Unix before the years": {view.Unix(-1e9), time.Time{}},
	} {
		if !c.got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

// TestPeople reads an address book, one that lies in a log alone, and a damaged
// one.
func TestPeople(t *testing.T) {
	tables := `CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY, First TEXT, Last TEXT, Organization TEXT, PersonLink INTEGER, IsPreferredName INTEGER);
		CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, value TEXT);`
	values := `INSERT INTO ABPerson VALUES (1, 'Anna', 'B.', NULL, 5, 0), (2, NULL, NULL, 'Ben & Co', NULL, NULL), (3, ' Anna ', 'Berg', NULL, 5, 1), (4, NULL, NULL, NULL, NULL, 1);
		INSERT INTO ABMultiValue VALUES (1, 1, 3, '12 34 56 78'), (2, 2, 4, 'Ben@Example.com'), (3, 3, 3, '+4712345678'), (4, 4, 3, '99999999'), (5, 77, 3, '88888888'), (6, 2, 22, '11223344');`
	db, wal, err := backuptest.DatabaseWithWAL(t.TempDir(), tables, values)
	if err != nil {
		t.Fatal(err)
	}
	prefs := []byte(`<?xml version="1.0"?><plist version="1.0"><dict><key>AppleLocale</key><string>nb-NO@calendar=gregorian</string></dict></plist>`)
	book := func(db, wal []byte) []backuptest.File {
		files := []backuptest.File{{Domain: "HomeDomain", Path: "Library/Preferences/.GlobalPreferences.plist", Content: prefs}}
		if db != nil {
			files = append(files, backuptest.File{Domain: "HomeDomain", Path: "Library/AddressBook/AddressBook.sqlitedb", Content: db})
		}
		if wal != nil {
			files = append(files, backuptest.File{Domain: "HomeDomain", Path: "Library/AddressBook/AddressBook.sqlitedb-wal", Content: wal})
		}
		return files
	}
	all := map[string]string{"+4712345678": "Anna Berg", "ben@example.com": "Ben & Co", "+4799999999": "+4799999999", "11223344": "11223344", "+4788888888": "+4788888888"}
	for name, c := range map[string]struct {
		files []backuptest.File
		want  map[string]string
	}{
		"whole":     {book(made(t, tables+values), nil), all},
		"in a log":  {book(db, wal), all},
		"none":      {book(nil, nil), map[string]string{"+4712345678": "+4712345678"}},
		"no tables": {book(made(t, "CREATE TABLE x (a)"), nil), map[string]string{"+4712345678": "+4712345678"}},
		"noise":     {book([]byte("no database"), nil), map[string]string{"+4712345678": "+4712345678"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := source(t, backuptest.Backup{Files: c.files}, view.Options{})
			who, err := s.People(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for handle, want := range c.want {
				if got := who.Name(handle); got != want {
					t.Errorf("%s: %q, want %q", handle, got, want)
				}
			}
		})
	}
	s, _ := source(t, backuptest.Backup{Files: book(db, wal)}, view.Options{})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.People(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
	if who, err := s.People(t.Context()); err != nil || who.Name("+4712345678") != "Anna Berg" {
		t.Errorf("the next who asks: %v", err)
	}
}

// TestRealAddressBook reads that of a phone of iOS 16, whose rows lie in its log,
// and one made after a phone of iOS 18; the answers are those of sqlite3.
func TestRealAddressBook(t *testing.T) {
	data := os.Getenv("IBFS_TESTDATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "shared", "testdata")
	}
	for name, c := range map[string]struct {
		handle, want string
	}{
		"ios16":       {"billthemegakill@icloud.com", "William Phorger"},
		"ios18-shape": {"+15550142", "Acme Synthetics"},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := os.ReadFile(filepath.Join(data, "contacts", name+"-AddressBook.sqlitedb"))
			if err != nil {
				t.Skip("no real address book:", err)
			}
			files := []backuptest.File{{Domain: "HomeDomain", Path: "Library/AddressBook/AddressBook.sqlitedb", Content: db}}
			if wal, err := os.ReadFile(filepath.Join(data, "contacts", name+"-AddressBook.sqlitedb-wal")); err == nil {
				files = append(files, backuptest.File{Domain: "HomeDomain", Path: "Library/AddressBook/AddressBook.sqlitedb-wal", Content: wal})
			}
			s, _ := source(t, backuptest.Backup{Files: files}, view.Options{})
			who, err := s.People(t.Context())
			if err != nil || who.Name(c.handle) != c.want {
				t.Errorf("%q, %v, want %q", who.Name(c.handle), err, c.want)
			}
		})
	}
}

package messages

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view/viewtest"
)

func said(all map[string]string) int {
	n := 0
	for p, text := range all {
		if strings.HasSuffix(p, ".txt") {
			n += strings.Count(text, "\n2024-")
		}
	}
	return n
}

// Of a database that was cut short, or has a page of garbage, the rest is shown.
func TestDamagedPages(t *testing.T) {
	p := everything(columns18)
	for i := range 400 { // several pages of messages
		p.say(3, fmt.Sprintf("08-%02d %02d:00", 1+i/20, i%20), 3, row{"text": strings.Repeat("word ", 20), "attributedBody": body(rich{{text: strings.Repeat("word ", 40)}})})
	}
	db := p.database(t)
	size := int(binary.BigEndian.Uint16(db[16:]))
	whole := said(viewtest.Files(t, open(t, p.backup(t))))
	pages := len(db) / size
	t.Logf("%d pages of %d bytes, %d messages", pages, size, whole)
	poor := 0                             // pages without which most is lost
	for n := 0; n < pages; n += 1 + n/8 { // every page of the small tables, some of messages
		garbage := append([]byte{}, db...)
		for i := n * size; i < (n+1)*size; i++ {
			if n > 0 || i >= 100 {
				garbage[i] = byte(i * 7)
			}
		}
		shown := said(viewtest.Files(t, open(t, backupOf(garbage, p.files...))))
		if shown < whole*9/10 {
			poor++
		}
		t.Logf("without page %d: %d messages", n, shown)
		viewtest.Files(t, open(t, backupOf(db[:n*size+size/2], p.files...)))
	}
	if poor > 2 { // the first one, and the root of message
		t.Errorf("%d pages cost more than a tenth of the messages", poor)
	}
	lost := said(viewtest.Files(t, open(t, backupOf(damage(db, size, pages*3/4), p.files...))))
	if lost == 0 || lost == whole {
		t.Errorf("a damaged page of messages leaves %d of %d", lost, whole)
	}
}

func damage(db []byte, size, page int) []byte {
	db = append([]byte{}, db...)
	for i := page * size; i < (page+1)*size; i++ {
		db[i] = 0xFF
	}
	return db
}

// values are what a column may hold that should not.
var values = []string{
	"NULL", "''", "'text'", "'<script>alert(1)</script>'", "X'00FF8086'", "-1", "9223372036854775807", "-9223372036854775808",
	"1e300", "-1e300", "zeroblob(5000)", "'../../../etc/passwd'", "1", "2006", "'p:0/'", "0.5",
}

// Any value in any column, and any column or table that is not there, costs at
// most what it would have said.
func TestValues(t *testing.T) {
	loose := map[string]string{}
	for name, c := range columns18 {
		loose[name] = strings.NewReplacer(" INTEGER PRIMARY KEY", "", " INTEGER", "", " TEXT", "", " BLOB", "").Replace(c)
	}
	check := func(change string) {
		p := everything(loose)
		p.sql.WriteString(change)
		pages := 0
		for name, text := range viewtest.Files(t, open(t, p.backup(t)), ".html") {
			checkFile(t, name, text)
			pages++
		}
		if pages == 0 {
			t.Errorf("no page after %s", change)
		}
	}
	nothing := ""
	for _, table := range slices.Sorted(maps.Keys(loose)) {
		for i, column := range strings.Split(loose[table], ", ") {
			by := ""
			for n, v := range values {
				by += fmt.Sprintf(" WHEN %d THEN %s", (n+i)%len(values), v)
			}
			check(fmt.Sprintf("UPDATE %s SET %s = CASE rowid %% %d%s END;", table, column, len(values), by))
			nothing += fmt.Sprintf("UPDATE %s SET %s = NULL;", table, column)
		}
	}
	check(nothing)
}

// What cannot be missed is named; without all else the messages are shown. The
// suite of all views takes away the other columns.
func TestMissing(t *testing.T) {
	for table := range columns18 {
		fewer := add(columns18, nil)
		delete(fewer, table)
		all := viewtest.Files(t, open(t, everything(fewer).backup(t)))
		if text, failed := all["Cannot be shown.txt"]; failed != (table == "message") || failed && !strings.Contains(text, "table message") {
			t.Errorf("without %s: %q", table, text)
		}
	}
	for column, gone := range map[string]string{"text": "text TEXT, ", "date": "date INTEGER, ", "is_from_me": "is_from_me INTEGER, "} {
		fewer := add(columns18, nil)
		fewer["message"] = strings.Replace(fewer["message"], ", "+gone, ", ", 1)
		all := viewtest.Files(t, open(t, everything(fewer).backup(t)))
		if text := all["Cannot be shown.txt"]; !strings.Contains(text, "column "+column) {
			t.Errorf("without %s: %q", column, text)
		}
	}
}

func TestOld(t *testing.T) {
	p := newPhone(map[string]string{"message": "ROWID INTEGER PRIMARY KEY, address TEXT, date INTEGER, text TEXT, flags INTEGER, group_id INTEGER"})
	all := viewtest.Files(t, open(t, p.backup(t)))
	if !strings.Contains(all["Cannot be shown.txt"], "iOS 5") {
		t.Error(all)
	}
}

// A database of tables that make rows without end is not asked for them.
func TestEndlessTables(t *testing.T) {
	p := newPhone(nil)
	p.sql.WriteString("CREATE VIEW message AS WITH RECURSIVE c(ROWID) AS (SELECT 1 UNION ALL SELECT ROWID + 1 FROM c) SELECT ROWID, 'x' AS text, 1 AS date, 1 AS is_from_me FROM c;")
	start := time.Now()
	all := viewtest.Files(t, open(t, p.backup(t)))
	if text := all["Cannot be shown.txt"]; !strings.Contains(text, "table message") {
		t.Errorf("%q", all)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Error(took)
	}
}

// An attachment is one of Messages' own files or none: never one of the host,
// nor another of the phone.
func TestAttachmentPaths(t *testing.T) {
	secret := backuptest.File{Domain: "HomeDomain", Path: "Library/Preferences/secret.plist", Content: []byte("TOP SECRET")}
	outside := backuptest.File{Domain: "MediaDomain", Path: "Media/DCIM/100APPLE/IMG_0001.JPG", Content: []byte("TOP SECRET")}
	folder := []backuptest.File{
		{Domain: "MediaDomain", Path: "Library/SMS/Attachments/aa/bundle.pkg/inner.txt", Content: []byte("inside")},
		{Domain: "MediaDomain", Path: "Library/SMS/Attachments/aa/link", Target: "/etc/passwd"},
	}
	for filename, want := range map[string]string{
		"/etc/passwd": "", "../../../../etc/passwd": "", "~/Library/SMS/Attachments/../../../../etc/passwd": "",
		"~/Library/SMS/../Preferences/secret.plist": "", "~/Library/SMS/sms.db": "", "~/Library/SMS/": "", "~/Library/SMS/Attachments": "",
		"~/Library/SMS/Attachments/": "", "~/Library/SMS/Attachments/./aa/../../sms.db": "", "Media/DCIM/100APPLE/IMG_0001.JPG": "",
		"~/Library/SMS/Attachments/aa/link": "", "~/Library/SMS/Attachments//aa/a.txt": "", "~/Library/SMS/Attachments/aa/a.txt\x00.jpg": "",
		"~/Library/SMS/Attachments/aa/a.txt": "a.txt", "/private/var/mobile/Library/SMS/Attachments/aa/a.txt": "a.txt",
		"~/Library/Messages/Attachments/aa/a.txt": "a.txt", "~/Library/SMS/Attachments/aa/bundle.pkg": "bundle.pkg/inner.txt",
	} {
		p := newPhone(columns18)
		p.handle(1, "a@example.com", "iMessage", "")
		p.chat(1, "a@example.com", "iMessage", "", 1)
		p.say(1, "01-01 10:00", 1, row{"text": "look"})
		p.attach(row{"filename": []byte(filename)}, "")
		files := append(folder, secret, outside, backuptest.File{Domain: "MediaDomain", Path: "Library/SMS/Attachments/aa/a.txt", Content: []byte("fine")})
		all := viewtest.Files(t, open(t, backupOf(p.database(t), files...)))
		for name, text := range all {
			if rest, ok := strings.CutPrefix(name, "a@example.com/attachments/"); ok && rest != want || strings.Contains(text, "TOP SECRET") {
				t.Errorf("%q: %s: %q", filename, name, text)
			}
		}
		if _, ok := all["a@example.com/attachments/"+want]; ok != (want != "") {
			t.Errorf("%q: want %q of %v", filename, want, slices.Sorted(maps.Keys(all)))
		}
	}
}

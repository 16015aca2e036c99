package messages

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"howett.net/plist"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
)

// Columns of the tables as iOS versions have them, without the rest that no
// reader of ours asks for.
var (
	columns6 = map[string]string{
		"message": "ROWID INTEGER PRIMARY KEY, guid TEXT, text TEXT, subject TEXT, attributedBody BLOB, handle_id INTEGER, service TEXT, " +
			"date INTEGER, date_read INTEGER, date_delivered INTEGER, is_from_me INTEGER, error INTEGER, is_read INTEGER",
		"handle":                  "ROWID INTEGER PRIMARY KEY, id TEXT, country TEXT, service TEXT, uncanonicalized_id TEXT",
		"chat":                    "ROWID INTEGER PRIMARY KEY, guid TEXT, style INTEGER, chat_identifier TEXT, service_name TEXT, room_name TEXT, display_name TEXT",
		"attachment":              "ROWID INTEGER PRIMARY KEY, guid TEXT, filename TEXT, uti TEXT, mime_type TEXT, transfer_name TEXT, total_bytes INTEGER",
		"chat_message_join":       "chat_id INTEGER, message_id INTEGER",
		"chat_handle_join":        "chat_id INTEGER, handle_id INTEGER",
		"message_attachment_join": "message_id INTEGER, attachment_id INTEGER",
	}
	columns9 = add(columns6, map[string]string{
		"message": "is_audio_message INTEGER, item_type INTEGER, other_handle INTEGER, group_title TEXT, group_action_type INTEGER, share_status INTEGER",
	})
	columns11 = add(columns9, map[string]string{
		"message": "associated_message_guid TEXT, associated_message_type INTEGER, balloon_bundle_id TEXT, payload_data BLOB, " +
			"expressive_send_style_id TEXT, message_summary_info BLOB",
		"chat_message_join": "message_date INTEGER", "attachment": "is_sticker INTEGER, hide_attachment INTEGER", "handle": "person_centric_id TEXT",
	})
	columns14 = add(columns11, map[string]string{"message": "thread_originator_guid TEXT, thread_originator_part TEXT"})
	columns16 = add(columns14, map[string]string{
		"message":                       "date_edited INTEGER, date_retracted INTEGER",
		"chat_recoverable_message_join": "chat_id INTEGER, message_id INTEGER, delete_date INTEGER",
	})
	columns18 = add(columns16, map[string]string{"message": "associated_message_emoji TEXT"})
)

func add(to, more map[string]string) map[string]string {
	sum := map[string]string{}
	for _, m := range []map[string]string{to, more} {
		for table, columns := range m {
			sum[table] = strings.TrimPrefix(sum[table]+", "+columns, ", ")
		}
	}
	return sum
}

// A phone makes a sms.db and what lies beside it.
type phone struct {
	columns map[string]string
	sql     strings.Builder
	files   []backuptest.File
	rows    int // of message
}

func newPhone(columns map[string]string) *phone {
	p := &phone{columns: columns}
	for _, table := range slices.Sorted(maps.Keys(columns)) {
		fmt.Fprintf(&p.sql, "CREATE TABLE %s (%s);\n", table, columns[table])
	}
	return p
}

type row map[string]any

// insert adds a row, without the columns that this iOS does not have.
func (p *phone) insert(table string, r row) {
	var names, values []string
	for _, name := range slices.Sorted(maps.Keys(r)) {
		if slices.ContainsFunc(strings.Split(p.columns[table], ", "), func(c string) bool { return c == name || strings.HasPrefix(c, name+" ") }) {
			names, values = append(names, name), append(values, literal(r[name]))
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(&p.sql, "INSERT INTO %s (%s) VALUES (%s);\n", table, strings.Join(names, ", "), strings.Join(values, ", "))
	}
}

func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case []byte:
		return "X'" + hex.EncodeToString(v) + "'"
	}
	return fmt.Sprint(v)
}

func (p *phone) handle(id int, address, service, person string) {
	p.insert("handle", row{"ROWID": id, "id": address, "service": service, "person_centric_id": person})
}

func (p *phone) chat(id int, identifier, service, title string, handles ...int) {
	style := directStyle
	if len(handles) > 1 {
		style = groupStyle
	}
	p.insert("chat", row{"ROWID": id, "guid": fmt.Sprint("any;-;", id), "style": style, "chat_identifier": identifier, "service_name": service, "display_name": title})
	for _, h := range handles {
		p.insert("chat_handle_join", row{"chat_id": id, "handle_id": h})
	}
}

// say adds a message to a chat, or to none when chat is 0: at a time of 2024 in
// UTC, from a handle, 0 for the owner. It returns the message's guid.
func (p *phone) say(chat int, at string, handle int, r row) string {
	p.rows++
	t := instant(at)
	all := row{
		"ROWID": p.rows, "guid": guidOf(p.rows), "date": (t.Unix() - cocoaEpoch) * 1e9, "handle_id": handle, "service": "iMessage",
		"is_from_me": 0, "item_type": 0, "associated_message_type": 0,
	}
	if handle == 0 {
		all["is_from_me"] = 1
	}
	for k, v := range r {
		all[k] = v
	}
	p.insert("message", all)
	if chat != 0 {
		p.insert("chat_message_join", row{"chat_id": chat, "message_id": p.rows, "message_date": all["date"]})
	}
	return fmt.Sprint(all["guid"])
}

func guidOf(row int) string { return fmt.Sprintf("7E1D2C3B-0000-4000-8000-%012d", row) }

func instant(at string) time.Time {
	t, err := time.Parse(time.DateTime, "2024-"+at+":00")
	if err != nil {
		panic(err) // a test's own
	}
	return t
}

func nano(at string) int64 { return (instant(at).Unix() - cocoaEpoch) * 1e9 }

// attach adds an attachment to the message that was said last.
func (p *phone) attach(r row, content string) {
	n := strings.Count(p.sql.String(), "INSERT INTO attachment ") + 1
	all := row{"ROWID": n, "guid": fmt.Sprintf("at-%d", n)}
	for k, v := range r {
		all[k] = v
	}
	p.insert("attachment", all)
	p.insert("message_attachment_join", row{"message_id": p.rows, "attachment_id": n})
	if content != "" {
		_, file, _ := strings.Cut(fmt.Sprint(all["filename"]), "Library/")
		p.files = append(p.files, backuptest.File{Domain: "MediaDomain", Path: "Library/" + file, Content: []byte(content), ModTime: instant("07-01 12:00")})
	}
}

// summary is message_summary_info: the versions of each part that was edited,
// the parts that were unsent.
func summary(versions map[int][]string, unsent ...int) []byte {
	ec := map[string]any{}
	for part, texts := range versions {
		var all []any
		for i, t := range texts {
			all = append(all, map[string]any{"d": float64(instant("07-14 16:05").Unix()-cocoaEpoch) + 60*float64(i), "t": body(rich{{text: t, part: part}})})
		}
		ec[strconv.Itoa(part)] = all
	}
	ranges := map[string]any{}
	for part := range max(len(versions), len(unsent)) {
		ranges[strconv.Itoa(part)] = map[string]any{"lo": 0, "le": 1}
	}
	return binaryPlist(map[string]any{"ec": ec, "rp": unsent, "otr": ranges, "ust": true})
}

func binaryPlist(v any) []byte {
	b, err := plist.Marshal(v, plist.BinaryFormat)
	if err != nil {
		panic(err) // a test's own
	}
	return b
}

// linkPreview is payload_data of a link.
func linkPreview(title, url string) []byte {
	class := func(names ...string) map[string]any { return map[string]any{"$classname": names[0], "$classes": names} }
	return binaryPlist(map[string]any{
		"$archiver": "NSKeyedArchiver", "$version": 100000, "$top": map[string]any{"root": plist.UID(1)},
		"$objects": []any{
			"$null",
			map[string]any{"richLinkIsPlaceholder": false, "richLinkMetadata": plist.UID(2), "$class": plist.UID(8)},
			map[string]any{"title": plist.UID(3), "URL": plist.UID(4), "originalURL": plist.UID(4), "version": 1, "$class": plist.UID(7)},
			title,
			map[string]any{"NS.base": plist.UID(0), "NS.relative": plist.UID(5), "$class": plist.UID(6)},
			url,
			class("NSURL", "NSObject"), class("LPLinkMetadata", "NSObject"), class("RichLink", "NSObject"),
		},
	})
}

// addressBook are contacts with one handle each.
func addressBook(cards ...[2]string) backuptest.File {
	var b strings.Builder
	b.WriteString("CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY, First TEXT, Last TEXT, Organization TEXT, PersonLink INTEGER);" +
		"CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, identifier INTEGER, label INTEGER, value TEXT);")
	for i, c := range cards {
		property := 3
		if strings.Contains(c[1], "@") {
			property = 4
		}
		fmt.Fprintf(&b, "INSERT INTO ABPerson (ROWID, First) VALUES (%d, %s); INSERT INTO ABMultiValue (record_id, property, value) VALUES (%d, %d, %s);",
			i+1, literal(c[0]), i+1, property, literal(c[1]))
	}
	db, err := backuptest.Database(b.String())
	if err != nil {
		panic(err) // a test's own
	}
	return backuptest.File{Domain: "HomeDomain", Path: "Library/AddressBook/AddressBook.sqlitedb", Content: db}
}

func (p *phone) database(t testing.TB) []byte {
	t.Helper()
	return viewtest.Database(t, p.sql.String())
}

func (p *phone) backup(t testing.TB) backuptest.Backup {
	return backupOf(p.database(t), p.files...)
}

func backupOf(db []byte, files ...backuptest.File) backuptest.Backup {
	return backuptest.Backup{Files: append([]backuptest.File{
		{Domain: domain, Path: dbPath, Content: db, ModTime: instant("08-01 10:00")},
	}, files...)}
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func open(t testing.TB, b backuptest.Backup) vtree.Tree {
	t.Helper()
	return viewtest.Open(t, View{}, b, berlin(t))
}

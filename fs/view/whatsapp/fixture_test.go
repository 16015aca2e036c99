package whatsapp

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view/viewtest"
)

const (
	personal = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared"
	business = "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared"
)

// schema is that of ChatStorage.sqlite of 2024, its tables of chats, with the
// columns that are asked for and some that are not.
const schema = `
CREATE TABLE ZWACHATSESSION (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZARCHIVED INTEGER, ZREMOVED INTEGER, ZSESSIONTYPE INTEGER,
	ZGROUPINFO INTEGER, ZLASTMESSAGEDATE TIMESTAMP, ZCONTACTIDENTIFIER VARCHAR, ZCONTACTJID VARCHAR, ZPARTNERNAME VARCHAR);
CREATE TABLE ZWAGROUPMEMBER (Z_PK INTEGER PRIMARY KEY, ZISACTIVE INTEGER, ZCHATSESSION INTEGER, ZCONTACTNAME VARCHAR, ZFIRSTNAME VARCHAR, ZMEMBERJID VARCHAR);
CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, ZFLAGS INTEGER, ZGROUPEVENTTYPE INTEGER, ZISFROMME INTEGER, ZMESSAGESTATUS INTEGER,
	ZMESSAGETYPE INTEGER, ZSORT INTEGER, ZSTARRED INTEGER, ZCHATSESSION INTEGER, ZGROUPMEMBER INTEGER, ZMEDIAITEM INTEGER,
	ZMESSAGEINFO INTEGER, ZPARENTMESSAGE INTEGER, ZMESSAGEDATE TIMESTAMP, ZSENTDATE TIMESTAMP, ZFROMJID VARCHAR, ZSTANZAID VARCHAR,
	ZTEXT VARCHAR, ZTOJID VARCHAR);
CREATE INDEX ZWAMESSAGE_ZCHATSESSION_INDEX ON ZWAMESSAGE (ZCHATSESSION);
CREATE TABLE ZWAMEDIAITEM (Z_PK INTEGER PRIMARY KEY, ZFILESIZE INTEGER, ZMOVIEDURATION INTEGER, ZMESSAGE INTEGER, ZLATITUDE FLOAT,
	ZLONGITUDE FLOAT, ZMEDIALOCALPATH VARCHAR, ZMEDIAURL VARCHAR, ZMEDIAKEY BLOB, ZTITLE VARCHAR, ZVCARDNAME VARCHAR, ZVCARDSTRING VARCHAR,
	ZMETADATA BLOB);
CREATE TABLE ZWAMESSAGEINFO (Z_PK INTEGER PRIMARY KEY, ZMESSAGE INTEGER, ZRECEIPTINFO BLOB);
CREATE TABLE ZWAPROFILEPUSHNAME (Z_PK INTEGER PRIMARY KEY, ZJID VARCHAR, ZPUSHNAME VARCHAR);
CREATE TABLE ZWAVCARDMENTION (Z_PK INTEGER PRIMARY KEY, ZMEDIAITEM INTEGER);
`

type row map[string]any

// A phone makes a ChatStorage.sqlite and what lies beside it.
type phone struct {
	domain string
	sql    strings.Builder
	rows   map[string]int
	files  []backuptest.File
	number string
}

func newPhone() *phone {
	p := &phone{domain: personal, rows: map[string]int{}}
	p.sql.WriteString(schema)
	return p
}

// insert adds a row and returns its number.
func (p *phone) insert(table string, r row) int {
	p.rows[table]++
	r["Z_PK"] = p.rows[table]
	var values []string
	names := slices.Sorted(maps.Keys(r))
	for _, n := range names {
		values = append(values, literal(r[n]))
	}
	fmt.Fprintf(&p.sql, "INSERT INTO %s (%s) VALUES (%s);\n", table, strings.Join(names, ", "), strings.Join(values, ", "))
	return p.rows[table]
}

func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "CAST(X'" + hex.EncodeToString([]byte(v)) + "' AS TEXT)"
	case []byte:
		return "X'" + hex.EncodeToString(v) + "'"
	case bool:
		return map[bool]string{true: "1", false: "0"}[v]
	}
	return fmt.Sprint(v)
}

// chat adds a chat: with a person, or, where there is a title, a group.
func (p *phone) chat(jid, name string) int {
	r := row{"ZCONTACTJID": jid, "ZPARTNERNAME": name, "ZSESSIONTYPE": 0, "ZREMOVED": 0, "ZARCHIVED": 0}
	if strings.HasSuffix(jid, groupServer) {
		r["ZSESSIONTYPE"], r["ZGROUPINFO"] = 1, 1
	}
	return p.insert("ZWACHATSESSION", r)
}

func (p *phone) member(chat int, jid, name string) int {
	return p.insert("ZWAGROUPMEMBER", row{"ZCHATSESSION": chat, "ZMEMBERJID": jid, "ZCONTACTNAME": name, "ZISACTIVE": 1})
}

// instant is a time of 2024, given as "07-14 18:03", in Cocoa seconds.
func instant(at string) float64 {
	t, err := time.Parse("2006-01-02 15:04", "2024-"+at)
	if err != nil {
		panic(err)
	}
	return float64(t.Unix() - 978307200)
}

// say adds a message: from is 0 for the phone's owner, -1 for the other one, or
// a row of ZWAGROUPMEMBER.
func (p *phone) say(chat int, at string, from int, r row) int {
	n := p.rows["ZWAMESSAGE"] + 1
	full := row{"ZCHATSESSION": chat, "ZMESSAGEDATE": instant(at), "ZISFROMME": from == 0, "ZMESSAGETYPE": 0, "ZSORT": n, "ZSTANZAID": stanza(n)}
	if from > 0 {
		full["ZGROUPMEMBER"] = from
	}
	maps.Copy(full, r)
	return p.insert("ZWAMESSAGE", full)
}

// stanza is what the service calls a message: 20 digits that say nothing.
func stanza(n int) string {
	sum := sha1.Sum([]byte{byte(n), byte(n >> 8)})
	return strings.ToUpper(hex.EncodeToString(sum[:10]))
}

// with makes the media of the message that is said next, and names it.
func (p *phone) with(media row, r row) row {
	media["ZMESSAGE"] = p.rows["ZWAMESSAGE"] + 1
	r["ZMEDIAITEM"] = p.insert("ZWAMEDIAITEM", media)
	return r
}

// receipt makes the receipt of the message that is said next.
func (p *phone) receipt(b []byte, r row) row {
	r["ZMESSAGEINFO"] = p.insert("ZWAMESSAGEINFO", row{"ZMESSAGE": p.rows["ZWAMESSAGE"] + 1, "ZRECEIPTINFO": b})
	return r
}

func (p *phone) file(path, content string) {
	p.files = append(p.files, backuptest.File{Domain: p.domain, Path: path, Content: []byte(content)})
}

func (p *phone) beside(t testing.TB, path, statements string) {
	t.Helper()
	p.file(path, string(viewtest.Database(t, statements)))
}

func (p *phone) backup(t testing.TB) backuptest.Backup {
	t.Helper()
	chats := backuptest.File{Domain: p.domain, Path: "ChatStorage.sqlite", Content: viewtest.Database(t, p.sql.String())}
	number := func(info map[string]any) { info["Phone Number"] = p.number }
	return backuptest.Backup{EditInfo: number, Files: append([]backuptest.File{chats}, p.files...)}
}

// proto writes a protobuf message: numbers of fields, each followed by its
// value, an int or something like a text.
func proto(list ...any) []byte {
	var b []byte
	for i := 0; i < len(list); i += 2 {
		n := protowire.Number(list[i].(int))
		switch v := list[i+1].(type) {
		case int:
			b = protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), uint64(v))
		case string:
			b = protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), v)
		case []byte:
			b = protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
		}
	}
	return b
}

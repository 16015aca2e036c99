package notes

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"google.golang.org/protobuf/encoding/protowire"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view/viewtest"
)

// A message writes a protobuf message.
type message []byte

func (m message) num(n protowire.Number, v int64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, n, protowire.VarintType), uint64(v))
}

func (m message) bytes(n protowire.Number, v []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, n, protowire.BytesType), v)
}

func (m message) text(n protowire.Number, v string) message { return m.bytes(n, []byte(v)) }

// A piece is a part of a text that looks the same; fields of an AttributeRun.
type piece struct {
	text string
	run  message
}

func say(text string, run ...message) piece { return piece{text, slices.Concat(run...)} }

// styled is a ParagraphStyle.
func styled(kind, indent int64, more ...message) message {
	style := message{}.num(1, kind).num(4, indent)
	return message{}.bytes(2, append(style, slices.Concat(more...)...))
}

func checked(done int64) message {
	return message{}.bytes(5, message{}.text(1, "0123456789abcdef").num(2, done))
}

func attached(id, uti string) message {
	return message{}.bytes(12, message{}.text(1, id).text(2, uti))
}

func stands(id, uti string) piece { return say(anchor, attached(id, uti)) }

// textOf is a Note.
func textOf(pieces ...piece) message {
	text := ""
	var runs message
	for _, p := range pieces {
		text += p.text
		runs = runs.bytes(5, append(message{}.num(1, int64(len(utf16.Encode([]rune(p.text))))), p.run...))
	}
	return append(message{}.text(2, text), runs...)
}

func packed(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func document(note message) []byte {
	return packed(message{}.bytes(2, message{}.num(2, 0).bytes(3, note)))
}

// grid is a table of texts, as decodeTable reads one.
func grid(rtl bool, rows ...[]string) []byte {
	var objects []message
	add := func(m message) int64 { objects = append(objects, m); return int64(len(objects) - 1) }
	var uuids [][]byte
	uuid := func(name string) (index int64) {
		uuids = append(uuids, fmt.Appendf(nil, "%-16s", name))
		return int64(len(uuids) - 1)
	}
	at := func(o int64) message { return message{}.num(6, o) }
	named := func(index int64) int64 {
		return add(message{}.bytes(13, message{}.num(1, 1).bytes(3, message{}.num(1, 4).bytes(2, message{}.num(2, index)))))
	}
	element := func(key, value int64) message {
		return message{}.bytes(1, message{}.bytes(1, at(key)).bytes(2, at(value)))
	}
	add(nil) // the table, when all else has its place
	// set adds an ordered set; cells name its members by other UUIDs.
	set := func(what string, n int) (place int64, names []int64) {
		var array, other, members message
		array = array.bytes(1, textOf(say(strings.Repeat(anchor, n))))
		for i := range n {
			in := uuid(fmt.Sprint(what, " in ", i))
			array = array.bytes(2, message{}.num(1, int64(i)).bytes(2, uuids[in]))
			names = append(names, uuid(fmt.Sprint(what, " ", i)))
			key := named(in)
			other = append(other, element(key, named(names[i]))...)
			members = append(members, element(key, key)...)
		}
		gone := uuid(what + " that was deleted")
		array = array.bytes(2, message{}.num(1, int64(n)).bytes(2, uuids[gone]))
		return add(message{}.bytes(16, message{}.bytes(1, message{}.bytes(1, array).bytes(2, other)).bytes(2, members))), names
	}
	rowsAt, rowNames := set("row", len(rows))
	columnsAt, columnNames := set("column", len(rows[0]))
	var columns message
	for x, name := range columnNames {
		var cells message
		for y := range rows {
			cells = append(cells, element(named(rowNames[y]), add(message{}.bytes(10, textOf(say(rows[y][x])))))...)
		}
		columns = append(columns, element(named(name), add(message{}.bytes(6, cells)))...)
	}
	columnCells := add(message{}.bytes(6, columns))
	direction := "CRTableColumnDirectionLeftToRight"
	if rtl {
		direction = "CRTableColumnDirectionRightToLeft"
	}
	direct := add(message{}.bytes(13, message{}.num(1, 0).bytes(3, message{}.num(1, 5).bytes(2, message{}.text(4, direction)))))
	register := add(message{}.bytes(1, message{}.bytes(2, at(direct))))
	var root message
	for key, o := range []int64{rowsAt, columnsAt, columnCells, register} {
		root = root.bytes(3, message{}.num(1, int64(key)).bytes(2, at(o)))
	}
	objects[0] = message{}.bytes(13, append(message{}.num(1, 2), root...))
	var data message
	for _, o := range objects {
		data = data.bytes(3, o)
	}
	for _, k := range []string{"crRows", "crColumns", "cellColumns", "crTableColumnDirection", "UUIDIndex", "self"} {
		data = data.text(4, k)
	}
	for _, k := range []string{"com.apple.CRDT.NSString", "com.apple.CRDT.NSUUID", "com.apple.notes.ICTable"} {
		data = data.text(5, k)
	}
	for _, u := range uuids {
		data = data.bytes(6, u)
	}
	return packed(message{}.bytes(2, message{}.num(2, 0).bytes(3, data)))
}

// gallery names scans in an order.
func gallery(ids ...string) []byte {
	var data message
	for i, id := range ids {
		data = data.bytes(3, message{}.bytes(13, message{}.num(1, 0).bytes(3, message{}.num(1, 0).bytes(2, message{}.text(4, id)))))
		data = data.bytes(3, message{}.bytes(9, message{}.bytes(1, message{}.num(1, 1).num(2, int64(10-i)))))
	}
	return packed(message{}.bytes(2, message{}.num(2, 0).bytes(3, data)))
}

// A phone makes a NoteStore.sqlite, and what lies beside it.
type phone struct {
	version
	sql   strings.Builder
	files []backuptest.File
	rows  int
}

// A version is what the models of some iOS differ in.
type version struct {
	name    string
	columns string // of ZICCLOUDSYNCINGOBJECT beside those that all have
	kinds   map[string]int
	account string // of a note
	created string
	join    string // table of which notes a folder has, with its columns; "" where notes tell
	table   string // column of a table's content
	files   string // folder of an account's files
	dated   bool   // files lie in folders for their generations
}

var versions = []version{
	{name: "9", columns: "ZACCOUNT2, ZCREATIONDATE", kinds: kinds9, account: "ZACCOUNT2", created: "ZCREATIONDATE", join: "Z_12NOTES (Z_12FOLDERS INTEGER, Z_9NOTES INTEGER)", table: "ZMERGEABLEDATA"},
	{name: "11", columns: "ZACCOUNT2, ZACCOUNT3, ZCREATIONDATE, ZCREATIONDATE1, ZFOLDER, ZISPINNED, ZATTACHMENT1, ZPARENTATTACHMENT", kinds: kinds9, account: "ZACCOUNT2", created: "ZCREATIONDATE1", table: "ZMERGEABLEDATA"},
	{name: "15", columns: later + ", ZACCOUNT4, ZACCOUNT5", kinds: kinds15, account: "ZACCOUNT4", created: "ZCREATIONDATE3", table: "ZMERGEABLEDATA1", files: "Accounts/Local/"},
	{name: "17", columns: later + ", ZACCOUNT4, ZACCOUNT7, ZACCOUNT8, ZGENERATION1, ZFALLBACKIMAGEGENERATION, ZFALLBACKPDFGENERATION", kinds: kinds15, account: "ZACCOUNT7", created: "ZCREATIONDATE3", table: "ZMERGEABLEDATA1", files: "Accounts/Local/", dated: true},
}

const later = "ZCREATIONDATE, ZCREATIONDATE1, ZCREATIONDATE3, ZFOLDER, ZISPINNED, ZATTACHMENT1, ZPARENTATTACHMENT, ZPARENTATTACHMENT1, ZNOTE1, ZTYPEUTI1, ZALTTEXT, ZMERGEABLEDATA1, ZUSERTITLE, ZNEEDSINITIALFETCHFROMCLOUD"

var (
	kinds9  = map[string]int{"ICAttachment": 4, "ICMedia": 8, "ICNote": 9, "ICAccount": 11, "ICFolder": 12}
	kinds15 = map[string]int{"ICAttachment": 4, "ICInlineAttachment": 8, "ICMedia": 10, "ICNote": 11, "ICAccount": 13, "ICFolder": 14}
)

func newPhone(v version) *phone {
	p := &phone{version: v}
	fmt.Fprintf(&p.sql, `CREATE TABLE ZICCLOUDSYNCINGOBJECT (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZIDENTIFIER, ZMARKEDFORDELETION, ZNAME, ZTITLE2, ZPARENT, ZOWNER,
		ZFOLDERTYPE, ZTITLE1, ZSNIPPET, ZNOTEDATA, ZISPASSWORDPROTECTED, ZMODIFICATIONDATE1, ZTITLE, ZTYPEUTI, ZURLSTRING, ZMEDIA, ZNOTE, ZFILENAME, ZMERGEABLEDATA, %s);
		CREATE TABLE ZICNOTEDATA (Z_PK INTEGER PRIMARY KEY, ZNOTE INTEGER, ZDATA BLOB);
		CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR);`, v.columns)
	for _, k := range slices.Sorted(maps.Keys(v.kinds)) {
		fmt.Fprintf(&p.sql, "INSERT INTO Z_PRIMARYKEY VALUES (%d, '%s');\n", v.kinds[k], k)
	}
	if v.join != "" {
		fmt.Fprintf(&p.sql, "CREATE TABLE %s;\n", v.join)
	}
	return p
}

type row map[string]any

// add adds a row of a kind, without the columns that this iOS does not have.
func (p *phone) add(kind string, r row) int {
	if p.kinds[kind] == 0 {
		return 0
	}
	p.rows++
	r["Z_PK"], r["Z_ENT"] = p.rows, p.kinds[kind]
	p.insert("ZICCLOUDSYNCINGOBJECT", r)
	return p.rows
}

const always = ", Z_PK, Z_ENT, ZIDENTIFIER, ZMARKEDFORDELETION, ZNAME, ZTITLE2, ZPARENT, ZOWNER, ZFOLDERTYPE, ZTITLE1, ZSNIPPET, ZNOTEDATA, ZISPASSWORDPROTECTED, ZMODIFICATIONDATE1, ZTITLE, ZTYPEUTI, ZURLSTRING, ZMEDIA, ZNOTE, ZFILENAME, ZMERGEABLEDATA,"

func (p *phone) insert(table string, r row) {
	var names, values []string
	for _, c := range slices.Sorted(maps.Keys(r)) {
		if table != "ZICCLOUDSYNCINGOBJECT" || strings.Contains(always+" "+p.columns+",", " "+c+",") {
			names, values = append(names, c), append(values, literal(r[c]))
		}
	}
	fmt.Fprintf(&p.sql, "INSERT INTO %s (%s) VALUES (%s);\n", table, strings.Join(names, ", "), strings.Join(values, ", "))
}

func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "CAST(X'" + hex.EncodeToString([]byte(v)) + "' AS TEXT)"
	case []byte:
		return "X'" + hex.EncodeToString(v) + "'"
	}
	return fmt.Sprint(v)
}

func seconds(at string) int64 {
	t, err := time.Parse(time.DateTime, at)
	if err != nil {
		panic(err)
	}
	return t.Unix() - 978307200
}

// note adds a note with a text, created on a day of January 2024.
func (p *phone) note(account, folder, day int, title string, data []byte, more row) int {
	created := seconds(fmt.Sprintf("2024-01-%02d 10:00:00", day))
	r := row{"ZTITLE1": title, p.account: account, p.created: created, "ZMODIFICATIONDATE1": created + 3600, "ZFOLDER": folder, "ZIDENTIFIER": fmt.Sprint("NOTE-", p.rows)}
	for k, v := range more {
		r[k] = v
	}
	n := p.add("ICNote", r)
	p.insert("ZICNOTEDATA", row{"Z_PK": 100 + n, "ZNOTE": n, "ZDATA": data})
	if p.join != "" && folder != 0 {
		p.insert("Z_12NOTES", row{"Z_12FOLDERS": folder, "Z_9NOTES": n})
	}
	return n
}

// file adds an attachment with a file.
func (p *phone) file(note int, id, uti, name, content string, more row) int {
	generation := ""
	if p.dated {
		generation = "1_GEN"
	}
	media := p.add("ICMedia", row{"ZIDENTIFIER": "MEDIA-" + id, "ZFILENAME": name, "ZGENERATION1": generation})
	r := row{"ZIDENTIFIER": id, "ZTYPEUTI": uti, "ZNOTE": note, "ZMEDIA": media, "ZTITLE": name}
	for k, v := range more {
		r[k] = v
	}
	a := p.add("ICAttachment", r)
	p.blob("Media/MEDIA-"+id+"/"+slash(generation)+name, content)
	return a
}

func slash(s string) string {
	if s == "" {
		return ""
	}
	return s + "/"
}

func (p *phone) blob(path, content string) {
	p.files = append(p.files, backuptest.File{Domain: domain, Path: p.version.files + path, Content: []byte(content)})
}

func (p *phone) backup(t testing.TB) backuptest.Backup {
	t.Helper()
	return backuptest.Backup{Files: append([]backuptest.File{{Domain: domain, Path: dbPath, Content: viewtest.Database(t, p.sql.String())}}, p.files...)}
}

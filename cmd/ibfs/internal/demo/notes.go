package demo

import (
	"fmt"
	"time"

	"ibfs/backupfmt/backuptest"
)

const notesGroup = "AppDomainGroup-group.com.apple.notes"

// A jotting is one of Anna's notes, with a photo of a shot's number or 0 for none,
// and a table or nil.
type jotting struct {
	at     string // when it was written: 2026-11-03 20:15
	folder string
	pinned bool
	locked bool
	lines  []noteLine
	photo  uint64
	table  [][]string
}

var notesFolders = []string{"Notes", "Travel"}

var notes = []jotting{
	{at: "2026-01-19 18:40", folder: "Notes", pinned: true, lines: []noteLine{
		{text: "Flat", style: titleStyle}, {text: "Boiler", style: headingStyle},
		{text: "Pressure between 1.0 and 1.5 bar."}, {text: "Kofi has the part number: 07700 900199"},
		{text: "Neighbours", style: headingStyle}, {text: "Marek, key to the cellar", style: dottedStyle}, {text: "Mrs Achterberg, parcels", style: dottedStyle},
	}},
	{at: "2026-03-02 21:05", folder: "Travel", lines: []noteLine{
		{text: "Lofoten: to pack", style: titleStyle},
		{text: "crampons", style: checkStyle, done: true}, {text: "the good head torch", style: checkStyle, done: true},
		{text: "thermos", style: checkStyle}, {text: "something for Erik", style: checkStyle}, {text: "not whisky again", style: checkStyle, indent: 1},
	}, table: [][]string{{"Ferry", "From", "To"}, {"7 March", "Bodø", "Moskenes"}, {"14 March", "Moskenes", "Bodø"}}},
	{at: "2026-06-20 23:10", folder: "Travel", photo: 70, lines: []noteLine{
		{text: "Lisbon, where to eat", style: titleStyle},
		{text: "João's list:"},
		{text: "Casa do Miradouro, ask for the terrace", style: numberedStyle, bold: true},
		{text: "the place with the tiles", style: numberedStyle}, {text: "anything but the square", style: numberedStyle},
		{text: "map", link: "https://example.com/lisbon"},
	}},
	{at: "2026-10-11 08:30", folder: "Notes", locked: true, lines: []noteLine{{text: "Presents", style: titleStyle}}},
	{at: "2026-11-08 09:50", folder: "Travel", lines: []noteLine{
		{text: "New York with 雪子 🗽", style: titleStyle},
		{text: "Leila says", style: headingStyle}, {text: "the bridge at sunrise, before the bicycles"},
		{text: "“pizza is not a breakfast” — it is", style: quoteStyle},
	}},
}

// notesFiles are those of the Notes app: its database, and what is in the notes.
func notesFiles(p *phone) ([]backuptest.File, error) {
	s := notesScript{script: newScript(notesSchema)}
	for _, k := range notesKinds {
		s.insert("Z_PRIMARYKEY", "Z_ENT, Z_NAME, Z_SUPER, Z_MAX", k.entity, k.name, 0, 0)
	}
	account := s.object(accountEntity, "ZIDENTIFIER, ZNAME", "LocalAccount", "On My iPhone")
	folders := map[string]int{}
	for _, f := range notesFolders {
		folders[f] = s.object(noteFolderEntity, "ZIDENTIFIER, ZTITLE2, ZOWNER, ZFOLDERTYPE", uuid("folder", f), f, account, 0)
	}
	var last time.Time
	for _, n := range notes {
		at, err := time.Parse("2006-01-02 15:04", n.at)
		if err != nil {
			return nil, err
		}
		if !p.has(at) {
			break
		}
		last = at
		if err := s.note(p, n, at, folders[n.folder], account); err != nil {
			return nil, err
		}
	}
	db, err := s.database(notesGroup, "NoteStore.sqlite", last)
	return append(s.files, db), err
}

// A notesScript makes NoteStore.sqlite. One table holds all that is synced with
// iCloud; what a row is tells its entity.
type notesScript struct {
	*script
	rows  int
	files []backuptest.File
}

func (s *notesScript) object(entity int, columns string, values ...any) (row int) {
	s.rows++
	s.insert("ZICCLOUDSYNCINGOBJECT", "Z_PK, Z_ENT, Z_OPT, "+columns, append([]any{s.rows, entity, 1}, values...)...)
	return s.rows
}

func (s *notesScript) note(p *phone, n jotting, at time.Time, folder, account int) error {
	title := n.lines[0].text
	row := s.object(noteEntity, "ZIDENTIFIER, ZTITLE1, ZFOLDER, ZACCOUNT7, ZISPINNED, ZISPASSWORDPROTECTED, ZCREATIONDATE3, ZMODIFICATIONDATE1",
		uuid("note", title), title, folder, account, n.pinned, n.locked, cocoa(at), cocoa(at.Add(7*time.Minute)))
	lines := n.lines
	if n.photo != 0 {
		id := uuid("attachment", title)
		lines = append(lines[:len(lines):len(lines)], noteLine{attachment: id, kind: photoType})
		if err := s.photo(p, n.photo, row, id, at); err != nil {
			return err
		}
	}
	if n.table != nil {
		id := uuid("table", title)
		lines = append(lines[:len(lines):len(lines)], noteLine{attachment: id, kind: tableType})
		table, err := noteTable(n.table)
		if err != nil {
			return err
		}
		s.object(attachmentEntity, "ZIDENTIFIER, ZTYPEUTI, ZNOTE, ZMERGEABLEDATA1, ZCREATIONDATE", id, tableType, row, table, cocoa(at))
	}
	data, err := noteData(lines)
	if err != nil {
		return err
	}
	if n.locked {
		data = rawUUID("what a password makes of a text")
	}
	s.insert("ZICNOTEDATA", "Z_PK, Z_ENT, Z_OPT, ZNOTE, ZDATA", row, dataEntity, 1, row, data)
	return nil
}

// photo adds a photo of the camera roll to a note.
func (s *notesScript) photo(p *phone, number uint64, note int, id string, at time.Time) error {
	name := fmt.Sprintf("IMG_%04d.JPG", number)
	for _, f := range p.camera {
		if f.Path != "Media/DCIM/100APPLE/"+name {
			continue
		}
		media, generation := uuid("media", name), "1_"+uuid("generation", name)
		row := s.object(mediaEntity, "ZIDENTIFIER, ZFILENAME, ZGENERATION1", media, name, generation)
		s.object(attachmentEntity, "ZIDENTIFIER, ZTYPEUTI, ZNOTE, ZMEDIA, ZTITLE, ZCREATIONDATE", id, photoType, note, row, name, cocoa(at))
		s.files = append(s.files, backuptest.File{
			Domain: notesGroup, Path: "Accounts/LocalAccount/Media/" + media + "/" + generation + "/" + name, Content: f.Content, ModTime: at,
		})
		return nil
	}
	return fmt.Errorf("note: there is no %s", name)
}

// The entities of iOS 18.
const (
	objectEntity     = 3
	dataEntity       = 19
	attachmentEntity = 35
	mediaEntity      = 41
	noteEntity       = 42
	accountEntity    = 44
	noteFolderEntity = 45
)

var notesKinds = []struct {
	entity int
	name   string
}{
	{objectEntity, "ICCloudSyncingObject"}, {dataEntity, "ICNoteData"}, {attachmentEntity, "ICAttachment"}, {mediaEntity, "ICMedia"},
	{noteEntity, "ICNote"}, {accountEntity, "ICAccount"}, {noteFolderEntity, "ICFolder"},
}

// notesSchema is that of NoteStore.sqlite, as iOS 18 has it, as far as it is
// filled here. The numbers of columns are Core Data's.
const notesSchema = `
CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
CREATE TABLE ZICCLOUDSYNCINGOBJECT (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZIDENTIFIER VARCHAR,
	ZMARKEDFORDELETION INTEGER, ZFOLDER INTEGER, ZACCOUNT7 INTEGER, ZOWNER INTEGER, ZPARENT INTEGER, ZFOLDERTYPE INTEGER,
	ZISPINNED INTEGER, ZISPASSWORDPROTECTED INTEGER, ZNOTE INTEGER, ZMEDIA INTEGER, ZNOTEDATA INTEGER,
	ZCREATIONDATE TIMESTAMP, ZCREATIONDATE3 TIMESTAMP, ZMODIFICATIONDATE1 TIMESTAMP, ZTITLE VARCHAR, ZTITLE1 VARCHAR,
	ZTITLE2 VARCHAR, ZSNIPPET VARCHAR, ZNAME VARCHAR, ZTYPEUTI VARCHAR, ZFILENAME VARCHAR, ZGENERATION1 VARCHAR,
	ZMERGEABLEDATA1 BLOB);
CREATE TABLE ZICNOTEDATA (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZNOTE INTEGER, ZDATA BLOB,
	ZCRYPTOINITIALIZATIONVECTOR BLOB, ZCRYPTOTAG BLOB);
`

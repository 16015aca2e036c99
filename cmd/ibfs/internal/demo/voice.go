package demo

import (
	"fmt"
	"path"
	"time"

	"howett.net/plist"

	"ibfs/backupfmt/backuptest"
)

// voicemails are what was said to Anna's answering machine.
var voicemails = []struct {
	at      time.Time
	from    int // of people
	seconds int
	said    string
	deleted bool
}{
	{time.Date(2026, 9, 3, 16, 21, 8, 0, time.UTC), 20, 14, "Hello, this is Stockbridge Dental. Your check-up is due. Please ring us for an appointment.", true},
	{time.Date(2026, 10, 11, 9, 5, 40, 0, time.UTC), 4, 21, "It's only me. The parcel has come. Ring me when you can, nothing urgent.", false},
	{time.Date(2026, 11, 12, 18, 47, 2, 0, time.UTC), 22, 9, "Miso's results are in and all is well. Bye now.", false},
}

// voicemail is the answering machine's database and its recordings.
func voicemail(p *phone) ([]backuptest.File, error) {
	const folder = "Library/Voicemail/"
	s := newScript(voicemailSchema)
	var files []backuptest.File
	var last time.Time
	for i, m := range voicemails {
		if !p.has(m.at) {
			continue
		}
		trashed, flags := 0.0, 1
		if m.deleted {
			trashed, flags = cocoa(m.at.Add(50*time.Hour)), 11
		}
		from := people[m.from].phone
		s.insert("voicemail", "ROWID, remote_uid, date, token, sender, callback_num, duration, expiration, trashed_date, flags, receiver, uuid",
			i+1, 40+i, m.at.Unix(), "Complete", from, from, m.seconds, m.at.Add(30*24*time.Hour).Unix(), trashed, flags, people[0].phone, uuid("voicemail", m.said))
		transcript, err := archivedTranscript(m.said)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprint(folder, i+1)
		files = append(files,
			backuptest.File{Domain: "HomeDomain", Path: name + ".amr", Content: hush(m.seconds), ModTime: m.at},
			backuptest.File{Domain: "HomeDomain", Path: name + ".transcript", Content: transcript, ModTime: m.at})
		last = m.at
	}
	db, err := s.database("HomeDomain", folder+"voicemail.db", last)
	return append(files, db), err
}

// archivedTranscript is what the phone understood, as it keeps it.
func archivedTranscript(said string) ([]byte, error) {
	const class = "VMVoicemailTranscript"
	return plist.Marshal(map[string]any{
		"$archiver": "NSKeyedArchiver", "$version": 100000, "$top": map[string]any{"root": plist.UID(1)},
		"$objects": []any{
			"$null",
			map[string]any{"$class": plist.UID(3), "transcriptionString": plist.UID(2), "confidence": 0.82},
			said,
			map[string]any{"$classname": class, "$classes": []string{class, "NSObject"}},
		},
	}, plist.BinaryFormat)
}

// memos are what Anna recorded.
var memos = []struct {
	at     time.Time
	title  string
	folder int // of memoFolders, from 1
	notes  []note
}{
	{time.Date(2026, 6, 20, 21, 14, 30, 0, time.UTC), "Tune from the tram", 1, []note{{64, 1}, {67, 1}, {69, 2}, {67, 1}, {64, 1}, {62, 2}, {60, 4}}},
	{time.Date(2026, 8, 29, 10, 2, 0, 0, time.UTC), "", 0, []note{{57, 2}, {60, 2}, {64, 2}, {69, 6}}},
	{time.Date(2026, 11, 8, 23, 40, 12, 0, time.UTC), "Brooklyn, busker on the bridge", 1, []note{{62, 1}, {65, 1}, {69, 1}, {74, 1}, {72, 2}, {69, 2}, {0, 1}, {67, 1}, {65, 6}}},
}

var memoFolders = []string{"Tunes"}

// voiceMemos are the recordings of the app of that name, and its database.
func voiceMemos(p *phone) ([]backuptest.File, error) {
	const domain, folder = "AppDomainGroup-group.com.apple.VoiceMemos.shared", "Recordings"
	s := newScript(memosSchema)
	for i, name := range memoFolders {
		s.insert("ZFOLDER", "Z_PK, Z_ENT, Z_OPT, ZRANK, ZENCRYPTEDNAME, ZUUID", i+1, 2, 1, i, name, uuid("memos", name))
	}
	var files []backuptest.File
	var last time.Time
	for i, m := range memos {
		if !p.has(m.at) {
			continue
		}
		id := uuid("memo", m.at.String())
		name := m.at.Format("20060102 150405") + "-" + id[:8] + ".m4a"
		samples := tune(m.notes)
		var in any
		if m.folder > 0 {
			in = m.folder
		}
		s.insert("ZCLOUDRECORDING", "Z_PK, Z_ENT, Z_OPT, ZFLAGS, ZFOLDER, ZDATE, ZDURATION, ZLOCALDURATION, ZCUSTOMLABEL, ZENCRYPTEDTITLE, ZPATH, ZUNIQUEID",
			i+1, 1, 1, 0, in, cocoa(m.at), float64(len(samples))/soundRate, float64(len(samples))/soundRate, m.at.Format(time.RFC3339), orNull(m.title), name, id)
		files = append(files, backuptest.File{Domain: domain, Path: path.Join(folder, name), Content: losslessAudio(samples, m.at), ModTime: m.at})
		last = m.at
	}
	db, err := s.database(domain, path.Join(folder, "CloudRecordings.db"), last)
	return append(files, db), err
}

const voicemailSchema = `
CREATE TABLE _SqliteDatabaseProperties (key TEXT, value TEXT, UNIQUE(key));
CREATE TABLE voicemail (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, remote_uid INTEGER, date INTEGER, token TEXT, sender TEXT,
	callback_num TEXT, duration INTEGER, expiration INTEGER, trashed_date INTEGER, flags INTEGER, receiver TEXT, label TEXT, uuid TEXT);
CREATE TABLE map (label TEXT, account TEXT);
CREATE INDEX date_index ON voicemail(date);
CREATE INDEX remote_uid_index ON voicemail(remote_uid);
`

const memosSchema = `
CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
CREATE TABLE ZFOLDER (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZRANK INTEGER, ZENCRYPTEDNAME VARCHAR, ZUUID VARCHAR);
CREATE TABLE ZCLOUDRECORDING (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZFLAGS INTEGER, ZFOLDER INTEGER, ZDATE TIMESTAMP,
	ZEVICTIONDATE TIMESTAMP, ZDURATION FLOAT, ZLOCALDURATION FLOAT, ZCUSTOMLABEL VARCHAR, ZCUSTOMLABELFORSORTING VARCHAR,
	ZENCRYPTEDTITLE VARCHAR, ZPATH VARCHAR, ZUNIQUEID VARCHAR);
`

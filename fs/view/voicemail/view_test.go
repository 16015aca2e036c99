package voicemail_test

import (
	iofs "io/fs"
	"strings"
	"testing"
	"time"

	"howett.net/plist"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/view/voicemail"
	"ibfs/fs/vtree"
)

const folder = "Library/Voicemail/"

// transcript is what the phone understood of a message, as it keeps it.
func transcript(t *testing.T, said string) []byte {
	t.Helper()
	b, err := plist.Marshal(map[string]any{
		"$archiver": "NSKeyedArchiver", "$version": 100000, "$top": map[string]any{"root": plist.UID(1)},
		"$objects": []any{
			"$null",
			map[string]any{"$class": plist.UID(3), "transcriptionString": plist.UID(2), "confidence": 0.7},
			said,
			map[string]any{"$classname": "VMVoicemailTranscript", "$classes": []string{"VMVoicemailTranscript", "NSObject"}},
		},
	}, plist.BinaryFormat)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sample(t *testing.T) backuptest.Backup {
	db := viewtest.Database(t, `CREATE TABLE voicemail (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, remote_uid INTEGER, date INTEGER, token TEXT, sender TEXT, callback_num TEXT,
			duration INTEGER, expiration INTEGER, trashed_date INTEGER, flags INTEGER, receiver TEXT);
		INSERT INTO voicemail (ROWID, date, sender, callback_num, duration, trashed_date, flags, receiver) VALUES
			(1, 1720976580, '+4712345678', NULL, 65, 0, 1, '+4740000000'), (2, 1720976590, '+4712345678', NULL, 5, 0, 1, NULL), (3, 1720980000, NULL, '+4787654321', 5, 0, 1, NULL),
			(4, 1720990000, '', '', NULL, 742600000, 11, NULL), (5, 1720990060, '../../etc/passwd', NULL, 5, 0, 75, NULL), (6, -5, 'x', NULL, 9e99, 0, 1, NULL);`)
	book := viewtest.Database(t, `CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY, First TEXT, Last TEXT);
		CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, value TEXT);
		INSERT INTO ABPerson VALUES (1, 'Anna', 'Berg'); INSERT INTO ABMultiValue VALUES (1, 1, 3, '12 34 56 78');`)
	return backuptest.Backup{
		EditInfo: func(info map[string]any) { info["Phone Number"] = "+47 400 00 000" },
		Files: []backuptest.File{
			{Domain: "HomeDomain", Path: folder + "voicemail.db", Content: db},
			{Domain: "HomeDomain", Path: folder + "1.amr", Content: []byte("#!AMR\none")},
			{Domain: "HomeDomain", Path: folder + "1.transcript", Content: transcript(t, "Call me back. <b>Anna</b>")},
			{Domain: "HomeDomain", Path: folder + "2.amr", Content: []byte("#!AMR\ntwo")},
			{Domain: "HomeDomain", Path: folder + "2.transcript", Content: []byte("no archive")},
			{Domain: "HomeDomain", Path: folder + "4.amr", Content: []byte("#!AMR\nfour")},
			{Domain: "HomeDomain", Path: folder + "5.amr", Content: []byte("#!AMR\nfive")},
			{Domain: "HomeDomain", Path: "Library/AddressBook/AddressBook.sqlitedb", Content: book},
		},
	}
}

var oslo = time.FixedZone("CEST", 7200)

func TestView(t *testing.T) {
	viewtest.Run(t, viewtest.Case{View: voicemail.View{}, Zone: oslo, Backup: sample(t), Databases: []view.Place{{Domain: "HomeDomain", Path: folder + "voicemail.db"}}})
}

func TestTexts(t *testing.T) {
	fsys := vtree.FS(t.Context(), viewtest.Open(t, voicemail.View{}, sample(t), oslo))
	for name, want := range map[string]string{
		"2024-07-14 19.03 Anna Berg.amr":                "#!AMR\none",
		"2024-07-14 19.03 Anna Berg.txt":                "From:     Anna Berg (+4712345678)\nReceived: 2024-07-14 19:03:00 +0200\nLength:   1m5s\nTo:       +4740000000\n\nCall me back. <b>Anna</b>\n",
		"2024-07-14 19.03 Anna Berg (2).amr":            "#!AMR\ntwo",
		"2024-07-14 20.00 +4787654321.txt":              "From:     +4787654321\nReceived: 2024-07-14 20:00:00 +0200\nLength:   5s\n\nThe recording is not in this backup.\n",
		"Deleted/2024-07-14 22.46 No caller ID.amr":     "#!AMR\nfour",
		"Deleted/2024-07-14 22.47 .._.._etc_passwd.amr": "#!AMR\nfive",
		"Time unknown x.txt":                            "From:     x\n\nThe recording is not in this backup.\n",
	} {
		got, err := iofs.ReadFile(fsys, name)
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, err := iofs.ReadFile(fsys, "2024-07-14 19.03 Anna Berg (2).txt"); err != nil || !strings.Contains(string(got), "cannot be read") {
		t.Errorf("%q, %v", got, err)
	}
}

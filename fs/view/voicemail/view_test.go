package voicemail_test

import (
	iofs "io/fs"
	"maps"
	"slices"
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

func TestStraysInterrupted(t *testing.T) {
	b := sample(t)
	b.Files[0].Content = []byte("noise")
	viewtest.Interrupt(t, voicemail.View{}, b)
}

// TestStrays is of recordings that no row tells of: they are shown at the times of
// their files, with what the phone understood.
func TestStrays(t *testing.T) {
	const lost = "#!AMR\nseven"
	for name, tt := range map[string]struct {
		change func(db []byte) []byte
		want   map[string]string // beside what is lost
		files  int
	}{
		"a sound database":   {func(db []byte) []byte { return db }, map[string]string{"2024-07-14 19.03 Anna Berg.amr": "#!AMR\none"}, 10},
		"a cut one":          {func(db []byte) []byte { return db[:4096] }, map[string]string{view.LostName: "some messages"}, 9},
		"one that is noise":  {func([]byte) []byte { return []byte("noise") }, map[string]string{view.LostName: "who left the messages"}, 9},
		"one of no messages": {func([]byte) []byte { return viewtest.Database(t, "CREATE TABLE voicemail (sender, date)") }, nil, 8},
	} {
		t.Run(name, func(t *testing.T) {
			b := sample(t)
			b.Files[0].Content = tt.change(b.Files[0].Content)
			at := time.Date(2024, 7, 16, 10, 0, 0, 0, time.UTC)
			for _, f := range []backuptest.File{
				{Path: "7.amr", Content: []byte(lost)}, {Path: "7.transcript", Content: transcript(t, "Hello")},
				{Path: "Greeting.amr", Content: []byte("#!AMR\ngreeting")}, {Path: "8.amr", Mode: 0o40755},
			} {
				f.Domain, f.Path, f.ModTime = "HomeDomain", folder+f.Path, at
				b.Files = append(b.Files, f)
			}
			all := viewtest.Files(t, viewtest.Open(t, voicemail.View{}, b, oslo))
			want := map[string]string{"2024-07-16 12.00 Unknown caller.amr": lost, "2024-07-16 12.00 Unknown caller.txt": "From:     Unknown caller\nReceived: 2024-07-16 12:00:00 +0200\n\nHello\n"}
			maps.Copy(want, tt.want)
			for path, text := range want {
				if !strings.Contains(all[path], text) {
					t.Errorf("%s: %q, want %q", path, all[path], text)
				}
			}
			if len(all) != tt.files {
				t.Errorf("%d files, want %d: %q", len(all), tt.files, slices.Sorted(maps.Keys(all)))
			}
		})
	}
}

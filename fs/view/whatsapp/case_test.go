package whatsapp

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/transcript"
	"ibfs/fs/view/viewtest"
)

// TestPolls is case FC-10.
func TestPolls(t *testing.T) {
	p := newPhone()
	chat := p.chat(anna, "Anna")
	p.say(chat, "01-01 10:00", -1, row{"ZTEXT": "Hi"})
	p.say(chat, "01-01 10:01", -1, p.receipt(proto(8, proto(2, "Lunch?", 3, proto(1, "Yes"))), row{"ZMESSAGETYPE": 46}))
	p.say(chat, "01-01 10:02", -1, row{"ZMESSAGETYPE": 46})
	p.say(chat, "01-01 10:03", -1, row{"ZMESSAGETYPE": 66, "ZTEXT": "noise"})
	all := walk(t, View{}, p.backup(t))
	want := "Anna\nWith Anna (+4917600000001)\n3 messages\nTimes are those of UTC\n\n2024-01-01 10:00  Anna: Hi\n" +
		"2024-01-01 10:01  Anna: Poll: Lunch?\n                  – Yes\n2024-01-01 10:02  Anna: [poll]\n"
	if got := all["Anna/conversation.txt"]; got != want {
		t.Errorf("%s", got)
	}
	if strings.Contains(all["Anna/conversation.html"], "noise") {
		t.Error("a vote is shown")
	}
}

// TestEditions is case FC-11: each edition of the app shows its own group's
// chats, and is absent without them.
func TestEditions(t *testing.T) {
	say := func(domain, text string) backuptest.File {
		p := newPhone()
		p.domain = domain
		p.say(p.chat(anna, "Anna"), "01-01 10:00", -1, row{"ZTEXT": text})
		return p.backup(t).Files[0]
	}
	files := map[string]backuptest.File{"WhatsApp": say(personal, "in private"), "WhatsApp Business": say(business, "for money")}
	for _, v := range []view.View{View{}, Business{}} {
		both := backuptest.Backup{Files: []backuptest.File{files["WhatsApp"], files["WhatsApp Business"]}}
		want := map[string]string{"WhatsApp": "in private", "WhatsApp Business": "for money"}[v.Name()]
		if all := walk(t, v, both); len(all) != 2 || !strings.Contains(all["Anna/conversation.txt"], want) {
			t.Errorf("%s: %v", v.Name(), all)
		}
		delete(files, v.Name())
		for _, other := range files {
			if _, err := v.Open(t.Context(), viewtest.Source(t, backuptest.Backup{Files: []backuptest.File{other}}, nil)); !errors.Is(err, view.ErrAbsent) {
				t.Errorf("%s without its data: %v", v.Name(), err)
			}
		}
		files[v.Name()] = both.Files[0]
		if v.Name() == "WhatsApp Business" {
			files[v.Name()] = both.Files[1]
		}
	}
}

// TestReplies is case FC-12: what a reply quotes is named by the start of its
// stanza, and by its row only where that is not told.
func TestReplies(t *testing.T) {
	for name, tt := range map[string]struct {
		metadata []byte
		parent   int
		want     string
	}{
		"by stanza":              {proto(5, stanza(1)), 2, "in reply to Anna: “First”"},
		"start of the stanza":    {proto(5, stanza(1)[:17]), 0, "in reply to Anna: “First”"},
		"longer stanza":          {proto(5, stanza(1)+"FF"), 0, "in reply to Anna: “First”"},
		"one character less":     {proto(5, stanza(1)[:16]), 0, "in reply to a message that is not there any more"},
		"another":                {proto(5, "0000"), 0, "in reply to a message that is not there any more"},
		"by row":                 {nil, 2, "in reply to Me: “Second”"},
		"by row, other metadata": {proto(17, 3), 2, "in reply to Me: “Second”"},
		"a row that is gone":     {nil, 99, "in reply to a message that is not there any more"},
		"a copy":                 {proto(5, "0000", 6, anna, 19, proto(3, proto(3, "A caption"))), 0, "in reply to Anna: “A caption”"},
		"a copy without a text":  {proto(5, "0000", 6, anna, 19, proto(8, proto(1, 1))), 0, "in reply to Anna: “[voice message]”"},
		"none":                   {nil, 0, ""},
		"noise":                  {[]byte("\x2a\xff\xff\xff\xff\x0f"), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPhone()
			chat := p.chat(anna, "Anna")
			p.say(chat, "01-01 10:00", -1, row{"ZTEXT": "First"})
			p.say(chat, "01-01 10:01", 0, row{"ZTEXT": "Second"})
			p.say(chat, "01-01 10:02", -1, p.with(row{"ZMETADATA": tt.metadata}, row{"ZTEXT": "A reply", "ZPARENTMESSAGE": tt.parent}))
			_, got, _ := strings.Cut(walk(t, View{}, p.backup(t))["Anna/conversation.txt"], "A reply\n")
			if strings.TrimSpace(got) != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// Media is one of the app's own files below its folder, or none: never one of
// the host, nor another of the phone.
func TestMediaPaths(t *testing.T) {
	secret := []backuptest.File{
		{Domain: personal, Path: "secret.txt", Content: []byte("TOP SECRET")},
		{Domain: "HomeDomain", Path: "Message/Media/a.jpg", Content: []byte("TOP SECRET")},
		{Domain: personal, Path: "Message/Media/link.jpg", Target: "/etc/passwd"},
		{Domain: personal, Path: "Message/Media/folder.jpg/inner.txt", Content: []byte("TOP SECRET")},
	}
	for path, there := range map[string]bool{
		"Media/x/a.jpg": true, "/Media/x/a.jpg": true, "Message/Media/x/a.jpg": true, "/Message/Media/x/a.jpg": true,
		"../secret.txt": false, "/etc/passwd": false, "../../../../etc/passwd": false, "Media/../../secret.txt": false, "Media/x/../x/a.jpg": false,
		"": false, "/": false, ".": false, "..": false, "Media//x/a.jpg": false, "Media/x/a.jpg\x00": false, "Media/a.jpg": false,
		"Media/link.jpg": false, "Media/folder.jpg": false, "~/Media/x/a.jpg": false,
	} {
		p := newPhone()
		p.file("Message/Media/x/a.jpg", "fine")
		p.files = append(p.files, secret...)
		p.say(p.chat(anna, "Anna"), "01-01 10:00", -1, p.with(row{"ZMEDIALOCALPATH": path}, row{"ZMESSAGETYPE": 1}))
		all := walk(t, View{}, p.backup(t))
		if _, ok := all["Anna/attachments/2024-01-01 10.00.00 photo.jpg"]; ok != there {
			t.Errorf("%q: %v", path, all)
		}
		for name, text := range all {
			if strings.Contains(text, "TOP SECRET") {
				t.Errorf("%q: %s is none of WhatsApp's", path, name)
			}
		}
	}
}

// TestCards tells whom a contact is of and where a place is, whichever columns say
// so, and what was written of them.
func TestCards(t *testing.T) {
	const card = "BEGIN:VCARD\nFN:Jane Doe\nTEL:+4711\nEND:VCARD"
	for name, c := range map[string]struct {
		typ   int
		media row
		text  any
		want  []string
	}{
		"contact":                    {4, row{"ZVCARDNAME": "Jane", "ZVCARDSTRING": card}, nil, []string{"Contact: Jane", "+4711"}},
		"name of the card":           {4, row{"ZVCARDSTRING": card}, nil, []string{"Contact: Jane Doe", "+4711"}},
		"name of several cards":      {4, row{"ZVCARDSTRING": card + cardSeparator + "FN;CHARSET=UTF-8:Doe\\, John\r\n"}, nil, []string{"Contact: Jane Doe, Doe, John", "+4711"}},
		"name of the media":          {4, row{"ZTITLE": "Jane", "ZVCARDSTRING": "TEL:+4711"}, nil, []string{"Contact: Jane", "+4711"}},
		"no name":                    {4, row{"ZVCARDSTRING": "TEL:+4711"}, nil, []string{"Contact", "+4711"}},
		"contact with a text":        {4, row{"ZVCARDSTRING": card}, "call her", []string{"Contact: Jane Doe", "+4711", "call her"}},
		"contact, text is its name":  {4, row{"ZVCARDSTRING": card}, "Jane Doe", []string{"Contact: Jane Doe", "+4711"}},
		"place":                      {5, row{"ZTITLE": "Home", "ZLATITUDE": 59.9, "ZLONGITUDE": 10.7}, nil, []string{"Location: Home", "59.90000, 10.70000"}},
		"place with a text":          {5, row{"ZLATITUDE": 59.9, "ZLONGITUDE": 10.7}, "My place is here", []string{"Location", "59.90000, 10.70000", "My place is here"}},
		"place with lines of a text": {5, row{}, "My place\nis here", []string{"Location", "My place", "is here"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPhone()
			p.say(p.chat(anna, "Anna"), "01-01 10:00", -1, p.with(c.media, row{"ZMESSAGETYPE": c.typ, "ZTEXT": c.text}))
			_, got, _ := strings.Cut(walk(t, View{}, p.backup(t))["Anna/conversation.txt"], "10:00  Anna: ")
			if want := strings.Join(c.want, "\n"+transcript.Indent) + "\n"; got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// TestDamagedBeside damages what comes with messages: the messages are shown, and
// the page says that something is missing.
func TestDamagedBeside(t *testing.T) {
	for name, said := range map[string]func(p *phone) row{
		"receipts": func(p *phone) row { return p.receipt([]byte("needle"), row{"ZTEXT": "the text"}) },
		"media":    func(p *phone) row { return p.with(row{"ZTITLE": "needle"}, row{"ZTEXT": "the text"}) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPhone()
			p.say(p.chat(anna, "Anna"), "01-01 10:00", -1, said(p))
			b := p.backup(t)
			db := b.Files[0].Content
			page := bytes.Index(db, []byte("needle")) / 4096 * 4096
			clear(db[page : page+4096])
			text := walk(t, View{}, b)["Anna/conversation.txt"]
			if !strings.Contains(text, "Anna: the text\n") || !strings.Contains(text, "Some messages are missing here: 1 of 1 ") {
				t.Errorf("%s", text)
			}
		})
	}
}

// TestLong has more messages than one page shows.
func TestLong(t *testing.T) {
	p := newPhone()
	chat := p.chat(anna, "Anna")
	p.say(chat, "01-01 00:00", -1, row{"ZTEXT": "of unknown time", "ZMESSAGEDATE": nil})
	p.say(chat, "01-01 00:00", -1, row{"ZTEXT": "of 2023", "ZMESSAGEDATE": instant("01-01 00:00") - 60})
	fmt.Fprintf(&p.sql, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
		INSERT INTO ZWAMESSAGE (Z_PK, ZCHATSESSION, ZTEXT, ZISFROMME, ZMESSAGETYPE, ZMESSAGEDATE) SELECT i + 10, %d, 'number ' || i, 0, 0, %f + i FROM n;`, chat, instant("01-01 00:00"))
	p.rows["ZWAMESSAGE"] = 30000
	p.say(chat, "12-31 23:00", 0, row{"ZTEXT": "a late reply", "ZPARENTMESSAGE": 11})
	all := walk(t, View{}, p.backup(t))
	for name, want := range map[string]string{
		"Anna/conversation 2023.txt": "unknown date      Anna: of unknown time\n2023-12-31 23:59  Anna: of 2023\n", "Anna/conversation 2024.txt": "Anna: number 20000\n",
		"Anna/conversation 2024, part 2.txt": "a late reply\n                    in reply to Anna: “number 1”\n",
	} {
		if !strings.HasSuffix(all[name], want) {
			t.Errorf("%s ends with %q", name, all[name][max(0, len(all[name])-200):])
		}
	}
	if len(all) != 6 {
		t.Errorf("%d files", len(all))
	}
}

func TestParts(t *testing.T) {
	at := time.Date(2024, 1, 1, 0, 30, 0, 0, time.UTC)
	if all := parts(nil, time.UTC); len(all) != 0 {
		t.Error(all)
	}
	one := parts([]message{{row: 1}, {row: 2, at: at}, {row: 3, at: at.AddDate(1, 0, 0)}}, time.UTC)
	if len(one) != 1 || one[0].label != "" || len(one[0].rows) != 3 {
		t.Error(one)
	}
	many := make([]message, maxPerFile+1)
	for i := range many {
		many[i].at = at
	}
	if all := parts(many, time.FixedZone("", -3600)); len(all) != 2 || all[0].label != "2023" || all[1].label != "2023, part 2" {
		t.Error(len(all), all[0].label)
	}
	clear(many)
	if all := parts(many, time.UTC); len(all) != 2 || all[0].label == all[1].label {
		t.Error(len(all))
	}
}

// TestRealBackup reads the minted chats in a real manifest of iOS 14.3.
func TestRealBackup(t *testing.T) {
	all := viewtest.Files(t, viewtest.OpenDir(t, View{}, viewtest.RealPath(t, "ios14-backup")), ".txt")
	for name, want := range map[string]string{
		"Alice Example/conversation.txt": "Alice Example\nWith Alice Example (+14155550100)\n2 messages\nTimes are those of UTC\n\n" +
			"2025-08-27 15:06  Alice Example: Hi\n2025-08-28 18:53  Me: Check https://example.org/news\n",
		"Example Group/conversation.txt": "Example Group\n1 message\nTimes are those of UTC\n\n2025-08-29 22:40  Bob Example: Welcome\n",
	} {
		if all[name] != want {
			t.Errorf("%s:\n%s", name, all[name])
		}
	}
}

package whatsapp

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/backupfmt/backuptest/judge"
	"ibfs/fs/view/transcript"
	"ibfs/fs/view/viewtest"
)

// TestJudge holds what we say of each chat against what whatsapp-chat-exporter
// says of it: the same messages in the same order, with the same senders,
// texts, files and replies. Where the two differ is testdata/judge.diff;
// docs/views/whatsapp.md says why.
func TestJudge(t *testing.T) {
	viewtest.Judges(t)
	b := everything(t).backup(t)
	dir := viewtest.Write(t, b)
	told, err := judge.Chats(t.Context(), dir)
	if err != nil {
		t.Fatalf("%v (make test installs it)", err)
	}
	ours, book := ourChats(t, b)
	var diff []string
	agreed := 0
	theirs := map[string][]string{}
	for _, jid := range slices.Sorted(maps.Keys(told)) {
		name, sender := chatName(book, jid, told[jid].Name), book.person(jid).name
		for _, m := range told[jid].Messages {
			theirs[name] = append(theirs[name], asTold(book, sender, m))
		}
	}
	names := slices.Sorted(maps.Keys(ours))
	for name := range theirs {
		if _, ok := ours[name]; !ok {
			names = append(names, name)
		}
	}
	for _, name := range names {
		note := func(who string, lines ...string) {
			for _, l := range lines {
				date, rest := l[:len(time.DateTime)], l[len(time.DateTime):]
				diff = append(diff, fmt.Sprintf("%s: %s %4s%s", name, date, who, rest))
			}
		}
		left := theirs[name]
		slices.SortStableFunc(left, func(a, b string) int { return cmp.Compare(a[:len(time.DateTime)], b[:len(time.DateTime)]) })
		for _, line := range ours[name] {
			i := slices.Index(left, line)
			if i < 0 {
				note("we", line)
				continue
			}
			note("they", left[:i]...)
			left = left[i+1:]
			agreed++
		}
		note("they", left...)
	}
	slices.Sort(diff)
	t.Logf("the two agree on %d messages", agreed)
	viewtest.Golden(t, "judge.diff", strings.Join(diff, "\n")+"\n")
}

// TestJudgeOfRows holds every row that mvt finds against ours: a message with the
// same text at the same second. What has none is in testdata/mvt.diff: what mvt
// calls the text of an event, or of what was sent along, is its raw value.
func TestJudgeOfRows(t *testing.T) {
	viewtest.Judges(t)
	p := everything(t)
	p.sql.WriteString(`
		CREATE TABLE ZWAMESSAGEDATAITEM (Z_PK INTEGER PRIMARY KEY, ZMESSAGE INTEGER, ZCONTENT1 VARCHAR, ZCONTENT2 VARCHAR,
			ZMATCHEDTEXT VARCHAR, ZSUMMARY VARCHAR, ZTITLE VARCHAR);
		CREATE TABLE ZWAGROUPINFO (Z_PK INTEGER PRIMARY KEY, ZCREATIONDATE TIMESTAMP);
		ALTER TABLE ZWAMEDIAITEM ADD COLUMN ZAUTHORNAME VARCHAR;
		ALTER TABLE ZWACHATSESSION ADD COLUMN ZMESSAGECOUNTER INTEGER;`)
	b := p.backup(t)
	records, err := judge.MVTRecords(t.Context(), viewtest.Write(t, b), "Whatsapp", "whatsapp")
	if err != nil {
		t.Fatal(err)
	}
	chats, _ := ourChats(t, b)
	ours := map[string][]string{} // by the second
	for _, lines := range chats {
		for _, line := range lines {
			ours[line[:len(time.DateTime)]] = append(ours[line[:len(time.DateTime)]], line)
		}
	}
	var diff []string
	agreed := 0
	for _, r := range records {
		text, _ := r["ZTEXT"].(string)
		at, _ := r["isodate"].(string)
		if text = strings.Join(strings.Fields(text), " "); text == "" || len(at) < len(time.DateTime) {
			continue
		}
		at = at[:len(time.DateTime)]
		if slices.ContainsFunc(ours[at], func(line string) bool { return strings.Contains(line, text) }) {
			agreed++
		} else {
			diff = append(diff, fmt.Sprintf("%s type %v: %s", at, r["ZMESSAGETYPE"], text))
		}
	}
	slices.Sort(diff)
	t.Logf("the two agree on %d messages", agreed)
	viewtest.Golden(t, "mvt.diff", strings.Join(diff, "\n")+"\n")
}

// ourChats are our chats, a line for each message.
func ourChats(t *testing.T, b backuptest.Backup) (map[string][]string, *book) {
	src := viewtest.Source(t, b, nil)
	lost := func(what string, err error) { t.Error(what, err) }
	s, err := openStore(t.Context(), src, currentPlace)
	if err != nil {
		t.Fatal(err)
	}
	defer s.db.Close()
	book, err := s.readBook(t.Context(), src, lost)
	if err != nil {
		t.Fatal(err)
	}
	all := s.chats(t.Context(), book, lost)
	s.findFiles(t.Context(), src, all, lost)
	l := &layout{Layout: src.Layout(t.Context()), src: src, place: s.place, book: book}
	lines := map[string][]string{}
	for _, c := range all {
		l.addFiles(l.Root(), c)
		for _, p := range parts(c.messages, time.UTC) {
			page, err := (&reader{store: s, book: book, chat: c, zone: time.UTC}).read(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			for i := range page.Messages {
				lines[c.name] = append(lines[c.name], asWritten(&page.Messages[i]))
			}
		}
	}
	return lines, book
}

// chatName is the name of our chat with a JID.
func chatName(b *book, jid, title string) string {
	switch {
	case strings.HasSuffix(jid, groupServer):
		return title
	case strings.HasSuffix(jid, "@broadcast"):
		return strings.TrimSuffix(jid, "@broadcast")
	}
	name := b.person(jid).name
	if p := b.person(jid); name == "KIM" {
		name += " (" + p.address + ")"
	}
	return name
}

// said makes one line of a message, in which texts that differ in how they are
// cut into lines are the same.
func said(at time.Time, who, body, reply string) string {
	if at.IsZero() {
		at = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC) // what a date of 0 is to those who take it for one
	}
	line := fmt.Sprintf("%s %s: %s", at.UTC().Format(time.DateTime), who, strings.Join(strings.Fields(body), " "))
	if reply != "" {
		line += " {" + reply + "}"
	}
	return line
}

// asWritten is a message of ours.
func asWritten(m *transcript.Message) string {
	if m.Event != "" {
		return said(m.At, "*", m.Event, "")
	}
	var body []string
	for _, p := range m.Pieces {
		switch {
		case p.File == nil:
			body = append(body, p.Text)
		case p.File.Name != "":
			body = append(body, "[file]")
		default:
			body = append(body, "["+p.File.Told+"]")
		}
	}
	reply := ""
	for _, n := range m.Notes {
		if n.Class == "reply" {
			if _, quote, ok := strings.Cut(n.Text, "“"); ok {
				reply = "reply to " + strings.TrimSuffix(quote, "”")
			} else {
				reply = "reply to nothing"
			}
		}
	}
	return said(m.At, m.Who, strings.Join(append(body, m.Lines...), " "), reply)
}

// asTold is a message of theirs. Who sent it they tell by number where they
// have no chat of the same.
func asTold(b *book, chat string, m judge.ChatMessage) string {
	who := cmp.Or(m.Sender, chat)
	if digits(who) == who {
		for _, server := range []string{numberServer, hiddenServer} {
			if p := b.person(who + server); p.name != p.address {
				who = p.name
			}
		}
	}
	if m.FromMe {
		who = ownName
	}
	body := strings.ReplaceAll(m.Data, "<br>", "\n")
	if m.Media {
		body = "[file] " + m.Caption
		if m.Mime == "media" {
			body = "[" + strings.ToLower(m.Data) + "] " + m.Caption
		}
	}
	reply := ""
	if m.Reply != "" {
		text, _ := m.Quoted.(string)
		reply = "reply to " + cmp.Or(excerpt(text), "nothing")
	}
	return said(time.Unix(int64(m.Timestamp), 0), who, body, reply)
}

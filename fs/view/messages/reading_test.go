package messages

import (
	"fmt"
	"strings"
	"testing"

	"ibfs/fs/view"
	"ibfs/fs/view/people"
	"ibfs/fs/view/viewtest"
)

// TestOneBound reads a database for whose tables together there is not enough
// room: what lies behind the bound is lost, and told with what it was.
func TestOneBound(t *testing.T) {
	p := newPhone(columns18)
	for i := 1; i <= 50; i++ {
		p.handle(i, fmt.Sprintf("%s%d@example.com", strings.Repeat("x", 1000), i), "iMessage", "")
		p.chat(i, fmt.Sprint("chat", i), "iMessage", strings.Repeat("y", 1000), i)
	}
	src := viewtest.Source(t, p.backup(t), nil)
	read := func(left int) (handles, chats int, told string, rest int) {
		s, err := openStore(t.Context(), src)
		if err != nil {
			t.Fatal(err)
		}
		defer s.db.Close()
		s.Left = left
		lost := func(what string, err error) { told += fmt.Sprintf("%s: %v\n", what, err) }
		b := s.readBook(t.Context(), people.New(""), lost)
		return len(b.handles), len(s.chats(t.Context(), b, lost)), told, s.Left
	}
	handles, chats, told, left := read(maxSize)
	if handles != 50 || chats != 50 || told != "" {
		t.Fatalf("%d handles, %d chats, %s", handles, chats, told)
	}
	taken := maxSize - left
	if handles, chats, told, _ = read(taken / 4); handles == 0 || handles == 50 || chats != 0 || !strings.Contains(told, "names of senders: ") {
		t.Errorf("a quarter: %d handles, %d chats, %s", handles, chats, told)
	}
	if handles, chats, told, _ = read(taken * 3 / 4); handles != 50 || chats == 0 || chats == 50 || !strings.Contains(told, "some conversations: ") || !strings.Contains(told, view.ErrTooLong.Error()) {
		t.Errorf("three quarters: %d handles, %d chats, %s", handles, chats, told)
	}
}

// TestAttachmentsAgainAndAgain puts a message with many attachments into more
// and more chats.
func TestAttachmentsAgainAndAgain(t *testing.T) {
	const files, chats = 2000, maxDealt/2000 + 2
	p := newPhone(columns18)
	p.handle(1, "a@example.com", "iMessage", "")
	p.chat(1, "a@example.com", "iMessage", "", 1)
	p.say(1, "01-01 10:00", 1, row{"text": "look"})
	fmt.Fprintf(&p.sql, `CREATE TABLE n (i INTEGER PRIMARY KEY); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %[1]d) INSERT INTO n SELECT i FROM c;
		INSERT INTO attachment (ROWID) SELECT i FROM n; INSERT INTO message_attachment_join (message_id, attachment_id) SELECT %[2]d, i FROM n;
		INSERT INTO chat_message_join (chat_id, message_id) SELECT i, %[2]d FROM n WHERE i BETWEEN 2 AND %[3]d; DROP TABLE n;`, files, p.rows, chats)
	tree := open(t, p.backup(t))
	if text := read(t, tree, view.LostName); !strings.Contains(text, "some attachments: too long") {
		t.Errorf("it is not told: %s", text)
	}
	if text := read(t, tree, "a@example.com/conversation.txt"); strings.Count(text, notLoaded) != files {
		t.Errorf("%d attachments of the first chat", strings.Count(text, notLoaded))
	}
}

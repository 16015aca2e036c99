package messages

import (
	"fmt"
	iofs "io/fs"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
	"ibfs/fs/vtree"
)

// large is a phone of 200,000 messages in 300 conversations, the first of them
// of 20,000; each tenth message has an attachment.
func large(b *testing.B) backuptest.Backup {
	p := newPhone(columns18)
	for i := 1; i <= 300; i++ {
		p.handle(i, fmt.Sprintf("+4917600%06d", i), "iMessage", "")
		p.chat(i, fmt.Sprintf("+4917600%06d", i), "iMessage", "", i)
	}
	text := body(rich{{text: strings.Repeat("A message as people write them. ", 3)}})
	fmt.Fprintf(&p.sql, `
CREATE UNIQUE INDEX i1 ON message (guid);
CREATE INDEX i2 ON message (handle_id, date);
CREATE INDEX i3 ON chat_message_join (chat_id, message_date, message_id);
CREATE INDEX i4 ON chat_message_join (message_id);
CREATE INDEX i5 ON message_attachment_join (message_id);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
INSERT INTO message (ROWID, guid, attributedBody, handle_id, service, date, is_from_me, item_type, associated_message_guid, associated_message_type)
SELECT i, 'guid-' || i, %s, CASE WHEN i %% 10 = 1 THEN 1 ELSE 1 + i %% 300 END, 'iMessage', %d + i * 300000000000, i %% 2, 0,
	CASE WHEN i %% 20 = 0 THEN 'p:0/guid-' || (i - 300) END, CASE WHEN i %% 20 = 0 THEN 2000 + i %% 6 ELSE 0 END FROM n;
INSERT INTO chat_message_join SELECT CASE WHEN ROWID %% 10 = 1 THEN 1 ELSE 2 + ROWID %% 299 END, ROWID, date FROM message;
INSERT INTO attachment (ROWID, guid, filename, transfer_name)
SELECT ROWID, 'at-' || ROWID, '~/Library/SMS/Attachments/' || (ROWID %% 100) || '/IMG_' || ROWID || '.JPG', 'IMG_' || (ROWID %% 1000) || '.JPG' FROM message WHERE ROWID %% 10 = 3;
INSERT INTO message_attachment_join SELECT ROWID, ROWID FROM attachment;
`, literal(text), nano("01-01 00:00"))
	backup := p.backup(b)
	for i := 3; i <= 200000; i += 10 {
		backup.Files = append(backup.Files, backuptest.File{Domain: "MediaDomain", Path: fmt.Sprintf("Library/SMS/Attachments/%d/IMG_%d.JPG", i%100, i), Content: []byte("x")})
	}
	backup.Password = "secret"
	return backup
}

func BenchmarkMessages(b *testing.B) {
	src := viewtest.Source(b, large(b), berlin(b))
	backup := src.Backup
	if _, err := backup.Index(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			tree, err := View{}.Open(b.Context(), view.NewSource(backup, view.Options{}))
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			err = tree.ReadDir(b.Context(), tree.Root(), 0, func(string, vtree.ID, iofs.FileMode) bool { n++; return true })
			if err != nil || n != 300 {
				b.Fatal(n, err)
			}
		}
	})
	tree, err := View{}.Open(b.Context(), src)
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"conversation.html", "conversation.txt"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				tree, err = View{}.Open(b.Context(), view.NewSource(backup, view.Options{}))
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				id, err := vtree.Find(b.Context(), tree, "+4917600000001/"+name, false)
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				a, err := tree.Attr(b.Context(), id)
				if err != nil || a.Size < 1e6 {
					b.Fatal(a.Size, err)
				}
			}
		})
	}
}

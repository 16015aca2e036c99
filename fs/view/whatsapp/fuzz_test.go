package whatsapp

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ibfs/fs/view"
	"ibfs/fs/view/transcript"
	"ibfs/fs/view/transcript/transcripttest"
)

// FuzzProto holds that what is read of a receipt and of metadata is text, of
// bounded number, and no more than there is.
func FuzzProto(f *testing.F) {
	f.Add(proto(7, proto(1, proto(2, anna, 3, "❤️"), 2, proto(2, "👍")), 8, proto(2, "Lunch?", 3, proto(1, "Yes"))))
	f.Add(proto(5, stanza(1), 6, anna, 19, proto(6, proto(1, "text")), 24, proto(1, proto(2, "a", 6, "b")), 36, 604800, 87, proto(1, proto(1, 1, 3, 185))))
	f.Add([]byte("\x2a\xff\xff\xff\xff\x0f"))
	f.Add([]byte("\x3a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, m := readReceipt(b), readMetadata(b)
		texts := append([]string{m.stanza, m.sender, m.group, m.quoted, r.poll.question}, append(m.business, r.poll.choices...)...)
		for _, g := range r.reactions {
			texts = append(texts, g.jid, g.emoji)
		}
		size := 0
		for _, s := range texts {
			size += strings.Count(s, "") - 1
			if !utf8.ValidString(s) {
				t.Fatalf("%q is no text", s)
			}
		}
		// Each byte of the input is read into few of them.
		if limit := 8*len(b) + len("[voice message]"); size > limit || len(r.reactions) > maxReactions || len(r.poll.choices) > maxChoices {
			t.Fatalf("%d characters of %d bytes", size, len(b))
		}
	})
}

// FuzzCompose holds every message, whatever is in its row, against what every
// page keeps.
func FuzzCompose(f *testing.F) {
	f.Add(int64(1), int64(0), "<script>alert(1)</script>", proto(5, "x", 19, proto(1, "</div><img src=x onerror=alert(1)>")))
	f.Add(int64(6), int64(50), "4917600000002@s.whatsapp.net;a@b,c@d", []byte(nil))
	f.Add(int64(6), int64(1), `{"subject":"\u202ex","author":"\n2024-01-01 10:00  Me: forged"}`, []byte(nil))
	f.Add(int64(4), int64(0), "BEGIN:VCARD\nitem1.TEL;x=y:+1_$!<VCard-Separator>!$_TEL", []byte(nil))
	f.Add(int64(10), int64(29), "%s%d%!", []byte(nil))
	f.Add(int64(59), int64(0), "", proto(87, proto(1, proto(3, math.MaxInt64))))
	f.Fuzz(func(t *testing.T, typ, event int64, text string, blob []byte) {
		r := &reader{zone: time.UTC, book: &book{members: map[int64]string{1: text}}, chat: &chat{name: text, people: []person{{name: text}}, group: event%2 == 0}}
		row := make(view.Row, messageColumns)
		for i := range row {
			row[i] = text
		}
		row[colRow], row[colMine], row[colType], row[colEvent], row[colMember] = int64(1), event&2, typ, event, event&1
		row[colMetadata], row[colReceipt] = blob, blob
		from := &quoted{byRow: map[int64]quote{1: {text, gist(row)}}, byStanza: map[string]quote{stanzaKey(text): {text, text}}}
		page := transcript.Page{Title: "x", Folder: attachmentsDir, Messages: []transcript.Message{r.compose(row, from)}}
		transcripttest.HTML(t, "fuzz.html", string(page.HTML()), attachmentsDir)
		transcripttest.Text(t, "fuzz.txt", string(page.Text()), 1)
		if m := page.Messages[0]; m.Event == "" && len(m.Pieces) == 0 && len(m.Lines) == 0 {
			t.Error("a message with nothing to show")
		}
	})
}

package messages

import (
	"strings"
	"testing"

	"ibfs/fs/view/viewtest"
)

// A file without an extension gets that of its type, so that a page shows it.
func TestAttachmentNames(t *testing.T) {
	for name, c := range map[string]struct {
		title, mime, uti any
		file             string // on the phone
		want             string
		html             string
	}{
		"by its MIME type":  {"IMG", "image/png", nil, "a", "IMG.png", `<img loading="lazy" src="attachments/IMG.png"`},
		"by Apple's type":   {"IMG", nil, "public.jpeg", "a", "IMG.jpg", `<img loading="lazy" src="attachments/IMG.jpg"`},
		"name of the file":  {nil, "video/quicktime", nil, "a", "a.mov", `<video controls preload="none" src="attachments/a.mov"`},
		"of no known type":  {"IMG", "x/y", "dyn.a", "a", "IMG", `<a href="attachments/IMG">`},
		"it has one":        {"IMG.HEIC", "image/png", "public.png", "a", "IMG.HEIC", `<a href="attachments/IMG.HEIC">`},
		"no extension":      {"Mr. Berg", "text/vcard", nil, "a", "Mr. Berg.vcf", `<a href="attachments/Mr.%20Berg.vcf">`},
		"no name":           {"/", "image/png", nil, "a", "attachment.png", `<img loading="lazy" src="attachments/attachment.png"`},
		"a folder has none": {"Plan", "application/zip", nil, "a/index", "Plan/index", `<a href="attachments/Plan">`},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPhone(columns18)
			p.handle(1, "a@example.com", "iMessage", "")
			p.chat(1, "a@example.com", "iMessage", "", 1)
			p.say(1, "01-01 10:00", 1, row{"text": "\uFFFC"})
			p.attach(row{"filename": "~/Library/SMS/Attachments/aa/" + c.file, "transfer_name": c.title, "mime_type": c.mime, "uti": c.uti}, "content")
			b := p.backup(t)
			if folder, _, deep := strings.Cut(c.file, "/"); deep { // the database names the folder
				p.sql.WriteString("UPDATE attachment SET filename = '~/Library/SMS/Attachments/aa/" + folder + "';")
				b = p.backup(t)
			}
			all := viewtest.Files(t, open(t, b))
			if all["a@example.com/attachments/"+c.want] != "content" || !strings.Contains(all["a@example.com/conversation.html"], c.html) {
				t.Errorf("%q", all)
			}
		})
	}
}

// A row of message_attachment_join that is there twice tells its attachment once.
func TestAttachmentJoinedTwice(t *testing.T) {
	p := newPhone(columns18)
	p.handle(1, "a@example.com", "iMessage", "")
	p.chat(1, "a@example.com", "iMessage", "", 1)
	p.say(1, "01-01 10:00", 1, row{"text": "look"})
	p.attach(row{"filename": "~/Library/SMS/Attachments/aa/a.txt", "transfer_name": "a.txt"}, "content")
	p.attach(row{"filename": "~/Library/SMS/Attachments/aa/a.txt", "transfer_name": "a.txt"}, "") // sent twice
	for range 2 {
		p.insert("message_attachment_join", row{"message_id": p.rows, "attachment_id": 1})
	}
	text := viewtest.Files(t, open(t, p.backup(t)))["a@example.com/conversation.txt"]
	if !strings.Contains(text, "look [attachments/a.txt] [attachments/a (2).txt]\n") {
		t.Errorf("%s", text)
	}
}

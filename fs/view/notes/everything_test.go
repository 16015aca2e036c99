package notes

import (
	"ibfs/backupfmt/backuptest"
)

// everything is a phone with a note of every kind.
func everything(v version) *phone {
	p := newPhone(v)
	cloud := p.add("ICAccount", row{"ZNAME": "iCloud", "ZIDENTIFIER": "Local"})
	local := p.add("ICAccount", row{"ZIDENTIFIER": "Second"})
	notes := p.add("ICFolder", row{"ZTITLE2": "Notes", "ZOWNER": cloud, "ZIDENTIFIER": "DefaultFolder"})
	bin := p.add("ICFolder", row{"ZTITLE2": "Papierkorb", "ZOWNER": cloud, "ZIDENTIFIER": "TrashFolder-CloudKit", "ZFOLDERTYPE": 1})
	trips := p.add("ICFolder", row{"ZTITLE2": "Trips/Ideas", "ZOWNER": cloud, "ZPARENT": notes})
	p.add("ICFolder", row{"ZTITLE2": "Empty", "ZOWNER": cloud})
	round := p.add("ICFolder", row{"ZTITLE2": "Round", "ZOWNER": cloud, "ZPARENT": trips + 3})
	p.add("ICFolder", row{"ZTITLE2": "And round", "ZOWNER": cloud, "ZPARENT": round})
	own := p.add("ICFolder", row{"ZTITLE2": "Notes", "ZOWNER": local})

	p.note(cloud, notes, 1, "Formats", document(textOf(
		say("Formats 👋\n", styled(0, 0)), say("Heading\n", styled(1, 0)), say("Subheading\n", styled(2, 0)),
		say("Plain, "), say("bold", message{}.num(5, 1)), say(", "), say("italic", message{}.num(5, 2)), say(", "), say("both", message{}.num(5, 3)), say(", "),
		say("under", message{}.num(6, 1)), say(", "), say("struck", message{}.num(7, 1)), say(", x"), say("2", message{}.num(8, 1)), say(", H"), say("2", message{}.num(8, -1)),
		say("O, "), say("marked", message{}.num(14, 2)), say(", "), say("a link", message{}.text(9, "https://example.com/a(b)?c=<d>")), say(", "), say("a trap", message{}.text(9, "javascript:alert(1)")), say("\n"),
		say("Dotted\n", styled(100, 0)), say("Deeper\n", styled(100, 1)), say("Dashed\n", styled(101, 0)), say("First\n", styled(102, 0)), say("Second\n", styled(102, 0)),
		say("code {\n", styled(4, 0)), say("\t```\n", styled(4, 0)), say("}\n", styled(4, 0)),
		say("Quoted\n", styled(3, 0, message{}.num(8, 1))), say("In the middle\n", styled(3, 0, message{}.num(2, 1))),
		say("1. no list\n"), say("# no *heading* <b>\n"), say("last"),
	)), row{"ZISPINNED": 1})
	p.note(cloud, notes, 2, "Shopping", document(textOf(
		say("Shopping\n", styled(0, 0)), say("Milk\n", styled(103, 0, checked(1))), say("Eggs\n", styled(103, 0, checked(0))), say("brown ones", styled(103, 1, checked(0))),
	)), nil)

	n := p.note(cloud, trips, 3, "With files", document(textOf(
		say("With files\n", styled(0, 0)), stands("PHOTO", "public.jpeg"), say("\nbetween "), stands("FILM", "com.apple.quicktime-movie"), say("\n"),
		stands("TABLE", "com.apple.notes.table"), say("\n"), stands("RTL", "com.apple.notes.table"), say("\n"), stands("URL", "public.url"), say("\n"), stands("SCANS", "com.apple.notes.gallery"), say("\n"),
		stands("DRAWING", "com.apple.drawing.2"), say("\n"), stands("PAPER", "com.apple.paper.doc.scan"), say("\n"), say("See "), stands("TAG", "com.apple.notes.inlinetextattachment.hashtag"), say(" and "),
		stands("GONE", "public.png"), say(", "), stands("UNKNOWN", "com.adobe.pdf"),
	)), nil)
	p.file(n, "PHOTO", "public.jpeg", "photo.jpg", "a photo", nil)
	p.file(n, "FILM", "com.apple.quicktime-movie", "film?.mov", "a film", nil)
	p.add("ICAttachment", row{"ZIDENTIFIER": "TABLE", "ZTYPEUTI": "com.apple.notes.table", "ZNOTE": n, p.table: grid(false, []string{"Name", "Age | years"}, []string{"Anna\nB.", "<7>"}, []string{"", "👋"})})
	p.add("ICAttachment", row{"ZIDENTIFIER": "RTL", "ZTYPEUTI": "com.apple.notes.table", "ZNOTE": n, p.table: grid(true, []string{"אחת", "שתיים"})})
	p.add("ICAttachment", row{"ZIDENTIFIER": "URL", "ZTYPEUTI": "public.url", "ZNOTE": n, "ZURLSTRING": "https://example.org/", "ZTITLE": "An example"})
	scans := p.add("ICAttachment", row{"ZIDENTIFIER": "SCANS", "ZTYPEUTI": "com.apple.notes.gallery", "ZNOTE": n, "ZTITLE": "Contract", p.table: gallery("SCAN-2", "SCAN-1")})
	p.file(n, "SCAN-2", "public.jpeg", "Page.jpg", "page 2", row{"ZPARENTATTACHMENT": scans})
	p.file(n, "SCAN-1", "public.jpeg", "Page.jpg", "page 1", row{"ZPARENTATTACHMENT": scans})
	p.add("ICAttachment", row{"ZIDENTIFIER": "DRAWING", "ZTYPEUTI": "com.apple.drawing.2", "ZNOTE": n, "ZFALLBACKIMAGEGENERATION": "1_IMG"})
	p.add("ICAttachment", row{"ZIDENTIFIER": "PAPER", "ZTYPEUTI": "com.apple.paper.doc.scan", "ZNOTE": n, "ZTITLE": "Letter", "ZFALLBACKPDFGENERATION": "1_PDF"})
	if p.dated {
		p.blob("FallbackImages/DRAWING/1_IMG/FallbackImage.png", "a drawing")
		p.blob("FallbackPDFs/PAPER/1_PDF/FallbackPDF.pdf", "a letter")
	} else {
		p.blob("FallbackImages/DRAWING.png", "a drawing")
		p.blob("FallbackPDFs/PAPER.pdf", "a letter")
	}
	p.add("ICInlineAttachment", row{"ZIDENTIFIER": "TAG", "ZTYPEUTI1": "com.apple.notes.inlinetextattachment.hashtag", "ZNOTE1": n, "ZALTTEXT": "#hiking"})
	p.add("ICAttachment", row{"ZIDENTIFIER": "GONE", "ZTYPEUTI": "public.png", "ZNOTE": n, "ZTITLE": "lost.png"})
	p.file(n, "LOOSE", "com.adobe.pdf", "loose.pdf", "not in the text", nil)
	p.file(n, "DELETED", "com.adobe.pdf", "deleted.pdf", "deleted", row{"ZMARKEDFORDELETION": 1})

	locked := p.note(cloud, notes, 4, "Secret", []byte("\x25\xff\x27cipher"), row{"ZISPASSWORDPROTECTED": 1})
	p.file(locked, "CIPHER", "public.jpeg", "cipher.jpg", "cipher", nil)
	p.note(cloud, bin, 5, "Old", document(textOf(say("Old"))), nil)
	p.note(cloud, notes, 6, "Deleted for good", document(textOf(say("no"))), row{"ZMARKEDFORDELETION": 1})
	p.note(cloud, round, 7, "Lost in a circle", document(textOf(say("still here"))), nil)
	p.note(local, own, 8, "Shopping", document(textOf(say("Another account"))), nil)
	p.note(cloud, notes, 9, "shopping", document(textOf(say("Another case"))), nil)
	p.note(cloud, 0, 10, "", document(textOf(say("\n  \nThe first line is the title\nthe second is not"))), nil)
	p.note(cloud, notes, 11, "In iCloud", nil, row{"ZNEEDSINITIALFETCHFROMCLOUD": 1, "ZSNIPPET": "It begins"})
	p.note(0, 0, 12, "", nil, nil)
	p.note(cloud, notes, 13, "Damaged", []byte("no gzip"), nil)
	p.note(cloud, notes, 14, "../../etc/passwd\x00\u202e", document(textOf(say("a name"))), nil)
	return p
}

// old is a notes.sqlite.
func old() (backuptest.File, error) {
	db, err := backuptest.Database(oldSQL)
	return backuptest.File{Domain: oldDomain, Path: oldPath, Content: db}, err
}

const oldSQL = `
CREATE TABLE ZACCOUNT (Z_PK INTEGER PRIMARY KEY, ZNAME VARCHAR);
CREATE TABLE ZSTORE (Z_PK INTEGER PRIMARY KEY, ZACCOUNT INTEGER, ZNAME VARCHAR);
CREATE TABLE ZNOTE (Z_PK INTEGER PRIMARY KEY, ZDELETEDFLAG INTEGER, ZBODY INTEGER, ZSTORE INTEGER, ZCREATIONDATE TIMESTAMP, ZMODIFICATIONDATE TIMESTAMP, ZSUMMARY VARCHAR, ZTITLE VARCHAR);
CREATE TABLE ZNOTEBODY (Z_PK INTEGER PRIMARY KEY, ZOWNER INTEGER, ZCONTENT VARCHAR);
INSERT INTO ZACCOUNT VALUES (1, 'LOCAL_NOTES_ACCOUNT'), (2, 'anna@example.com');
INSERT INTO ZSTORE VALUES (1, 1, 'LOCAL_NOTES_STORE'), (2, 2, 'Notes');
INSERT INTO ZNOTE VALUES (1, 0, 1, 1, 300000000, 300000001, 'milk', 'Shopping'), (2, 0, 2, 2, 300000002, 300000003, NULL, 'From an e-mail'), (3, 1, 3, 2, 1, 1, NULL, 'Deleted'), (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO ZNOTEBODY VALUES (1, 1, 'Shopping<div>milk &amp; eggs</div><div><br></div><div>bread</div>'),
	(2, 2, '<html><head><style>p{}</style></head><body><p>Dear <b>Anna</b>,</p><ul><li>one</li><li>two<ol><li>three</li></ol></li></ul><a href="https://example.com">a link</a><script>alert(1)</script><pre>a
 b</pre><img src="http://example.com/x.png" onerror="alert(1)"></body></html>'), (3, 3, 'gone');
`

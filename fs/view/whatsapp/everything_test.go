package whatsapp

import "testing"

const (
	anna  = "4917600000001@s.whatsapp.net"
	ben   = "4917600000002@s.whatsapp.net"
	clara = "4917600000003@s.whatsapp.net"
	dev   = "4917600000004@s.whatsapp.net"
	me    = "4917600000009@s.whatsapp.net"
)

// everything is a phone with a message of every kind.
func everything(t testing.TB) *phone {
	p := newPhone()
	p.number = "+49 176 00000009"
	p.beside(t, "ContactsV2.sqlite", `
		CREATE TABLE ZWAADDRESSBOOKCONTACT (Z_PK INTEGER PRIMARY KEY, ZFULLNAME VARCHAR, ZPHONENUMBER VARCHAR, ZWHATSAPPID VARCHAR, ZLID VARCHAR, ZABOUTTEXT VARCHAR);
		INSERT INTO ZWAADDRESSBOOKCONTACT VALUES (1, 'Anna Berg', '+49 176 00000001', '4917600000001@s.whatsapp.net', '100000000000001@lid', 'Hi');`)
	p.beside(t, "LID.sqlite", `
		CREATE TABLE ZWAPHONENUMBERLIDPAIR (Z_PK INTEGER PRIMARY KEY, ZLID VARCHAR, ZPHONENUMBER VARCHAR);
		INSERT INTO ZWAPHONENUMBERLIDPAIR VALUES (1, '100000000000002', '4917600000002');`)
	p.insert("ZWAPROFILEPUSHNAME", row{"ZJID": dev, "ZPUSHNAME": "dev 🧗"})

	// With a person, by number and by what hides it.
	one := p.chat(anna, "\u200eAnna B.")
	p.say(one, "07-14 16:00", -1, row{"ZMESSAGETYPE": 10, "ZGROUPEVENTTYPE": 2, "ZFROMJID": anna})
	hello := p.say(one, "07-14 16:01", -1, row{"ZTEXT": "Hello, see https://example.com/a?b=1&c=2.", "ZFROMJID": anna})
	p.say(one, "07-14 16:02", 0, p.receipt(proto(2, proto(1, "x"), 7, proto(1, proto(1, "s", 2, "4917600000001:4@s.whatsapp.net", 3, "❤️", 4, 1720972900000), 2, proto(1, "s", 2, "👍"))),
		row{"ZTEXT": "Hi! 👋\nHow are you?", "ZTOJID": anna, "ZSTARRED": 1}))
	p.say(one, "07-14 16:03", -1, p.with(row{"ZMETADATA": proto(5, stanza(hello + 1)[:17]+"000", 6, me, 19, proto(1, "Hi! 👋"))}, row{"ZTEXT": "Fine"}))
	p.say(one, "07-14 16:04", -1, p.with(row{"ZMETADATA": proto(5, "3EB0NOTHEREANYMORE00", 6, anna, 19, proto(6, proto(1, "A copy\nof two lines")))}, row{"ZTEXT": "An old one"}))
	p.say(one, "07-14 16:05", 0, row{"ZTEXT": "By row", "ZPARENTMESSAGE": hello})
	p.say(one, "07-14 16:06", 0, row{"ZTEXT": "To what is gone", "ZPARENTMESSAGE": 9999})
	p.file("Message/Media/"+anna+"/a/b/photo-1.jpg", "\xff\xd8\xffphoto")
	p.say(one, "07-14 16:07", -1, p.with(row{"ZMEDIALOCALPATH": "Media/" + anna + "/a/b/photo-1.jpg", "ZTITLE": "A caption", "ZVCARDSTRING": "image/jpeg"}, row{"ZMESSAGETYPE": 1, "ZFLAGS": 128}))
	p.file("Message/Media/"+anna+"/a/c/clip.mp4", "video")
	p.say(one, "07-14 16:08", 0, p.with(row{"ZMEDIALOCALPATH": "/Media/" + anna + "/a/c/clip.mp4"}, row{"ZMESSAGETYPE": 2}))
	p.file("Message/Media/"+anna+"/a/d/note.opus", "sound")
	p.say(one, "07-14 16:09", -1, p.with(row{"ZMEDIALOCALPATH": "Media/" + anna + "/a/d/note.opus", "ZMOVIEDURATION": 12}, row{"ZMESSAGETYPE": 3}))
	p.say(one, "07-14 16:10", -1, p.with(row{"ZVCARDNAME": "Ben Okafor_$!<Name-Separator>!$_Dev",
		"ZVCARDSTRING": "BEGIN:VCARD\r\nFN:Ben Okafor\r\nitem1.TEL;waid=1:+49 176 00000002\r\nEND:VCARD_$!<VCard-Separator>!$_BEGIN:VCARD\nTEL:110\nEND:VCARD"}, row{"ZMESSAGETYPE": 4}))
	p.say(one, "07-14 16:11", -1, p.with(row{"ZLATITUDE": 52.52, "ZLONGITUDE": 13.405, "ZTITLE": "Alexanderplatz"}, row{"ZMESSAGETYPE": 5}))
	p.say(one, "07-14 16:12", -1, p.with(row{"ZTITLE": "An example"}, row{"ZMESSAGETYPE": 7, "ZTEXT": "https://example.com"}))
	p.file("Message/Media/"+anna+"/a/e/5d8a.pdf", "%PDF")
	p.say(one, "07-14 16:13", -1, p.with(row{"ZMEDIALOCALPATH": "Media/" + anna + "/a/e/5d8a.pdf", "ZTITLE": "Invoice 07/24.pdf"}, row{"ZMESSAGETYPE": 8, "ZTEXT": "please pay"}))
	p.say(one, "07-14 16:14", 0, p.with(row{"ZMEDIALOCALPATH": "Media/" + anna + "/a/f/gone.mp4", "ZTITLE": "so funny"}, row{"ZMESSAGETYPE": 11}))
	p.file("Message/Media/"+anna+"/a/g/sticker.", "RIFF")
	p.say(one, "07-14 16:15", -1, p.with(row{"ZMEDIALOCALPATH": "Media/" + anna + "/a/g/sticker.", "ZVCARDSTRING": "image/webp"}, row{"ZMESSAGETYPE": 15}))
	p.say(one, "07-14 16:16", -1, row{"ZMESSAGETYPE": 14})
	p.say(one, "07-14 16:17", 0, row{"ZMESSAGETYPE": 14})
	p.say(one, "07-14 16:18", -1, p.receipt(proto(8, proto(1, "x", 2, "Pizza or <b>soup</b>?", 3, proto(1, "Pizza"), 3, proto(1, "Soup", 2, 7))), row{"ZMESSAGETYPE": 46}))
	p.say(one, "07-14 16:18", -1, row{"ZMESSAGETYPE": 66, "ZTEXT": "a vote"})
	p.say(one, "07-14 16:19", 0, p.with(row{"ZMETADATA": proto(87, proto(1, proto(1, 1, 2, 0, 3, 185)))}, row{"ZMESSAGETYPE": 59}))
	p.say(one, "07-14 16:20", -1, p.with(row{"ZMETADATA": proto(87, proto(1, proto(2, 4)))}, row{"ZMESSAGETYPE": 59}))
	p.say(one, "07-14 16:21", -1, row{"ZMESSAGETYPE": 10, "ZGROUPEVENTTYPE": 4})
	p.say(one, "07-14 16:22", -1, row{"ZMESSAGETYPE": 77})
	p.say(one, "07-14 16:23", -1, row{"ZMESSAGETYPE": 10, "ZGROUPEVENTTYPE": 99})
	p.say(one, "07-14 16:24", -1, row{"ZMESSAGETYPE": 12})
	p.say(one, "07-14 16:25", -1, p.with(row{"ZMETADATA": proto(24, proto(1, proto(2, "Your order is on its way", 7, "Reply STOP")))}, row{"ZMESSAGETYPE": 19}))
	p.say(one, "07-14 16:26", -1, p.with(row{"ZMETADATA": proto(36, 604800)}, row{"ZMESSAGETYPE": 28}))
	p.say(one, "07-14 16:27", -1, p.with(row{"ZMETADATA": proto(28, proto(4, "Chess"))}, row{"ZMESSAGETYPE": 27}))
	p.say(one, "07-14 16:28", -1, row{"ZMESSAGETYPE": 38})
	hidden := p.chat("100000000000001@lid", "~Anna")
	p.say(hidden, "07-14 16:30", -1, row{"ZTEXT": "By hidden number"})

	// A group and its life.
	group := p.chat("120363000000000001@g.us", "Climbers / Thursday")
	b, c, d := p.member(group, "100000000000002@lid", "Ben"), p.member(group, clara, "+49 176 00000003"), p.member(group, dev, "")
	own := p.member(group, me, "")
	p.say(group, "07-15 08:00", b, row{"ZMESSAGETYPE": 6, "ZGROUPEVENTTYPE": 12, "ZTEXT": "Climbers"})
	p.say(group, "07-15 08:01", c, row{"ZMESSAGETYPE": 6, "ZGROUPEVENTTYPE": 2, "ZTEXT": ben})
	p.say(group, "07-15 08:02", b, row{"ZMESSAGETYPE": 6, "ZGROUPEVENTTYPE": 50, "ZTEXT": ben + ";" + dev + "," + me})
	p.say(group, "07-15 08:03", b, row{"ZMESSAGETYPE": 6, "ZGROUPEVENTTYPE": 1, "ZTEXT": "Climbers / Thursday"})
	p.say(group, "07-15 08:04", 0, row{"ZMESSAGETYPE": 6, "ZGROUPEVENTTYPE": 4})
	p.say(group, "07-15 08:05", d, row{"ZTEXT": "From Dev"})
	p.say(group, "07-15 08:06", c, row{"ZTEXT": "From Clara"})
	p.say(group, "07-15 08:07", b, p.receipt(proto(7, proto(1, proto(2, clara, 3, "😂"), 1, proto(2, dev, 3, "😂"))), row{"ZTEXT": "From Ben"}))
	p.say(group, "07-15 08:08", 0, row{"ZTEXT": "From me"})
	p.say(group, "07-15 08:09", c, row{"ZMESSAGETYPE": 6, "ZGROUPEVENTTYPE": 3})
	p.say(group, "07-15 08:10", d, row{"ZMESSAGETYPE": 6, "ZGROUPEVENTTYPE": 7, "ZTEXT": ben})
	p.say(group, "07-15 08:11", own, row{"ZMESSAGETYPE": 6, "ZGROUPEVENTTYPE": 10})
	p.say(group, "07-15 08:12", b, row{"ZMESSAGETYPE": 6, "ZGROUPEVENTTYPE": 77, "ZTEXT": "?"})
	p.say(group, "07-15 08:13", 99, row{"ZTEXT": "Who am I?"})
	p.say(group, "07-15 08:14", b, row{"ZMESSAGETYPE": 6, "ZGROUPEVENTTYPE": 56, "ZTEXT": `{"new_subject":"Boulderers","author":"` + dev + `"}`})

	// Two people of one name, and one of none.
	p.say(p.chat("15550100@s.whatsapp.net", "Kim"), "03-01 11:00", -1, row{"ZTEXT": "First Kim"})
	p.say(p.chat("15550101@s.whatsapp.net", "KIM"), "03-01 11:01", -1, row{"ZTEXT": "Second Kim"})
	p.say(p.chat("15550102@s.whatsapp.net", "+1 555 0102"), "03-01 11:02", -1, row{"ZTEXT": "Undated", "ZMESSAGEDATE": 0})

	// What is in no chat, in a deleted one, and for everybody.
	p.say(0, "05-01 10:00", -1, row{"ZTEXT": "Lost", "ZFROMJID": ben})
	p.insert("ZWACHATSESSION", row{"ZCONTACTJID": clara, "ZPARTNERNAME": "Clara", "ZSESSIONTYPE": 0, "ZREMOVED": 1})
	p.say(p.rows["ZWACHATSESSION"], "05-01 10:01", -1, row{"ZTEXT": "In a deleted chat"})
	p.insert("ZWACHATSESSION", row{"ZCONTACTJID": "status@broadcast", "ZPARTNERNAME": "", "ZSESSIONTYPE": 3})
	p.say(p.rows["ZWACHATSESSION"], "05-01 10:02", -1, row{"ZTEXT": "My day", "ZFROMJID": ben})
	p.chat("15550199@s.whatsapp.net", "Never said a word")

	p.beside(t, "CallHistory.sqlite", `
		CREATE TABLE ZWAAGGREGATECALLEVENT (Z_PK INTEGER PRIMARY KEY, ZINCOMING INTEGER, ZMISSED INTEGER, ZVIDEO INTEGER);
		CREATE TABLE ZWACDCALLEVENT (Z_PK INTEGER PRIMARY KEY, Z1CALLEVENTS INTEGER, ZOUTCOME INTEGER, ZDATE TIMESTAMP, ZDURATION FLOAT, ZBYTESRECEIVED FLOAT, ZBYTESSENT FLOAT,
			ZCALLIDSTRING VARCHAR, ZGROUPCALLCREATORUSERJIDSTRING VARCHAR, ZGROUPJIDSTRING VARCHAR);
		CREATE TABLE ZWACDCALLEVENTPARTICIPANT (Z_PK INTEGER PRIMARY KEY, Z1PARTICIPANTS INTEGER, ZOUTCOME INTEGER, ZJIDSTRING VARCHAR);
		INSERT INTO ZWAAGGREGATECALLEVENT VALUES (1, 0, 0, 1), (2, 1, 1, 0), (3, 1, 0, 0);
		INSERT INTO ZWACDCALLEVENT VALUES (1, 1, 0, 742666740, 185.4, 5000, 5000, 'A', NULL, NULL), (2, 2, 1, 742666800, 0, 0, 0, 'B', '4917600000001@s.whatsapp.net', NULL),
			(3, 3, 0, 742666900, 60, 0, 0, 'C', '4917600000002@s.whatsapp.net', '120363000000000001@g.us');
		INSERT INTO ZWACDCALLEVENTPARTICIPANT VALUES (1, 1, 0, '4917600000001@s.whatsapp.net'), (2, 2, 1, '100000000000001@lid'), (3, 3, 0, '4917600000002@s.whatsapp.net'),
			(4, 3, 0, '4917600000004@s.whatsapp.net'), (5, 3, 0, '4917600000009@s.whatsapp.net');`)
	return p
}

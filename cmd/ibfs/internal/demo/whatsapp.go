package demo

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"ibfs/backupfmt/backuptest"
)

const (
	whatsApp       = "net.whatsapp.WhatsApp"
	whatsAppGroup  = "group.net.whatsapp.WhatsApp.shared"
	whatsAppPlugin = "net.whatsapp.WhatsApp.ShareExtension"

	whatsAppBusiness      = "net.whatsapp.WhatsAppSMB"
	whatsAppBusinessGroup = "group.net.whatsapp.WhatsAppSMB.shared"
)

// whatsAppTalks are those in WhatsApp.
var whatsAppTalks = []talk{
	{with: []string{"Clara"}, said: `
06-22 15:40 Clara: (photo) The tile museum has a cat
06-22 15:44 me: Of course it has
08-20 05:12 me: (photo) Fuji before breakfast
08-20 09:03 Clara: Unfair
08-20 09:05 me: (laugh)
10-12 17:55 Clara: Climbing on Thursday?
10-12 18:01 me: 19.00, I'll bring chalk
11-19 20:14 Clara: So? New York?
11-19 20:20 me: (photo) Big. Loud. Good pizza`},
	{with: []string{"Priya", "Dev", "Imogen"}, title: "Thursday climbers", said: `
09-10 12:00 Priya: Wall is closed this week, they reset the routes
09-10 12:03 Dev: Pub then
09-10 12:03 Imogen: Pub then
09-10 12:10 me: Pub then
10-15 16:31 Imogen: (photo) Look what they built!!
10-15 16:33 me: (reply) Purple one is mine
10-15 16:40 Priya: (love)
10-15 16:41 Dev: (love)
11-12 18:02 Priya: Who still has my left shoe
11-12 18:40 me: Why only the left`},
}

// businessTalks are those in WhatsApp Business, where Anna sells prints.
var businessTalks = []talk{
	{with: []string{"Fatima"}, said: `
10-14 09:12 Fatima: Do you sell prints of the balloons? For the studio's hall
10-14 09:20 me: I do. 60 x 90, two weeks
10-14 09:21 Fatima: Two of them then, the yellow one and the one with the dog
11-02 15:40 me: (photo) Ready to be picked up
11-02 15:44 Fatima: (love)`},
}

// What kinds of messages WhatsApp has.
const (
	whatsAppText  = 0
	whatsAppImage = 1
)

// whatsAppFiles are WhatsApp's: its chats and what came with them in its group,
// its settings in the app and in its plug-in.
func whatsAppFiles(p *phone) ([]backuptest.File, error) {
	chats, err := whatsAppChats(p, whatsAppGroup, whatsAppTalks)
	if err != nil {
		return nil, err
	}
	app, err := preferences("AppDomain-"+whatsApp, whatsApp, p.now, map[string]any{
		"FirstRunDone": true, "OwnJabberID": jid(people[0]), "AutoDownloadPhotos": 1, "SaveToCameraRoll": true,
	})
	if err != nil {
		return nil, err
	}
	plugin, err := preferences("AppDomainPlugin-"+whatsAppPlugin, whatsAppPlugin, p.now, map[string]any{"LastShareCount": 3})
	if err != nil {
		return nil, err
	}
	shared := backuptest.File{
		Domain: "AppDomain-" + whatsApp, Path: "Documents/Shared media",
		Target: groupContainer(whatsAppGroup) + "/Message/Media",
	}
	return append(chats, app, plugin, shared), nil
}

// whatsAppBusinessFiles are the same of WhatsApp Business.
func whatsAppBusinessFiles(p *phone) ([]backuptest.File, error) {
	chats, err := whatsAppChats(p, whatsAppBusinessGroup, businessTalks)
	if err != nil {
		return nil, err
	}
	app, err := preferences("AppDomain-"+whatsAppBusiness, whatsAppBusiness, p.now, map[string]any{"FirstRunDone": true})
	return append(chats, app), err
}

// whatsAppChats are the chats of one edition, which lie in its group.
func whatsAppChats(p *phone, group string, talks []talk) ([]backuptest.File, error) {
	w := whatsAppBook{script: newScript(whatsAppSchema), phone: p, domain: "AppDomainGroup-" + group, members: map[string]int{}, numbers: map[string]int{}, reactions: map[int][]byte{}}
	for i, name := range []string{"WAChatSession", "WAGroupMember", "WAMediaItem", "WAMessage", "WAMessageInfo"} {
		w.insert("Z_PRIMARYKEY", "Z_ENT, Z_NAME, Z_SUPER, Z_MAX", i+1, name, 0, 0)
	}
	for i, t := range talks {
		w.addSession(i+1, t)
	}
	all := p.said(talks)
	for _, msg := range all {
		w.addMessage(msg)
	}
	w.addReactions()
	db, err := w.database(w.domain, "ChatStorage.sqlite", all[len(all)-1].at)
	return append([]backuptest.File{db}, w.files...), err
}

// A whatsAppBook is ChatStorage.sqlite in the making.
type whatsAppBook struct {
	*script
	phone     *phone
	domain    string
	members   map[string]int // by the member's JID
	numbers   map[string]int // of messages, by their guid
	media     int
	reactions map[int][]byte // of the message of a number, as the app keeps them
	files     []backuptest.File
}

// jid is a person's address in WhatsApp.
func jid(p person) string { return strings.TrimPrefix(p.phone, "+") + "@s.whatsapp.net" }

// jid is the address of a talk.
func (t talk) jid() string {
	if t.title != "" {
		return fmt.Sprintf("%d@g.us", seed(t.title)>>3)
	}
	return jid(personOf(t.with[0]))
}

func (w *whatsAppBook) addSession(number int, t talk) {
	name, kind := personOf(t.with[0]).name(), 0
	if t.title != "" {
		name, kind = t.title, 1
		for _, first := range t.with {
			p := personOf(first)
			w.members[jid(p)] = len(w.members) + 1
			w.insert("ZWAGROUPMEMBER", "Z_PK, Z_ENT, Z_OPT, ZISACTIVE, ZCHATSESSION, ZCONTACTNAME, ZFIRSTNAME, ZMEMBERJID",
				len(w.members), 2, 1, 1, number, p.name(), p.first, jid(p))
		}
	}
	w.insert("ZWACHATSESSION", "Z_PK, Z_ENT, Z_OPT, ZARCHIVED, ZREMOVED, ZSESSIONTYPE, ZCONTACTJID, ZPARTNERNAME",
		number, 1, 1, 0, 0, kind, t.jid(), name)
}

func (w *whatsAppBook) addMessage(msg message) {
	switch msg.kind {
	case "love":
		w.react(msg, "❤️")
		return
	case "laugh":
		w.react(msg, "😂")
		return
	}
	number := len(w.numbers) + 1
	w.numbers[msg.guid] = number
	kind, text, media := whatsAppText, any(msg.text), any(nil)
	switch msg.kind {
	case "photo":
		kind, text, media = whatsAppImage, nil, w.attach(number, msg)
	case "reply":
		media = w.quote(number, msg)
	}
	from, to, member := any(msg.jid()), any(nil), any(nil)
	if msg.from == "me" {
		from, to = nil, from
	} else if msg.title != "" {
		member = w.members[jid(personOf(msg.from))]
	}
	w.insert("ZWAMESSAGE", "Z_PK, Z_ENT, Z_OPT, ZISFROMME, ZMESSAGESTATUS, ZMESSAGETYPE, ZSORT, ZSTARRED, ZCHATSESSION, ZGROUPMEMBER, "+
		"ZMEDIAITEM, ZMESSAGEDATE, ZSENTDATE, ZFROMJID, ZTOJID, ZSTANZAID, ZTEXT",
		number, 4, 1, msg.from == "me", 8, kind, number, 0, msg.chat, member, media, cocoa(msg.at), cocoa(msg.at), from, to, stanza(msg.guid), text)
	fmt.Fprintf(&w.text, "UPDATE ZWACHATSESSION SET ZLASTMESSAGE = %d, ZLASTMESSAGEDATE = %s WHERE Z_PK = %d;\n",
		number, literal(cocoa(msg.at)), msg.chat)
}

// stanza is what the service calls a message.
func stanza(guid string) string { return strings.ReplaceAll(uuid("stanza", guid), "-", "")[:20] }

// attach adds the photo of a message and returns its number.
func (w *whatsAppBook) attach(number int, msg message) int {
	w.media++
	photo := w.phone.lastPhoto(msg.at)
	id := strings.ToLower(uuid("media", msg.guid))
	file := path.Join("Media", msg.jid(), id[:1], id[1:2], id+".jpg")
	w.files = append(w.files, backuptest.File{Domain: w.domain, Path: path.Join("Message", file), Content: photo.Content, ModTime: msg.at})
	w.insert("ZWAMEDIAITEM", "Z_PK, Z_ENT, Z_OPT, ZFILESIZE, ZMESSAGE, ZMEDIALOCALPATH, ZTITLE, ZVCARDSTRING",
		w.media, 3, 1, len(photo.Content), number, file, orNull(msg.text), "image/jpeg")
	return w.media
}

// quote adds what a reply quotes and returns its number: field 5 is the stanza,
// 6 the sender.
func (w *whatsAppBook) quote(number int, msg message) int {
	w.media++
	quoted := people[0]
	if msg.about.from != "me" {
		quoted = personOf(msg.about.from)
	}
	w.insert("ZWAMEDIAITEM", "Z_PK, Z_ENT, Z_OPT, ZMESSAGE, ZMETADATA", w.media, 3, 1, number,
		bytesField(bytesField(nil, 5, stanza(msg.targetGUID)), 6, jid(quoted)))
	return w.media
}

// react notes a reaction: field 1 is another's, with the JID in 2 and the emoji
// in 3; field 2 is one's own, with the emoji in 2.
func (w *whatsAppBook) react(msg message, emoji string) {
	number := w.numbers[msg.targetGUID]
	field, of := protowire.Number(2), bytesField(nil, 2, emoji)
	if msg.from != "me" {
		field, of = 1, bytesField(bytesField(nil, 2, jid(personOf(msg.from))), 3, emoji)
	}
	w.reactions[number] = bytesField(w.reactions[number], field, string(of))
}

// addReactions gives messages their receipts, which have the reactions in
// field 7.
func (w *whatsAppBook) addReactions() {
	for i, number := range slices.Sorted(maps.Keys(w.reactions)) {
		w.insert("ZWAMESSAGEINFO", "Z_PK, Z_ENT, Z_OPT, ZMESSAGE, ZRECEIPTINFO", i+1, 5, 1, number, bytesField(nil, 7, string(w.reactions[number])))
		fmt.Fprintf(&w.text, "UPDATE ZWAMESSAGE SET ZMESSAGEINFO = %d WHERE Z_PK = %d;\n", i+1, number)
	}
}

func bytesField(b []byte, n protowire.Number, value string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), value)
}

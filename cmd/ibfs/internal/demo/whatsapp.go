package demo

import (
	"fmt"
	"path"
	"strings"

	"ibfs/backupfmt/backuptest"
)

const (
	whatsApp       = "net.whatsapp.WhatsApp"
	whatsAppGroup  = "group.net.whatsapp.WhatsApp.shared"
	whatsAppPlugin = "net.whatsapp.WhatsApp.ShareExtension"
)

// whatsAppTalks are those in WhatsApp.
var whatsAppTalks = []talk{
	{with: []string{"Clara"}, said: `
06-22 15:40 Clara: (photo) The tile museum has a cat
06-22 15:44 me: Of course it has
08-20 05:12 me: (photo) Fuji before breakfast
08-20 09:03 Clara: Unfair
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
10-15 16:33 me: Purple one is mine
11-12 18:02 Priya: Who still has my left shoe
11-12 18:40 me: Why only the left`},
}

const (
	whatsAppText  = 0
	whatsAppImage = 1
)

// whatsAppFiles are WhatsApp's: its chats and what came with them in its group,
// its settings in the app and in its plug-in.
func whatsAppFiles(p *phone) ([]backuptest.File, error) {
	w := whatsAppBook{script: newScript(whatsAppSchema), phone: p, members: map[string]int{}}
	for i, name := range []string{"WAChatSession", "WAGroupMember", "WAMediaItem", "WAMessage"} {
		w.insert("Z_PRIMARYKEY", "Z_ENT, Z_NAME, Z_SUPER, Z_MAX", i+1, name, 0, 0)
	}
	for i, t := range whatsAppTalks {
		w.addSession(i+1, t)
	}
	all := p.said(whatsAppTalks)
	for i, msg := range all {
		w.addMessage(i+1, msg)
	}
	db, err := w.database("AppDomainGroup-"+whatsAppGroup, "ChatStorage.sqlite", all[len(all)-1].at)
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
	return append([]backuptest.File{db, app, plugin, shared}, w.files...), nil
}

// A whatsAppBook is ChatStorage.sqlite in the making.
type whatsAppBook struct {
	*script
	phone   *phone
	members map[string]int // by the member's JID
	media   int
	files   []backuptest.File
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

func (w *whatsAppBook) addMessage(number int, msg message) {
	kind, text, media := whatsAppText, any(msg.text), any(nil)
	if msg.kind == "photo" {
		kind, text, media = whatsAppImage, nil, w.attach(number, msg)
	}
	from, to, member := any(msg.jid()), any(nil), any(nil)
	if msg.from == "me" {
		from, to = nil, from
	} else if msg.title != "" {
		member = w.members[jid(personOf(msg.from))]
	}
	stanza := strings.ReplaceAll(uuid("stanza", msg.guid), "-", "")[:20]
	w.insert("ZWAMESSAGE", "Z_PK, Z_ENT, Z_OPT, ZISFROMME, ZMESSAGESTATUS, ZMESSAGETYPE, ZSORT, ZSTARRED, ZCHATSESSION, ZGROUPMEMBER, "+
		"ZMEDIAITEM, ZMESSAGEDATE, ZSENTDATE, ZFROMJID, ZTOJID, ZSTANZAID, ZTEXT",
		number, 4, 1, msg.from == "me", 8, kind, number, 0, msg.chat, member, media, cocoa(msg.at), cocoa(msg.at), from, to, stanza, text)
	fmt.Fprintf(&w.text, "UPDATE ZWACHATSESSION SET ZLASTMESSAGE = %d, ZLASTMESSAGEDATE = %s WHERE Z_PK = %d;\n",
		number, literal(cocoa(msg.at)), msg.chat)
}

// attach adds the photo of a message and returns its number.
func (w *whatsAppBook) attach(number int, msg message) int {
	w.media++
	photo := w.phone.lastPhoto(msg.at)
	id := strings.ToLower(uuid("media", msg.guid))
	file := path.Join("Media", msg.jid(), id[:1], id[1:2], id+".jpg")
	w.files = append(w.files, backuptest.File{
		Domain: "AppDomainGroup-" + whatsAppGroup, Path: path.Join("Message", file), Content: photo.Content, ModTime: msg.at,
	})
	w.insert("ZWAMEDIAITEM", "Z_PK, Z_ENT, Z_OPT, ZFILESIZE, ZMESSAGE, ZMEDIALOCALPATH, ZTITLE, ZVCARDSTRING",
		w.media, 3, 1, len(photo.Content), number, file, orNull(msg.text), "image/jpeg")
	return w.media
}

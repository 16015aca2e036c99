package demo

import (
	"fmt"
	"path"
	"strings"
	"time"

	"ibfs/backupfmt/backuptest"
)

// messages are sms.db and what was sent along.
func messages(p *phone) ([]backuptest.File, error) {
	m := messageBook{script: newScript(messagesSchema), phone: p, handles: map[string]int{}}
	m.insert("_SqliteDatabaseProperties", "key, value", "_ClientVersion", "19005")
	for i, t := range talks {
		if p.has(t.lines()[0].at) {
			m.addChat(i+1, t)
		}
	}
	all := p.said(talks)
	for i, msg := range all {
		m.addMessage(i+1, msg)
	}
	db, err := m.database("HomeDomain", "Library/SMS/sms.db", all[len(all)-1].at)
	return append([]backuptest.File{db}, m.files...), err
}

// A messageBook is sms.db in the making. Rows keep their numbers from one
// backup to the next.
type messageBook struct {
	*script
	phone       *phone
	handles     map[string]int // by service and address
	attachments int
	files       []backuptest.File
}

const (
	groupChat  = 43
	directChat = 45
)

func (m *messageBook) addChat(number int, t talk) {
	style, id, mark, room := directChat, "", ";-;", any(nil)
	for _, name := range t.with {
		id = personOf(name).phone
		m.insert("chat_handle_join", "chat_id, handle_id", number, m.handle(id, t.service()))
	}
	if len(t.with) > 1 {
		style, id, mark = groupChat, fmt.Sprintf("chat%d", seed(t.title)>>4), ";+;"
		room = id
	}
	m.insert("chat", "ROWID, guid, style, state, account_id, chat_identifier, service_name, room_name, display_name, group_id, "+
		"original_group_id, last_addressed_handle",
		number, "any"+mark+id, style, 3, uuid("account"), id, t.service(), room, t.title, uuid("group", id), uuid("group", id), people[0].phone)
}

// handle is the number of an address.
func (m *messageBook) handle(address, service string) int {
	key := service + address
	if m.handles[key] == 0 {
		m.handles[key] = len(m.handles) + 1
		m.insert("handle", "ROWID, id, country, service, person_centric_id", m.handles[key], address, "gb", service, uuid("person", address))
	}
	return m.handles[key]
}

// objectReplacement stands in a text for what was sent along.
const objectReplacement = "\uFFFC"

// tapbacks are the kinds of lines that say something of the line before, with
// their associated_message_type. Of "emoji" the text is what was chosen.
var tapbacks = map[string]struct {
	number int
	text   string
}{"love": {2000, "Loved “%s”"}, "laugh": {2003, "Laughed at “%s”"}, "emoji": {2006, "Reacted to “%s”"}}

// addMessage adds one message. Those that Anna sent have their text in
// attributedBody alone, as iOS 16 and later write most.
//
// Its kind is "photo", one of tapbacks, or "reply" to the line before; "edit",
// its text before and behind a bar, and "unsent"; "link" with its title behind
// a bar, "confetti"; "named", "added" and "left" of a group; "deleted".
func (m *messageBook) addMessage(number int, msg message) {
	text, more := msg.text, row{}
	part := attribute{"__kIMMessagePartAttributeName", 0}
	var runs []run
	switch head, tail, _ := strings.Cut(msg.text, " | "); msg.kind {
	case "photo":
		guid := m.attach(number, msg.line)
		runs = append(runs, run{objectReplacement, []attribute{{"__kIMFileTransferGUIDAttributeName", guid}, part}})
		part.value = 1
		more["cache_has_attachments"] = true
	case "reply":
		more["thread_originator_guid"], more["thread_originator_part"] = msg.targetGUID, "0:0:1"
	case "edit":
		text = tail
		more["date_edited"], more["message_summary_info"] = nanoseconds(msg.at)+50e9, edits(msg.at, head, tail)
	case "unsent":
		more["date_edited"], more["date_retracted"], more["message_summary_info"] = nanoseconds(msg.at)+20e9, nanoseconds(msg.at)+20e9, unsent()
	case "link":
		text = head
		more["balloon_bundle_id"], more["payload_data"] = "com.apple.messages.URLBalloonProvider", linkPreview(head, tail)
	case "confetti":
		more["expressive_send_style_id"] = "com.apple.messages.effect.CKConfettiEffect"
	case "named":
		text, more["item_type"], more["group_title"] = "", 2, msg.text
	case "added":
		text, more["item_type"], more["other_handle"] = "", 1, m.handle(personOf(msg.text).phone, msg.service())
	case "left":
		text, more["item_type"] = "", 3
	}
	if t, ok := tapbacks[msg.kind]; ok {
		more["associated_message_type"], more["associated_message_guid"] = t.number, "p:0/"+msg.targetGUID
		if msg.kind == "emoji" {
			more["associated_message_emoji"] = text
		}
		text = fmt.Sprintf(t.text, msg.about.text)
	}
	if text != "" {
		runs = append(runs, run{text, []attribute{part}})
	}
	if len(runs) > 0 {
		more["attributedBody"] = attributedBody(runs...)
	}
	fromMe, handle := msg.from == "me", 0
	if !fromMe {
		handle = m.handle(personOf(msg.from).phone, msg.service())
		if len(runs) > 0 {
			more["text"] = strings.Repeat(objectReplacement, len(runs)-1) + text
		}
	}
	date := nanoseconds(msg.at)
	m.insertRow("message", row{
		"ROWID": number, "guid": msg.guid, "handle_id": handle, "service": msg.service(), "account": "e:" + people[0].email, "date": date,
		"date_read": date + 40e9, "date_delivered": date + 2e9, "is_delivered": 1, "is_finished": 1, "is_from_me": fromMe, "is_read": 1, "is_sent": fromMe,
	}, more)
	if msg.kind == "deleted" {
		m.insert("chat_recoverable_message_join", "chat_id, message_id, delete_date", msg.chat, number, date+3600e9)
		return
	}
	m.insert("chat_message_join", "chat_id, message_id, message_date", msg.chat, number, date)
}

// attach adds the photo of a message, the last one that was taken before it,
// and returns what names it.
func (m *messageBook) attach(message int, l line) string {
	photo := m.phone.lastPhoto(l.at)
	m.attachments++
	guid := "at_0_" + uuid("attachment", fmt.Sprint(m.attachments))
	name, id := path.Base(photo.Path), seed(guid)
	file := fmt.Sprintf("Library/SMS/Attachments/%02x/%02d/%s/%s", id&0xFF, id&0x0F, guid, name)
	m.files = append(m.files, backuptest.File{Domain: "MediaDomain", Path: file, Content: photo.Content, ModTime: l.at})
	m.insert("attachment", "ROWID, guid, original_guid, created_date, filename, uti, mime_type, transfer_state, is_outgoing, transfer_name, total_bytes",
		m.attachments, guid, guid, int64(cocoa(l.at)), "~/"+file, "public.jpeg", "image/jpeg", 5, l.from == "me", name, len(photo.Content))
	m.insert("message_attachment_join", "message_id, attachment_id", message, m.attachments)
	return guid
}

// nanoseconds counts from 2001-01-01 UTC.
func nanoseconds(t time.Time) int64 { return int64(cocoa(t)) * 1e9 }

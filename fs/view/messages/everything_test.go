package messages

// everything is a phone with a message of every kind.
func everything(columns map[string]string) *phone {
	p := newPhone(columns)
	p.files = append(p.files, addressBook([2]string{"Anna", "+4917600000001"}, [2]string{"Ben", "ben@example.com"}, [2]string{"Clara", "+49 176 0000003"}))
	p.handle(1, "+4917600000001", "iMessage", "A")
	p.handle(2, "+4917600000001", "SMS", "A")
	p.handle(3, "ben@example.com", "iMessage", "B")
	p.handle(4, "+491760000003", "RCS", "C")
	p.handle(5, "+15550100", "SMS", "")
	p.handle(6, "other@example.com", "iMessage", "E")
	p.handle(7, "+15550101", "SMS", "E")

	// One person by two services is one conversation.
	p.chat(1, "+4917600000001", "iMessage", "", 1)
	p.chat(2, "+4917600000001", "SMS", "", 2)
	p.say(2, "07-14 15:58", 2, row{"text": "By SMS", "service": "SMS"})
	p.say(2, "07-14 15:59", 0, row{"text": "Not sent", "service": "SMS", "error": 22})
	hello := p.say(1, "07-14 16:00", 1, row{"attributedBody": body(rich{{text: "Hello "}, {text: "there", style: bold}, {text: ", see https://example.com/a?b=1&c=2."}}), "date_read": nano("07-14 16:02")})
	first := p.say(1, "07-14 16:01", 0, row{"text": "Hi! 👋\nHow are you?", "date_delivered": nano("07-14 16:01"), "date_read": nano("07-15 06:00"), "thread_originator_guid": hello, "thread_originator_part": "0:0:5"})
	p.say(1, "07-14 16:02", 1, row{"text": "Loved “Hi!”", "associated_message_guid": "p:0/" + first, "associated_message_type": 2000})
	p.say(1, "07-14 16:03", 0, row{"text": "Liked", "associated_message_guid": "p:0/" + hello, "associated_message_type": 2001})
	p.say(1, "07-14 16:03", 0, row{"text": "Removed", "associated_message_guid": "p:0/" + hello, "associated_message_type": 3001})
	p.say(1, "07-14 16:04", 0, row{"associated_message_guid": "p:0/" + hello, "associated_message_type": 2006, "associated_message_emoji": "🦭"})
	p.say(1, "07-14 16:05", 0, row{"attributedBody": body(rich{{text: "I meant this"}}), "date_edited": nano("07-14 16:06"),
		"message_summary_info": summary(map[int][]string{0: {"I meant that", "I meant\nthis?", "I meant this"}})})
	p.say(1, "07-14 16:07", 1, row{"date_edited": nano("07-14 16:08"), "message_summary_info": summary(nil, 0)})
	p.say(1, "07-14 16:08", 1, row{"attributedBody": body(rich{{text: "\uFFFC", transfer: "at-2"}, {text: "two", part: 1}, {text: "\uFFFC", part: 2, transfer: "at-1"}}), "subject": "Pictures"})
	p.attach(row{"filename": "~/Library/SMS/Attachments/01/01/G1/IMG_0001.HEIC", "transfer_name": "IMG_0001.HEIC"}, "first")
	p.attach(row{"filename": "/var/mobile/Library/SMS/Attachments/02/02/G2/IMG_0001.HEIC", "transfer_name": "IMG_0001.heic"}, "second")
	p.attach(row{"filename": "~/Library/SMS/Attachments/03/03/G3/gone.jpg", "transfer_name": "gone.jpg"}, "")
	p.attach(row{"transfer_name": "never.pdf"}, "")
	p.attach(row{"filename": "~/Library/SMS/Attachments/04/04/G4/x.pluginPayloadAttachment"}, "preview")
	p.say(1, "07-14 16:10", 1, row{"attributedBody": body(rich{{text: "https://example.com"}}), "balloon_bundle_id": "com.apple.messages.URLBalloonProvider", "payload_data": linkPreview("An example", "https://example.com")})
	p.say(1, "07-14 16:11", 0, row{"text": "Surprise", "expressive_send_style_id": "com.apple.messages.effect.CKHappyBirthdayEffect"})
	p.say(1, "07-14 16:12", 1, row{"text": "\uFFFC", "is_audio_message": 1})
	p.attach(row{"filename": "~/Library/SMS/Attachments/05/05/G5/Audio Message.m4a", "transfer_name": "Audio Message.m4a"}, "sound")
	p.say(1, "07-14 16:13", 1, row{"associated_message_guid": "bp:" + guidOf(999), "associated_message_type": 2003, "text": "Laughed at an image"})
	p.say(1, "07-14 16:14", 1, row{"associated_message_guid": hello, "associated_message_type": 2007})
	p.attach(row{"filename": "~/Library/SMS/StickerCache/s.heic", "is_sticker": 1}, "sticker")
	p.say(1, "07-14 16:15", 1, row{"attributedBody": []byte("\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@")})

	// A group, its life, and the same people by another service (FC-14).
	p.chat(3, "chat100", "iMessage", "The gang", 1, 3, 4)
	p.say(3, "07-15 08:00", 0, row{"item_type": 2, "group_title": "The gang"})
	p.say(3, "07-15 08:01", 0, row{"item_type": 1, "group_action_type": 0, "other_handle": 4})
	p.say(3, "07-15 08:02", 3, row{"text": "From Ben"})
	p.say(3, "07-15 08:03", 3, row{"item_type": 3, "group_action_type": 1})
	p.say(3, "07-15 08:04", 4, row{"item_type": 3, "group_action_type": 0})
	p.say(3, "07-15 08:05", 0, row{"item_type": 1, "group_action_type": 1, "other_handle": 1})
	p.say(3, "07-15 08:06", 0, row{"item_type": 4, "share_status": 0})
	p.say(3, "07-15 08:07", 99, row{"text": "Who am I?"})
	p.chat(4, "chat101", "SMS", "", 1, 4)
	p.say(4, "07-15 09:00", 1, row{"text": "Small group", "service": "SMS"})
	p.chat(5, "chat102", "RCS", "", 4, 2)
	p.say(5, "07-15 09:01", 4, row{"text": "The same people", "service": "RCS"})

	// Seconds from before an upgrade, and nothing at all.
	p.chat(6, "+15550100", "SMS", "", 5)
	p.say(6, "01-01 00:00", 5, row{"text": "In seconds", "date": nano("02-29 11:00") / 1e9, "service": "SMS"})
	p.say(6, "03-01 11:00", 5, row{"text": "In nanoseconds", "service": "SMS"})
	p.say(6, "01-01 00:00", 5, row{"text": "Undated", "date": 0, "service": "SMS"})
	p.chat(7, "empty@example.com", "iMessage", "")

	// Two addresses that the phone takes for one person.
	p.chat(8, "other@example.com", "iMessage", "", 6)
	p.chat(9, "+15550101", "SMS", "", 7)
	p.say(8, "04-01 10:00", 6, row{"text": "By mail"})
	p.say(9, "04-01 10:01", 7, row{"text": "By phone", "service": "SMS"})

	// In no chat, and in the bin.
	p.say(0, "05-01 10:00", 5, row{"text": "Lost"})
	p.attach(row{"filename": "~/Library/SMS/Attachments/06/06/G6/lost.txt", "transfer_name": "lost.txt"}, "lost")
	p.say(0, "06-01 10:00", 1, row{"text": "Deleted"})
	if p.columns["chat_recoverable_message_join"] != "" {
		p.insert("chat_recoverable_message_join", row{"chat_id": 1, "message_id": p.rows, "delete_date": nano("06-02 10:00")})
	}
	return p
}

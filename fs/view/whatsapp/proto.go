package whatsapp

import (
	"strings"

	"ibfs/fs/view/wire"
)

// inside is the content of a field that lies in others, the first of each
// number; nil where it is not there.
func inside(b []byte, numbers ...int) []byte {
next:
	for _, n := range numbers {
		for f := range wire.Intact(b) {
			if f.Number == n && f.Bytes != nil {
				b = f.Bytes
				continue next
			}
		}
		return nil
	}
	return b
}

// textIn is the text of such a field.
func textIn(b []byte, numbers ...int) string {
	return strings.ToValidUTF8(string(inside(b, numbers...)), "\uFFFD")
}

// number is the number in a field.
func number(b []byte, n int) (uint64, bool) {
	for f := range wire.Intact(b) {
		if f.Number == n && f.Bytes == nil {
			return f.Value, true
		}
	}
	return 0, false
}

// A receipt is ZRECEIPTINFO, as far as it is known:
//
//	7 reactions { 1 of another { 2 JID  3 emoji } 2 one's own { 2 emoji } }
//	8 poll { 2 question  3 choice { 1 text } }
//
// Source: IPED ExtractorIOS.java; readers of iOS 26 backups agree.
type receipt struct {
	reactions []reaction
	poll      poll
}

type reaction struct {
	jid   string // "" is the phone's owner
	emoji string
}

type poll struct {
	question string
	choices  []string
}

// Bounds of what is shown of one receipt.
const (
	maxReactions = 2000
	maxChoices   = 100
)

func readReceipt(b []byte) (r receipt) {
	for top := range wire.Intact(b) {
		switch top.Number {
		case 7:
			for f := range wire.Intact(top.Bytes) {
				g := reaction{emoji: textIn(f.Bytes, 2)}
				if f.Number == 1 {
					g = reaction{textIn(f.Bytes, 2), textIn(f.Bytes, 3)}
				}
				if (f.Number == 1 && g.jid != "" || f.Number == 2) && g.emoji != "" && len(r.reactions) < maxReactions {
					r.reactions = append(r.reactions, g)
				}
			}
		case 8:
			r.poll.question = textIn(top.Bytes, 2)
			for f := range wire.Intact(top.Bytes) {
				if choice := textIn(f.Bytes, 1); f.Number == 3 && choice != "" && len(r.poll.choices) < maxChoices {
					r.poll.choices = append(r.poll.choices, choice)
				}
			}
		}
	}
	return r
}

// A metadata is ZMETADATA, as far as it is known:
//
//	5 stanza of the message that it replies to  6 JID of who sent that  19 a copy of it
//	24 { 1 { 2, 6, 7 texts of a business's message } }
//	28 { 4 name of a group that one is invited to }
//	36 seconds after which messages disappear
//	87 { 1 { 1 video  3 length in seconds of a call } }
//
// Source: field-cases.md FC-12; IPED ExtractorIOS.java.
type metadata struct {
	stanza, sender, quoted string
	business               []string
	group                  string
	timer                  uint64
	video                  bool
	length                 uint64
}

func readMetadata(b []byte) metadata {
	m := metadata{stanza: textIn(b, 5), sender: textIn(b, 6), group: textIn(b, 28, 4)}
	if m.stanza != "" {
		m.quoted = quotedText(inside(b, 19))
	}
	for _, n := range []int{2, 6, 7} {
		if text := textIn(b, 24, 1, n); text != "" {
			m.business = append(m.business, text)
		}
	}
	m.timer, _ = number(b, 36)
	call := inside(b, 87, 1)
	video, _ := number(call, 1)
	m.video = video != 0
	m.length, _ = number(call, 3)
	return m
}

// quotedText is what a message as the service sends it says.
//
// Source: WhatsApp's own Message: 1 conversation, 3 image { 3 caption },
// 6 extended text { 1 }, 7 document { 3 title }, 9 video { 7 caption }.
func quotedText(b []byte) string {
	for _, where := range [][]int{{1}, {6, 1}, {3, 3}, {9, 7}, {7, 3}} {
		if text := textIn(b, where...); text != "" {
			return text
		}
	}
	for f := range wire.Intact(b) {
		switch f.Number {
		case 3:
			return "[photo]"
		case 4:
			return "[contact]"
		case 5:
			return "[location]"
		case 7:
			return "[document]"
		case 8:
			return "[voice message]"
		case 9:
			return "[video]"
		case 26:
			return "[sticker]"
		}
	}
	return ""
}

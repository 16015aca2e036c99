package whatsapp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/view/transcript"
)

// The values of ZMESSAGETYPE that are told apart. Others are shown as "[type N]".
//
// Source: views.md section 10; IPED ExtractorIOS.java; for those from 53 on,
// readers of backups of 2025 and 2026.
const (
	typeText          = 0
	typePhoto         = 1
	typeVideo         = 2
	typeVoice         = 3
	typeContact       = 4
	typeLocation      = 5
	typeGroupEvent    = 6
	typeLink          = 7
	typeDocument      = 8
	typeEvent         = 10
	typeGIF           = 11
	typeWaiting       = 12
	typeDeleted       = 14
	typeSticker       = 15
	typeInvitation    = 27
	typeTimer         = 28
	typeOncePhoto     = 38
	typeOnceVideo     = 39
	typePoll          = 46
	typeOnceVoice     = 53
	typeVideoNote     = 54
	typeCall          = 59
	typeForwardedText = 32
)

var whats = map[int64]string{
	typeText: "message", typePhoto: "photo", typeVideo: "video", typeVoice: "voice message", typeContact: "contact", typeLocation: "location",
	typeLink: "link", typeDocument: "document", typeGIF: "GIF", typeWaiting: "message that did not arrive yet", typeDeleted: "deleted message",
	typeSticker: "sticker", typeInvitation: "invitation to a group", typeOncePhoto: "photo to be seen once", typeOnceVideo: "video to be seen once",
	typePoll: "poll", typeOnceVoice: "voice message to be heard once", typeVideoNote: "video note", typeCall: "call", typeForwardedText: "message",
	typeGroupEvent: "event", typeEvent: "event", typeTimer: "event",
}

// whatOf is what a message of a type is, in a word.
func whatOf(typ int64) string { return cmp.Or(whats[typ], fmt.Sprintf("type %d", typ)) }

// hasCaption says that the title of a message's media is what was written below.
func hasCaption(typ int64) bool {
	switch typ {
	case typePhoto, typeVideo, typeGIF, typeVideoNote, typeOncePhoto, typeOnceVideo:
		return true
	}
	return false
}

const forwarded = 1 << 7 // of ZFLAGS

// compose makes a message of its row.
func (r *reader) compose(row view.Row, from *quoted) transcript.Message {
	meta := readMetadata(row.Data(colMetadata))
	m := transcript.Message{At: row.Cocoa(colDate), Who: r.who(row), Mine: row.Bool(colMine)}
	if m.Event = r.event(row, meta); m.Event != "" {
		return m
	}
	receipt := readReceipt(row.Data(colReceipt))
	if f := r.file(row); f != nil {
		m.Pieces = append(m.Pieces, transcript.Piece{File: f})
	}
	if text := r.text(row); text != "" {
		m.Pieces = append(m.Pieces, transcript.Piece{Text: text})
	}
	m.Lines = r.lines(row, meta, receipt.poll)
	if len(m.Pieces) == 0 && len(m.Lines) == 0 {
		m.Lines = []string{"[" + whatOf(row.Int(colType)) + "]"}
		if row.Int(colType) == typeText {
			m.Lines = []string{"[no text]"}
		}
	}
	m.Notes = r.notes(row, meta, receipt.reactions, from)
	return m
}

// text is what was written.
func (r *reader) text(row view.Row) string {
	typ := row.Int(colType)
	text, title := strings.TrimSpace(row.Text(colText)), strings.TrimSpace(row.Text(colTitle))
	switch {
	case hasCaption(typ) && title != "" && title != text:
		return strings.TrimSpace(title + "\n" + text)
	case typ == typeDocument && text == title, typ == typePoll, typ == typeContact, typ == typeLocation:
		return "" // it is told with the rest
	}
	return text
}

// file is what was sent along, or why it is not there.
func (r *reader) file(row view.Row) *transcript.File {
	typ := row.Int(colType)
	what := whatOf(typ)
	if typ == typeDocument && row.Text(colTitle) != "" {
		what += " " + line(row.Text(colTitle))
	}
	if s := row.Int(colLength); s > 0 && s < 1e6 && (typ == typeVoice || typ == typeOnceVoice) {
		what += fmt.Sprintf(" (%v)", time.Duration(s)*time.Second)
	}
	if f := r.chat.files[row.Int(colMedia)]; f != nil && f.shown != "" {
		told := attachmentsDir + "/" + f.shown
		if typ == typeVoice {
			told = what + ": " + told
		}
		return &transcript.File{Name: f.shown, Told: told}
	}
	switch {
	case row.Text(colPath) != "":
		return &transcript.File{Told: what + ": not in this backup"}
	case hasCaption(typ), typ == typeVoice, typ == typeDocument, typ == typeSticker, typ == typeOnceVoice:
		return &transcript.File{Told: what + ": not on the phone"}
	}
	return nil
}

// lines are what comes with a message beside its text.
func (r *reader) lines(row view.Row, meta metadata, p poll) []string {
	switch row.Int(colType) {
	case typeLink:
		if title := line(row.Text(colTitle)); title != "" && !strings.Contains(row.Text(colText), title) {
			return []string{title}
		}
	case typeContact:
		return contactLines(row)
	case typeLocation:
		return locationLines(row)
	case typePoll:
		lines := []string{"[poll]"}
		if p.question != "" {
			lines = []string{"Poll: " + p.question}
		}
		for _, c := range p.choices {
			lines = append(lines, "– "+c)
		}
		return lines
	case typeInvitation:
		if meta.group != "" {
			return []string{"[invitation to the group “" + meta.group + "”]"}
		}
	default:
		if row.Text(colText) == "" {
			return meta.business
		}
	}
	return nil
}

// notes are what is told of a message beside what it says.
func (r *reader) notes(row view.Row, meta metadata, reactions []reaction, from *quoted) []transcript.Note {
	var all []transcript.Note
	if text := r.replyTo(row, meta, from); text != "" {
		all = append(all, transcript.Note{Class: "reply", Text: text})
	}
	if row.Int(colFlags)&forwarded != 0 {
		all = append(all, transcript.Note{Class: "status", Text: "forwarded"})
	}
	if row.Bool(colStarred) {
		all = append(all, transcript.Note{Class: "status", Text: "starred"})
	}
	var emoji []string
	who := map[string][]string{}
	for _, g := range reactions {
		name := ownName
		if g.jid != "" {
			name = r.nameOf(g.jid)
		}
		if !slices.Contains(emoji, g.emoji) {
			emoji = append(emoji, g.emoji)
		}
		who[g.emoji] = append(who[g.emoji], name)
	}
	for _, e := range emoji {
		all = append(all, transcript.Note{Class: "tapback", Text: e + " " + strings.Join(who[e], ", ")})
	}
	return all
}

package messages

import (
	"strings"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/view/transcript"
)

// A message is one entry of a conversation as it is shown.
type message struct {
	row     int64
	guid    string
	at      time.Time // zero: unknown
	who     string
	mine    bool
	service string

	subject string
	pieces  []piece
	app     []string // what an app made, in lines
	event   string   // what happened to the conversation: all there is to show
	unsent  int      // parts that the sender took back

	reply    *quote
	edits    []edit
	effect   string
	tapbacks []tapback

	delivered, read, edited, deleted time.Time
	failed                           bool // sending
	spoken                           bool
}

// A piece is a part of a message's content: a text, or what was sent along.
type piece struct {
	text  string
	style transcript.Style
	file  *file
}

// A quote is the start of a message that another replies to.
type quote struct{ who, text string }

// text is the message's text alone.
func (m *message) text() string {
	var b strings.Builder
	for _, p := range m.pieces {
		b.WriteString(p.text)
	}
	return strings.TrimSpace(b.String())
}

// empty says that nothing of the message is left to be shown.
func (m *message) empty() bool {
	return len(m.pieces) == 0 && len(m.app) == 0 && m.event == "" && m.subject == ""
}

const (
	replacement = '\uFFFC' // stands for an attachment
	appMark     = '\uFFFD' // stands for what an app shows
)

// compose makes a message from its row and what was sent along.
func (r *reader) compose(row view.Row, files []file) message {
	m := message{
		row: row.Int(colRow), guid: row.Text(colGUID), at: row.Cocoa(colDate), mine: row.Bool(colFromMe), service: row.Text(colService),
		subject: strings.TrimSpace(row.Text(colSubject)), effect: effectOf(row.Text(colEffect)),
		delivered: row.Cocoa(colDelivered), read: row.Cocoa(colRead), deleted: row.Cocoa(colDeleted), spoken: row.Bool(colAudio),
	}
	m.who = r.who(row)
	m.failed = m.mine && row.Int(colError) != 0 && m.delivered.IsZero()
	if m.event = r.eventOf(row); m.event != "" {
		return m
	}
	text, broken := r.body(row)
	changes := readChanges(row.Data(colSummary))
	if len(text) == 0 {
		text = changes.current()
	}
	m.edits, m.unsent = changes.edits, len(changes.unsent)
	if len(m.edits) > 0 {
		m.edited = row.Cocoa(colEdited)
	}
	balloon := row.Text(colBalloon)
	m.pieces = pieces(text, files, balloon != "")
	if balloon != "" {
		m.app = balloonText(balloon, row.Data(colPayload), m.text())
	}
	switch {
	case !m.empty():
	case m.unsent > 0 || !row.Cocoa(colRetracted).IsZero():
		m.event = r.subject(row) + " unsent a message"
	case broken:
		m.app = []string{badText}
	default:
		m.app = []string{noText}
	}
	return m
}

const (
	noText  = "[no text]"
	badText = "[the text cannot be read]"
)

// body is a message's text: that with looks, or the plain one where there is no
// other or the other is damaged.
func (r *reader) body(row view.Row) (text rich, broken bool) {
	plain := row.Text(colText)
	b := row.Data(colBody)
	if len(b) == 0 {
		return plainText(plain), false
	}
	text, err := readBody(b)
	if err != nil && plain != "" || len(text) == 0 {
		text = plainText(plain)
	}
	return text, err != nil
}

func plainText(s string) rich {
	if s == "" {
		return nil
	}
	return rich{{text: s}}
}

// pieces puts what was sent along where the text has a mark for it, and the
// rest behind it. Files that are hidden are left out, but for stickers.
func pieces(text rich, files []file, app bool) []piece {
	var all []piece
	left := make([]*file, len(files))
	for i := range files {
		left[i] = &files[i]
	}
	take := func(transfer string) {
		for i, f := range left {
			if f != nil && (transfer == "" || f.guid == transfer) {
				left[i] = nil
				if !f.hidden || f.sticker {
					all = append(all, piece{file: f})
				}
				return
			}
		}
	}
	for _, r := range text {
		rest := r.text
		if app {
			rest = strings.Map(func(c rune) rune {
				if c == appMark {
					return -1
				}
				return c
			}, rest)
		}
		for {
			before, after, mark := strings.Cut(rest, string(replacement))
			if before != "" {
				all = append(all, piece{text: before, style: r.style})
			}
			if !mark {
				break
			}
			take(r.transfer)
			rest = after
		}
	}
	for range left {
		take("")
	}
	if onlySpace(all) {
		return nil
	}
	return all
}

func onlySpace(all []piece) bool {
	for _, p := range all {
		if p.file != nil || strings.TrimSpace(p.text) != "" {
			return false
		}
	}
	return true
}

// effectOf is the name of an effect that a message was sent with, from
// "com.apple.MobileSMS.expressivesend.impact" or "com.apple.messages.effect.CKConfettiEffect".
func effectOf(id string) string {
	name := id[strings.LastIndexByte(id, '.')+1:]
	switch name {
	case "":
		return ""
	case "impact":
		return "slam"
	case "invisibleink":
		return "invisible ink"
	case "CKHappyBirthdayEffect":
		return "balloons"
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "CK"), "Effect")
	var b strings.Builder
	for i, c := range name {
		if i > 0 && c >= 'A' && c <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return strings.ToLower(b.String())
}

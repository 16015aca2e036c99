package messages

import (
	"time"

	"ibfs/fs/view/transcript"
)

// attachmentsDir is the folder beside a page with what was sent along.
const attachmentsDir = "attachments"

// transcript is a page as it is written, with times of a zone.
func (p *page) transcript(zone *time.Location) *transcript.Page {
	out := &transcript.Page{Title: p.title(), About: p.about(), Lost: p.lost, Zone: zone, Folder: attachmentsDir}
	out.Messages = make([]transcript.Message, 0, len(p.messages))
	for i := range p.messages {
		out.Messages = append(out.Messages, p.messages[i].transcript(zone))
	}
	return out
}

func (m *message) transcript(zone *time.Location) transcript.Message {
	out := transcript.Message{At: m.at, Who: m.who, Mine: m.mine, Event: m.event, Subject: m.subject, Lines: m.app, Notes: m.notes(zone)}
	if m.service != "iMessage" {
		out.Via = m.service
	}
	if m.mine && m.service == "SMS" {
		out.Kind = "sms"
	}
	for _, p := range m.pieces {
		piece := transcript.Piece{Text: p.text, Style: p.style}
		if p.file != nil {
			piece.File = &transcript.File{Name: p.file.shown, Told: p.file.told(m.spoken)}
		}
		out.Pieces = append(out.Pieces, piece)
	}
	return out
}

// told is what a file is in a text: where it lies, or that it is not there.
func (f *file) told(spoken bool) string {
	text := f.label()
	switch {
	case f.sticker:
		return text
	case f.shown != "":
		text = attachmentsDir + "/" + f.shown
	case f.missing != "":
		text += ": " + f.missing
	}
	if spoken {
		return "spoken message: " + text
	}
	return text
}

package whatsapp

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"ibfs/fs/view"
)

// The values of ZGROUPEVENTTYPE in a message of type 6, with what they say of
// who they are about.
//
// Source: IPED ExtractorIOS.java; readers of backups of 2025 and 2026 agree
// where they know one. What is in neither is shown with its number.
var groupEvents = map[int64]string{
	3: "left", 4: "changed the group's picture", 5: "removed the group's picture", 9: "changed to another number", 12: "created the group",
	15: "joined by a link", 17: "changed the group's description", 23: "joined by a link",
}

const (
	eventNamed     = 1
	eventAdded     = 2
	eventRemoved   = 7
	eventAdmin     = 10
	eventGroupTime = 26
	eventAddedMany = 50
	eventRenamed   = 56
)

// The same of a message of type 10, as sentences; %s is the other person.
var events = map[int64]string{
	1: "Missed voice call from %s", 45: "Missed voice call from %s", 21: "Missed group voice call", 4: "Missed video call from %s",
	46: "Missed video call from %s", 22: "Missed group video call", 40: "Group video call", 41: "Group video call",
	2: "Messages are end-to-end encrypted from here on", 3: "The security code of %s changed", 36: "The security code of %s changed",
	5: "%s changed to another number", 6: "%s changed to another number", 25: "%s is a business that WhatsApp has verified",
	26: "%s is a business", 29: "%s is a business that changed its name", 30: "%s is no business any more", 34: "You blocked %s", 35: "You unblocked %s",
	38: "%s is a business that WhatsApp has verified", 47: "A message that would have disappeared was kept", 56: "%s was added to the contacts",
}

// event tells what happened to a chat, or "" for a row that is a message.
func (r *reader) event(row view.Row, meta metadata) string {
	subject := r.subject(row)
	kind := row.Int(colEvent)
	switch row.Int(colType) {
	case typeGroupEvent:
		return r.groupEvent(row, kind, subject)
	case typeEvent:
		text := cmp.Or(events[kind], fmt.Sprintf("[event %d]", kind))
		if strings.Contains(text, "%s") {
			return fmt.Sprintf(text, r.other(row))
		}
		return text
	case typeDeleted:
		return subject + " deleted a message"
	case typeTimer:
		return subject + " " + timer(meta.timer)
	case typeCall:
		return call(row.Bool(colMine), meta, subject)
	}
	return ""
}

func (r *reader) groupEvent(row view.Row, kind int64, subject string) string {
	text := row.Text(colText)
	switch kind {
	case eventNamed, eventRenamed:
		name, by := renamed(text)
		if by != "" {
			subject = r.subjectOf(by)
		}
		return fmt.Sprintf("%s named the group “%s”", subject, line(name))
	case eventAdded, eventAddedMany, eventRemoved:
		verb := "added"
		if kind == eventRemoved {
			verb = "removed"
		}
		return r.membership(row, text, verb)
	case eventAdmin:
		return "You are an administrator of the group now"
	case eventGroupTime:
		return subject + " " + timer(uint64(max(row.Int(colText), 0)))
	case 12:
		if name := nameOnly(text); name != "" && !strings.Contains(name, "@") {
			return fmt.Sprintf("%s created the group “%s”", subject, name)
		}
	}
	if what := groupEvents[kind]; what != "" {
		return subject + " " + what
	}
	return fmt.Sprintf("[group event %d]", kind)
}

// renamed is the new name of a group, and the JID of who gave it where it is
// told: the text is the name itself, or JSON.
func renamed(text string) (name, by string) {
	var change struct {
		Subject    string `json:"subject"`
		NewSubject string `json:"new_subject"`
		Author     string `json:"author"`
	}
	if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &change) == nil {
		return cmp.Or(change.NewSubject, change.Subject), change.Author
	}
	return text, ""
}

// membership tells who came or went by whose doing. The text is the JID of who
// did it, then, where several are meant, a semicolon and theirs.
func (r *reader) membership(row view.Row, text, verb string) string {
	by, list, several := strings.Cut(text, ";")
	whom := []string{r.who(row)}
	if jid := r.book.members[row.Int(colMember)]; jid != "" {
		whom[0] = r.subjectOf(jid)
	}
	if several {
		whom = nil
		for jid := range strings.SplitSeq(list, ",") {
			if jid != "" && len(whom) < maxChoices {
				whom = append(whom, r.subjectOf(jid))
			}
		}
	}
	names := strings.ReplaceAll(strings.Join(whom, ", "), "You", "you")
	if strings.Contains(by, "@") {
		return fmt.Sprintf("%s %s %s", r.subjectOf(by), verb, names)
	}
	return strings.Join(whom, ", ") + " was " + verb
}

// subject is who did what an event tells.
func (r *reader) subject(row view.Row) string {
	if row.Bool(colMine) {
		return "You"
	}
	if jid := r.book.members[row.Int(colMember)]; jid != "" {
		return r.subjectOf(jid)
	}
	return r.who(row)
}

func (r *reader) subjectOf(jid string) string {
	if name := r.nameOf(jid); name != ownName {
		return name
	}
	return "You"
}

// other is whom an event is about that the phone's owner is no part of.
func (r *reader) other(row view.Row) string {
	switch jid := r.book.members[row.Int(colMember)]; {
	case jid != "":
		return r.book.person(jid).name
	case len(r.chat.people) == 1:
		return r.chat.people[0].name
	case strings.Contains(row.Text(colText), "@"):
		return r.book.person(row.Text(colText)).name
	}
	return "somebody"
}

func timer(seconds uint64) string {
	if seconds == 0 || seconds > 1e9 {
		return "changed when messages disappear"
	}
	d := time.Duration(seconds) * time.Second
	if days := d / (24 * time.Hour); days > 0 {
		return fmt.Sprintf("let messages disappear after %d days", days)
	}
	return fmt.Sprintf("let messages disappear after %v", d)
}

func call(mine bool, meta metadata, subject string) string {
	what := "voice call"
	if meta.video {
		what = "video call"
	}
	from := subject + " made a " + what
	if mine {
		from = "You made a " + what
	}
	if meta.length == 0 || meta.length > 1e6 {
		return from + ", which was not answered"
	}
	return fmt.Sprintf("%s of %v", from, time.Duration(meta.length)*time.Second)
}

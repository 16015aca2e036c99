package messages

import (
	"fmt"
	"strings"
	"time"
)

// A note is a line beside a message that tells something of it. Its class is
// what the page of HTML calls it.
type note struct {
	class string
	text  string
	edits []edit
}

// notes are what is to be told of a message beside what it says, in order.
func (m *message) notes(zone *time.Location) []note {
	var all []note
	add := func(class, format string, args ...any) {
		all = append(all, note{class: class, text: fmt.Sprintf(format, args...)})
	}
	switch {
	case m.reply == nil:
	case m.reply.text == "":
		add("reply", "in reply to a message that is not there any more")
	default:
		add("reply", "in reply to %s: “%s”", m.reply.who, m.reply.text)
	}
	if m.unsent > 0 && m.event == "" {
		add("unsent", "a part of this message was unsent")
	}
	if len(m.edits) > 0 {
		text := "edited"
		if at := m.clock(m.edited, zone); at != "" {
			text += " " + at
		}
		all = append(all, note{class: "edit", text: text + ", before:", edits: m.edits})
	}
	if m.effect != "" {
		add("effect", "sent with %s", m.effect)
	}
	for _, t := range m.tapbacks {
		add("tapback", "%s %s", t.mark, strings.Join(t.who, ", "))
	}
	if !m.deleted.IsZero() {
		add("status", "deleted %s", m.clock(m.deleted, zone))
	}
	switch read, delivered := m.clock(m.read, zone), m.clock(m.delivered, zone); {
	case m.failed:
		add("status", "not delivered")
	case read != "" && m.mine:
		add("status", "read %s", read)
	case read != "":
		add("seen", "read %s", read)
	case delivered != "" && m.mine:
		add("status", "delivered %s", delivered)
	}
	return all
}

// clock is a time as it is told beside a message: without the day where that
// is the message's own.
func (m *message) clock(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(zone)
	if !m.at.IsZero() && m.at.In(zone).Format(time.DateOnly) == t.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// title is what a page is headed with, and about what it is of.
func (p *page) title() string {
	if p.label != "" {
		return p.c.name + ", " + p.label
	}
	return p.c.name
}

// about says who takes part, by which services, and in which zone times are.
func (p *page) about(zone *time.Location) []string {
	var lines []string
	var who []string
	seen := map[string]bool{}
	for _, o := range p.c.people {
		text := o.name
		if o.name != o.address && o.address != "" {
			text += " (" + o.address + ")"
		}
		if !seen[text] {
			seen[text] = true
			who = append(who, text)
		}
	}
	if len(who) > 0 {
		lines = append(lines, "With "+strings.Join(who, ", "))
	}
	count := fmt.Sprintf("%d messages", len(p.messages))
	if len(p.messages) == 1 {
		count = "1 message"
	}
	if len(p.c.services) > 0 {
		count += " by " + strings.Join(p.c.services, ", ")
	}
	lines = append(lines, count)
	lines = append(lines, "Times are those of "+p.zoneName(zone))
	if p.lost != "" {
		lines = append(lines, "Some messages are missing here: "+p.lost)
	}
	return lines
}

// zoneName is the name of a zone, or, of this machine's own, how far it was
// from UTC when the last message was sent.
func (p *page) zoneName(zone *time.Location) string {
	if zone != time.Local {
		return zone.String()
	}
	last := time.Time{}
	for i := range p.messages {
		if at := p.messages[i].at; at.After(last) {
			last = at
		}
	}
	return "this machine's zone, " + last.In(zone).Format("UTC-07:00") + " at the end"
}

// stamp is when a message was sent, for the text.
func (m *message) stamp(zone *time.Location) string {
	if m.at.IsZero() {
		return "unknown date    "
	}
	return m.at.In(zone).Format("2006-01-02 15:04")
}

package messages

import (
	"fmt"
	"strings"
	"time"

	"ibfs/fs/view/transcript"
)

// notes are what is to be told of a message beside what it says, in order.
func (m *message) notes(zone *time.Location) []transcript.Note {
	var all []transcript.Note
	add := func(class, format string, args ...any) {
		all = append(all, transcript.Note{Class: class, Text: fmt.Sprintf(format, args...)})
	}
	clock := func(t time.Time) string { return transcript.Clock(t, m.at, zone) }
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
		if at := clock(m.edited); at != "" {
			text += " " + at
		}
		n := transcript.Note{Class: "edit", Text: text + ", before:"}
		for _, e := range m.edits {
			n.Before = append(n.Before, e.text)
		}
		all = append(all, n)
	}
	if m.effect != "" {
		add("effect", "sent with %s", m.effect)
	}
	for _, t := range m.tapbacks {
		add("tapback", "%s %s", t.mark, strings.Join(t.who, ", "))
	}
	if !m.deleted.IsZero() {
		add("status", "deleted %s", clock(m.deleted))
	}
	switch read, delivered := clock(m.read), clock(m.delivered); {
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

// title is what a page is headed with, and about what it is of.
func (p *page) title() string {
	if p.label != "" {
		return p.c.name + ", " + p.label
	}
	return p.c.name
}

// about says who takes part, how much was said, and by which services.
func (p *page) about() []string {
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
	return append(lines, count)
}

package contacts

import (
	"cmp"
	"strings"
	"time"

	"ibfs/fs/view"
)

const (
	cardBegin = "BEGIN:VCARD\r\nVERSION:3.0\r\n"
	cardEnd   = "END:VCARD\r\n"
)

// card is a contact as a vCard 3.0 but for its picture and its end, which
// follow.
//
// Source: RFC 2426; the names that begin with X- are those that the phone
// itself writes when it shares a contact.
func (c *contact) card() []byte {
	p := c.people[0]
	l := lines{b: []byte(cardBegin)}
	l.b = append(l.b, c.body()...)
	categories := make([]string, len(c.groups))
	for i, g := range c.groups {
		categories[i] = text(view.OneLine(g))
	}
	if len(categories) > 0 {
		l.add("CATEGORIES", "", strings.Join(categories, ","))
	}
	if at := c.changed(); !at.IsZero() {
		l.add("REV", "", at.UTC().Format("20060102T150405Z"))
	}
	l.add("UID", "", text(p.uid()))
	return l.b
}

// changed is when the last of a contact's people was changed.
func (c *contact) changed() (at time.Time) {
	for _, p := range c.people {
		if p.changed.After(at) {
			at = p.changed
		}
	}
	return at
}

// body is what a contact says of itself, and nothing of the database it is in.
func (c *contact) body() []byte {
	p := c.people[0]
	var l lines
	l.add("N", "", parts(p.text[last], p.text[first], p.text[middle], p.text[prefix], p.text[suffix]))
	l.add("FN", "", text(c.name()))
	l.text("NICKNAME", c.any(nickname))
	l.text("X-PHONETIC-FIRST-NAME", p.text[firstPhonetic])
	l.text("X-PHONETIC-MIDDLE-NAME", p.text[middlePhonetic])
	l.text("X-PHONETIC-LAST-NAME", p.text[lastPhonetic])
	l.text("X-MAIDENNAME", p.text[previousFamilyName])
	c.work(&l)
	if p.company {
		l.add("X-ABShowAs", "", "COMPANY")
	}
	for _, v := range c.values {
		v.render(&l)
	}
	c.birthday(&l)
	l.text("NOTE", c.notes())
	return l.b
}

// name is the name of the first of the contact's people who has one.
func (c *contact) name() string {
	named := *c.people[0]
	named.values = c.values
	return named.fullName()
}

// any is the first such text among the contact's people.
func (c *contact) any(which int) string {
	for _, p := range c.people {
		if p.text[which] != "" {
			return p.text[which]
		}
	}
	return ""
}

// work writes where a contact works, as the first of its people knows it who
// knows anything.
func (c *contact) work(l *lines) {
	for _, p := range c.people {
		org, dept, title := p.text[organization], p.text[department], p.text[jobTitle]
		if org+dept+title == "" {
			continue
		}
		switch {
		case dept != "":
			l.add("ORG", "", parts(org, dept))
		case org != "":
			l.add("ORG", "", parts(org))
		}
		l.text("X-PHONETIC-ORG", p.text[organizationPhonetic])
		l.text("TITLE", title)
		return
	}
}

// birthday writes the first birthday that one of the contact's people has. The
// year 1604 says that the year is not known.
func (c *contact) birthday(l *lines) {
	for _, p := range c.people {
		day, ok := parseDay(p.birthday)
		if !ok {
			continue
		}
		l.add("BDAY", omitYear(day), day.Format(time.DateOnly))
		return
	}
}

// notes are all that the contact's people have, each once.
func (c *contact) notes() string {
	var all []string
	seen := map[string]bool{"": true}
	for _, p := range c.people {
		if n := p.text[note]; !seen[n] {
			seen[n] = true
			all = append(all, n)
		}
	}
	return strings.Join(all, "\n\n")
}

// uid is what stands for a person in all backups of the phone.
func (p *person) uid() string {
	return cmp.Or(strings.TrimSuffix(view.OneLine(p.text[guid]), ":ABPerson"), "person-"+view.Row{p.id}.Text(0))
}

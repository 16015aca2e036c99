package contacts

import (
	"cmp"
	"strings"

	"ibfs/fs/view"
	"ibfs/fs/view/people"
)

// fullName is the name that a person is listed by. Every card must have one.
func (p *person) fullName() string {
	name := p.text[prefix] + " " + people.FullName(p.text[first], p.text[middle], p.text[last]) + " " + p.text[suffix]
	name = strings.TrimSpace(name)
	if p.company {
		name = cmp.Or(p.text[organization], name)
	}
	return view.OneLine(cmp.Or(p.text[displayName], name, p.text[organization], p.text[nickname],
		p.firstOf(phoneProperty), p.firstOf(emailProperty), "No name"))
}

func (p *person) firstOf(property int64) string {
	for _, v := range p.values {
		if v.property == property && v.text != "" {
			return v.text
		}
	}
	return ""
}

package contacts

import (
	"cmp"
	"slices"
)

// A contact is what is shown as one: a person, or several from different
// accounts.
type contact struct {
	people []*person // whose names are shown comes first
	values []value   // of all, each once
	photo  photo
	groups []string
}

// contacts makes one of those who share a link, in the order of their ids. A
// person of one account who is in another one letter for letter is one too.
func (b *book) contacts() []*contact {
	var all []*contact
	linked := map[int64]*contact{}
	for i := range b.people {
		p := &b.people[i]
		if c := linked[p.link]; p.link > 0 && c != nil {
			c.people = append(c.people, p)
			continue
		}
		c := &contact{people: []*person{p}}
		if p.link > 0 {
			linked[p.link] = c
		}
		all = append(all, c)
	}
	for _, c := range all {
		slices.SortStableFunc(c.people, func(a, b *person) int {
			return cmp.Compare(boolInt(b.preferred), boolInt(a.preferred))
		})
		c.collect(b.images)
	}
	return merged(all)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// merged makes one contact of those from different accounts that say the same.
func merged(all []*contact) []*contact {
	said := map[string]*contact{}
	kept := all[:0]
	for _, c := range all {
		key := string(c.body())
		other := said[key]
		if other == nil || other.sharesStore(c) {
			said[key] = c
			kept = append(kept, c)
			continue
		}
		other.people = append(other.people, c.people...)
		if other.photo.size == 0 {
			other.photo = c.photo
		}
	}
	return kept
}

func (c *contact) sharesStore(other *contact) bool {
	return slices.ContainsFunc(c.people, func(p *person) bool {
		return slices.ContainsFunc(other.people, func(q *person) bool { return p.store == q.store })
	})
}

// collect gathers the values and the picture of a contact's people.
func (c *contact) collect(images map[int64]int64) {
	type content struct {
		property int64
		text     string
	}
	seen := map[content]bool{}
	for _, p := range c.people {
		for _, v := range p.values {
			key := content{v.property, v.key()}
			if !seen[key] {
				seen[key] = true
				c.values = append(c.values, v)
			}
		}
		if c.photo.size == 0 || p.photo.size > 0 && images[p.link] == p.id {
			c.photo = p.photo
		}
	}
	slices.SortStableFunc(c.values, func(a, b value) int { return cmp.Compare(a.property, b.property) })
}

// key is what a value says, whatever its label. Phone numbers say the same when
// their digits do.
func (v value) key() string {
	if v.parts != nil {
		return v.text + "\x00" + parts(v.sortedParts()...)
	}
	if v.property == phoneProperty {
		return bareNumber(v.text)
	}
	return v.text
}

// bareNumber is a phone number without what is there for the eye.
func bareNumber(s string) string {
	b := make([]rune, 0, len(s))
	for _, r := range s {
		switch r {
		case ' ', '\u00A0', '(', ')', '-', '.', '/', '\u2011':
		default:
			b = append(b, r)
		}
	}
	return string(b)
}

func (v value) sortedParts() []string {
	var all []string
	for k, t := range v.parts {
		all = append(all, k+"="+t)
	}
	slices.Sort(all)
	return all
}

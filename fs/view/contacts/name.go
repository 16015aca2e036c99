package contacts

import (
	"cmp"
	"strings"
	"unicode"
)

// fullName is the name that a person is listed by. Every card must have one.
func (p *person) fullName() string {
	name := joined(" ", p.text[prefix], givenAndFamily(p), p.text[suffix])
	if p.company {
		name = cmp.Or(p.text[organization], name)
	}
	return oneLine(cmp.Or(p.text[displayName], name, p.text[organization], p.text[nickname],
		p.firstOf(phoneProperty), p.firstOf(emailProperty), "No name"))
}

// givenAndFamily puts the family name first, and nothing between, where both
// are written in Chinese, Japanese or Korean.
func givenAndFamily(p *person) string {
	if p.text[middle] == "" && eastAsian(p.text[first]) && eastAsian(p.text[last]) {
		return p.text[last] + p.text[first]
	}
	return joined(" ", p.text[first], p.text[middle], p.text[last])
}

func eastAsian(s string) bool {
	for _, r := range s {
		if !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			return false
		}
	}
	return s != ""
}

func (p *person) firstOf(property int64) string {
	for _, v := range p.values {
		if v.property == property && v.text != "" {
			return v.text
		}
	}
	return ""
}

func joined(between string, texts ...string) string {
	var there []string
	for _, t := range texts {
		if t != "" {
			there = append(there, t)
		}
	}
	return strings.Join(there, between)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

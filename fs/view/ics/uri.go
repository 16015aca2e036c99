package ics

import (
	"net/url"
	"strings"

	"github.com/emersion/go-ical"
)

// URI sets a property to a URI, when a text is one.
func URI(comp *ical.Component, name, text string) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Scheme == "" || u.Host+u.Opaque+u.Path == "" {
		return
	}
	p := ical.NewProp(name)
	p.Value = u.String()
	if name != ical.PropURL {
		p.Params.Set(ical.ParamValue, string(ical.ValueURI))
	}
	comp.Props.Set(p)
}

// MailTo is the URI of an address, with or without "mailto:" before it; "" when
// it is none.
func MailTo(address string) string {
	if len(address) > 7 && strings.EqualFold(address[:7], "mailto:") {
		address = address[7:]
		if plain, err := url.PathUnescape(address); err == nil {
			address = plain
		}
	}
	if strings.Count(address, "@") != 1 || strings.ContainsAny(address, " \t\n") {
		return ""
	}
	return "mailto:" + strings.ReplaceAll(url.PathEscape(address), "%40", "@")
}

// Tel is the URI of a phone number; "" when it is none.
func Tel(number string) string {
	number = strings.Map(func(r rune) rune {
		if r == ' ' || r == '(' || r == ')' {
			return -1
		}
		return r
	}, number)
	if strings.Trim(number, "+-.0123456789") != "" || strings.Trim(number, "+-.") == "" {
		return ""
	}
	return "tel:" + number
}

package contacts

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"ibfs/fs/view"
)

// builtIn begins and ends a label that the phone translates.
const (
	builtInBegin = "_$!<"
	builtInEnd   = ">!$_"
)

// phoneTypes and placeTypes are the built-in labels that vCard has types for, in
// small letters.
var (
	phoneTypes = map[string]string{
		"mobile": "CELL,VOICE", "iphone": "IPHONE,CELL,VOICE", "home": "HOME,VOICE", "work": "WORK,VOICE", "main": "MAIN",
		"homefax": "HOME,FAX", "workfax": "WORK,FAX", "otherfax": "OTHER,FAX", "pager": "PAGER", "other": "OTHER,VOICE",
	}
	placeTypes = map[string]string{"home": "HOME", "work": "WORK", "other": "OTHER"}
)

// types is the parameter TYPE for a label, and what has to be told besides: the
// label itself where there is no type for it.
func types(label string, known map[string]string) (params, rest string) {
	if name, ok := builtIn(label); ok {
		if t := known[strings.ToLower(strings.ReplaceAll(name, " ", ""))]; t != "" {
			return ";TYPE=" + t, ""
		}
	}
	// The phone's iPhone label is built in, but not written so.
	if t := known["iphone"]; t != "" && label == "iPhone" {
		return ";TYPE=" + t, ""
	}
	return "", view.OneLine(label)
}

func builtIn(label string) (name string, ok bool) {
	name, ok = strings.CutPrefix(label, builtInBegin)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(name, builtInEnd)
}

// render writes a value. One that is empty, or of a kind that no vCard holds,
// such as a ringtone, writes nothing.
func (v value) render(l *lines) {
	if v.text == "" && v.parts == nil {
		return
	}
	types, label := types(v.label, placeTypes)
	switch v.property {
	case phoneProperty:
		v.phone(l)
	case emailProperty:
		l.labelled(label, "EMAIL", ";TYPE=INTERNET"+strings.Replace(types, ";TYPE=", ",", 1), text(view.OneLine(v.text)))
	case addressProperty:
		v.address(l, types, label)
	case urlProperty:
		// RFC 2426 escapes nothing in an address, but those who read and write
		// cards do: vobject ends one at a bare comma.
		l.labelled(label, "URL", types, text(view.OneLine(v.text)))
	case relatedProperty:
		l.labelled(cmp.Or(view.OneLine(v.label), "_$!<Other>!$_"), "X-ABRELATEDNAMES", "", text(view.OneLine(v.text)))
	case dateProperty:
		if day, ok := parseDay(v.text); ok {
			l.labelled(cmp.Or(view.OneLine(v.label), "_$!<Other>!$_"), "X-ABDATE", omitYear(day), day.Format(time.DateOnly))
		}
	case chatProperty:
		v.chat(l, types, label)
	case profileProperty:
		v.profile(l, label)
	}
}

func (v value) phone(l *lines) {
	types, label := types(v.label, phoneTypes)
	l.labelled(label, "TEL", types, text(view.OneLine(v.text)))
}

// address writes an address. What vCard has no place for follows in lines of
// its own, as the phone has it.
func (v value) address(l *lines, types, label string) {
	p := v.parts
	if p == nil {
		p = map[string]string{"street": v.text}
	}
	var more []string
	for _, m := range []struct{ name, key string }{
		{"X-ABADR", "countrycode"},
		{"X-APPLE-SUBLOCALITY", "sublocality"},
		{"X-APPLE-SUBADMINISTRATIVEAREA", "subadministrativearea"},
	} {
		if p[m.key] != "" {
			more = append(more, m.name, view.OneLine(p[m.key]))
		}
	}
	l.labelled(label, "ADR", types, parts("", "", p["street"], view.OneLine(p["city"]), view.OneLine(p["state"]), view.OneLine(p["zip"]), view.OneLine(p["country"])), more...)
}

// chatSchemes are the addresses of chat services, in small letters.
var chatSchemes = map[string]string{
	"aim": "aim", "facebook": "xmpp", "googletalk": "xmpp", "icq": "aim", "jabber": "xmpp", "msn": "msnim", "skype": "skype", "yahoo": "ymsgr",
}

func (v value) chat(l *lines, types, label string) {
	user, service := cmp.Or(v.parts["username"], v.text), view.OneLine(v.parts["service"])
	if user == "" {
		return
	}
	scheme := cmp.Or(chatSchemes[strings.ToLower(service)], "x-apple")
	params := types
	if service != "" {
		params = param("X-SERVICE-TYPE", service) + types
	}
	l.labelled(label, "IMPP", params, text(scheme+":"+url.PathEscape(user)))
}

func (v value) profile(l *lines, label string) {
	user, address := view.OneLine(v.parts["username"]), cmp.Or(v.parts["url"], v.text)
	if user == "" && address == "" {
		return
	}
	params := ""
	if service := view.OneLine(v.parts["service"]); service != "" {
		params = param("TYPE", strings.ToLower(service))
	}
	if user != "" {
		params += param("x-user", user)
	}
	l.labelled(label, "X-SOCIALPROFILE", params, text(cmp.Or(view.OneLine(address), "x-apple:"+url.PathEscape(user))))
}

package contacts

import (
	"strings"
	"testing"
	"time"
)

func TestValues(t *testing.T) {
	for name, tt := range map[string]struct {
		v    value
		want string // lines
	}{
		"mobile":          {value{property: phoneProperty, label: "_$!<Mobile>!$_", text: "+47 12 34 56 78"}, "TEL;TYPE=CELL,VOICE:+47 12 34 56 78"},
		"iPhone":          {value{property: phoneProperty, label: "iPhone", text: "1"}, "TEL;TYPE=IPHONE,CELL,VOICE:1"},
		"fax at home":     {value{property: phoneProperty, label: "_$!<HomeFAX>!$_", text: "1"}, "TEL;TYPE=HOME,FAX:1"},
		"fax at work":     {value{property: phoneProperty, label: "_$!<WorkFAX>!$_", text: "1"}, "TEL;TYPE=WORK,FAX:1"},
		"main":            {value{property: phoneProperty, label: "_$!<Main>!$_", text: "1"}, "TEL;TYPE=MAIN:1"},
		"pager":           {value{property: phoneProperty, label: "_$!<Pager>!$_", text: "1"}, "TEL;TYPE=PAGER:1"},
		"pause":           {value{property: phoneProperty, text: "555,,1;2"}, `TEL:555\,\,1\;2`},
		"user's label":    {value{property: phoneProperty, label: "out of; hours", text: "1"}, "item1.TEL:1|item1.X-ABLabel:out of\\; hours"},
		"unknown label":   {value{property: phoneProperty, label: "_$!<AppleWatch>!$_", text: "1"}, "item1.TEL:1|item1.X-ABLabel:_$!<AppleWatch>!$_"},
		"mail":            {value{property: emailProperty, label: "_$!<Work>!$_", text: "a@b"}, "EMAIL;TYPE=INTERNET,WORK:a@b"},
		"mail, no label":  {value{property: emailProperty, text: "a@b"}, "EMAIL;TYPE=INTERNET:a@b"},
		"page":            {value{property: urlProperty, label: "_$!<HomePage>!$_", text: "https://x/?a,b;c"}, `item1.URL:https://x/?a\,b\;c` + "|item1.X-ABLabel:_$!<HomePage>!$_"},
		"page with lines": {value{property: urlProperty, text: "a\nNOTE:b\\n"}, `URL:a NOTE:b\\n`},
		"mother":          {value{property: relatedProperty, label: "_$!<Mother>!$_", text: "Ida"}, "item1.X-ABRELATEDNAMES:Ida|item1.X-ABLabel:_$!<Mother>!$_"},
		"anniversary":     {value{property: dateProperty, label: "_$!<Anniversary>!$_", text: "298944000"}, "item1.X-ABDATE:2010-06-23|item1.X-ABLabel:_$!<Anniversary>!$_"},
		"no year":         {value{property: dateProperty, text: "-12497328000"}, "item1.X-ABDATE;X-APPLE-OMIT-YEAR=1604:1604-12-23|item1.X-ABLabel:_$!<Other>!$_"},
		"no date":         {value{property: dateProperty, text: "soon"}, ""},
		"address": {value{property: addressProperty, label: "_$!<Home>!$_", parts: map[string]string{"street": "1, A Road\nFlat 2", "city": "B", "state": "C", "zip": "1", "country": "D", "countrycode": "gb", "sublocality": "E"}},
			`item1.ADR;TYPE=HOME:;;1\, A Road\nFlat 2;B;C;1;D|item1.X-ABADR:gb|item1.X-APPLE-SUBLOCALITY:E`},
		"address in one": {value{property: addressProperty, text: "A; B"}, `ADR:;;A\; B;;;;`},
		"chat":           {value{property: chatProperty, label: "_$!<Home>!$_", parts: map[string]string{"service": "Jabber", "username": "a b@c"}}, "IMPP;X-SERVICE-TYPE=Jabber;TYPE=HOME:xmpp:a%20b@c"},
		"chat, unknown":  {value{property: chatProperty, parts: map[string]string{"service": "My; Chat", "username": "a"}}, `IMPP;X-SERVICE-TYPE="My; Chat":x-apple:a`},
		"chat, bare":     {value{property: chatProperty, text: "a"}, "IMPP:x-apple:a"},
		"chat, nobody":   {value{property: chatProperty, parts: map[string]string{"service": "AIM"}}, ""},
		"profile":        {value{property: profileProperty, parts: map[string]string{"service": "Twitter", "username": "anna", "url": "http://twitter.com/anna"}}, "X-SOCIALPROFILE;TYPE=twitter;x-user=anna:http://twitter.com/anna"},
		"profile, name":  {value{property: profileProperty, parts: map[string]string{"service": "Game", "username": "a/b"}}, "X-SOCIALPROFILE;TYPE=game;x-user=a/b:x-apple:a%2Fb"},
		"profile, empty": {value{property: profileProperty, parts: map[string]string{"service": "Game"}}, ""},
		"ringtone":       {value{property: 16, text: "Opening"}, ""},
		"empty":          {value{property: phoneProperty, label: "_$!<Home>!$_"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var l lines
			tt.v.render(&l)
			got := strings.ReplaceAll(strings.TrimSuffix(string(l.b), "\r\n"), "\r\n", "|")
			if got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestCard(t *testing.T) {
	p := person{id: 3, birthday: "-336355200.25", changed: time.Date(2024, 7, 14, 18, 3, 0, 500, time.UTC)}
	p.text = [texts]string{prefix: "Dr.", first: "Anna", middle: "M.", last: "Holloway; Smith", suffix: "PhD", nickname: "Annie", organization: "A, B & C", department: "Maps",
		jobTitle: "Surveyor", note: "One\nTwo", firstPhonetic: "Ana", middlePhonetic: "Em", lastPhonetic: "Holowei", organizationPhonetic: "Abeese", previousFamilyName: "Ray",
		guid: "5E2D:ABPerson"}
	c := contact{people: []*person{&p}, groups: []string{"Climbing", "A, B"}}
	want := strings.ReplaceAll(`BEGIN:VCARD
VERSION:3.0
N:Holloway\; Smith;Anna;M.;Dr.;PhD
FN:Dr. Anna M. Holloway\; Smith PhD
NICKNAME:Annie
X-PHONETIC-FIRST-NAME:Ana
X-PHONETIC-MIDDLE-NAME:Em
X-PHONETIC-LAST-NAME:Holowei
X-MAIDENNAME:Ray
ORG:A\, B & C;Maps
X-PHONETIC-ORG:Abeese
TITLE:Surveyor
BDAY:1990-05-06
NOTE:One\nTwo
CATEGORIES:Climbing,A\, B
REV:20240714T180300Z
UID:5E2D
`, "\n", "\r\n")
	if got := string(c.card()); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestNames(t *testing.T) {
	for want, p := range map[string]person{
		"Anna Holloway": {text: [texts]string{first: "Anna", last: "Holloway", organization: "X"}},
		"佐藤雪子":          {text: [texts]string{first: "雪子", last: "佐藤"}},
		"雪子":            {text: [texts]string{first: "雪子"}},
		"Yuki 佐藤":       {text: [texts]string{first: "Yuki", last: "佐藤"}},
		"김철수":           {text: [texts]string{first: "철수", last: "김"}},
		"Anna A.":       {text: [texts]string{displayName: "Anna\nA.", first: "Anna", last: "Holloway"}},
		"Works":         {text: [texts]string{organization: "Works", first: "Anna"}, company: true},
		"Company":       {text: [texts]string{organization: "Company", nickname: "Co"}},
		"Nick":          {text: [texts]string{nickname: "Nick"}},
		"+47 1":         {values: []value{{property: emailProperty, text: "a@b"}, {property: phoneProperty}, {property: phoneProperty, text: "+47 1"}}},
		"a@b":           {values: []value{{property: emailProperty, text: "a@b"}}},
		"No name":       {},
	} {
		if got := p.fullName(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestDays(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "soon": "", "nan": "", "inf": "", "1e300": "", "-1e300": "", "99999999999": "", "1980": "2001-01-01", // a number is seconds
		"641476800": "2021-04-30", "641476799.9": "2021-04-30", "-12497328000": "1604-12-23", "1990-04-01": "1990-04-01", "1990-04-01T12:00:00Z": "1990-04-01",
		"1604-02-29": "1604-02-29", "1700-01-01": "", "2101-01-01": "", "1990-13-01": "", "0": "2001-01-01",
	} {
		got := ""
		if day, ok := parseDay(s); ok {
			got = day.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

// TestNameInOneLine: a name shows no more than it says.
func TestNameInOneLine(t *testing.T) {
	for name, c := range map[string]struct{ name, want string }{
		"lines":              {"Anna\r\n Berg", "Anna Berg"},
		"control characters": {"Anna\x00\x1b[2J", "Anna[2J"},
		"another direction":  {"Anna \u202egreB\u202c", "Anna greB"},
		"nothing":            {"", "No name"},
	} {
		t.Run(name, func(t *testing.T) {
			p := person{}
			p.text[displayName] = c.name
			if got := p.fullName(); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

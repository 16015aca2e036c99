package ics

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"

	"ibfs/fs/view"
)

func file(t testing.TB, c *Calendar) string {
	t.Helper()
	b, err := c.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func event(c *Calendar, at Moment, summary string) *ical.Component {
	e := ical.NewComponent(ical.CompEvent)
	Text(e, ical.PropUID, "1")
	Text(e, ical.PropSummary, summary)
	Stamp(e, time.Unix(0, 0))
	c.Set(e, ical.PropDateTimeStart, at)
	c.Add(e)
	return e
}

func TestMoments(t *testing.T) {
	c := New("x", "")
	at := time.Date(2024, 7, 14, 18, 3, 5, 999, time.FixedZone("", 7200))
	for want, m := range map[string]Moment{
		"DTSTART:20240714T160305Z":                Instant(at),
		"DTSTART;VALUE=DATE:20240714":             Day(at),
		"DTSTART:20240714T160305":                 Floating(at),
		"DTSTART;TZID=Asia/Tokyo:20240715T010305": In(at, c.Zone("Asia/Tokyo")),
	} {
		c := New("x", "")
		c.Zone("Asia/Tokyo")
		event(c, m, "")
		if got := file(t, c); !strings.Contains(got, "\r\n"+want+"\r\n") || strings.Contains(got, "VTIMEZONE") != strings.Contains(want, "TZID") {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	for _, name := range []string{"", "Local", "/etc/localtime", "../UTC", "Europe/../../etc/passwd", "Europe/Oslo\x00", "europe", "localtime", "posixrules", "right/Europe/Oslo", "a/b/c/d", strings.Repeat("x", 300)} {
		if c.Zone(name) != nil {
			t.Errorf("%q is a zone", name)
		}
	}
}

func TestRules(t *testing.T) {
	c := New("x", "")
	at := time.Date(2024, 7, 14, 16, 3, 5, 0, time.UTC)
	oslo := In(at, c.Zone("Europe/Oslo"))
	for name, tt := range map[string]struct {
		rule  Rule
		start Moment
		want  string
	}{
		"plain":     {Rule{Frequency: "DAILY", Interval: 1}, oslo, "FREQ=DAILY"},
		"interval":  {Rule{Frequency: "DAILY", Interval: 2, Count: 3, Until: at}, oslo, "FREQ=DAILY;INTERVAL=2;COUNT=3"},
		"negative":  {Rule{Frequency: "DAILY", Interval: -2, Count: -3}, oslo, "FREQ=DAILY"},
		"too large": {Rule{Frequency: "DAILY", Interval: 1 << 60, Count: 1 << 60}, oslo, "FREQ=DAILY"},
		"zoned":     {Rule{Frequency: "DAILY", Until: at, By: ";BYDAY=MO"}, oslo, "FREQ=DAILY;UNTIL=20240714T160305Z;BYDAY=MO"},
		"day":       {Rule{Frequency: "DAILY", Until: at}, Day(at), "FREQ=DAILY;UNTIL=20240714"},
		"floating":  {Rule{Frequency: "DAILY", Until: at}, Floating(at), "FREQ=DAILY;UNTIL=20240714T160305"},
	} {
		if got := tt.rule.text(tt.start); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"a@b": "mailto:a@b", "MAILTO:a%2Bc@b": "mailto:a+c@b", "ä b@c": "", "a": "", "": "", "a@b@c": "", "a\r\nX:@b": "", "mailto:": "", "ä;?@b": "mailto:%C3%A4%3B%3F@b", "mailto:%0d@b": "mailto:%0D@b",
	} {
		if got := MailTo(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"+47 (12) 3-4": "tel:+47123-4", "": "", "+": "", "1;2": "", "anna": ""} {
		if got := Tel(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"https://x/?a=b;c,d": "https://x/?a=b;c,d", "x": "", "": "", "tel:1": "tel:1", "a\nb": "", "https:": "", "message://<a b>": "", "message:%3Ca@b%3E": "message:%3Ca@b%3E"} {
		e := ical.NewComponent("X")
		URI(e, ical.PropURL, in)
		got := ""
		if p := e.Props.Get(ical.PropURL); p != nil {
			got = p.Value
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// FuzzText holds that a text comes back as it went in, and that no line is
// longer than it may be or anything but text.
func FuzzText(f *testing.F) {
	f.Add("a", "#1BADF8")
	f.Add(strings.Repeat("語", 100)+"\r\nEND:VEVENT", "red\r\nX:1")
	f.Add("\\n;,:\"\t\x00\u2028\xff", "")
	f.Fuzz(func(t *testing.T, text, color string) {
		c := New(text, color)
		e := event(c, Day(time.Unix(0, 0)), text)
		p := ical.NewProp(ical.PropAttendee)
		p.Params.Set(ical.ParamCommonName, Param(text))
		p.Value = "invalid:nomail"
		e.Props.Add(p)
		got := file(t, c)
		for line := range strings.SplitSeq(strings.TrimSuffix(got, "\r\n"), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n\x00") || !utf8.ValidString(line) {
				t.Errorf("a bad line: %q", line)
			}
		}
		back, err := ical.NewDecoder(bytes.NewReader([]byte(got))).Decode()
		if err != nil {
			t.Fatalf("%v\n%s", err, got)
		}
		if len(back.Children) != 1 || len(back.Children[0].Props) > 5 {
			t.Fatalf("it has become more:\n%s", got)
		}
		summary, err := back.Children[0].Props.Text(ical.PropSummary)
		if err != nil || summary != view.Clean(text) {
			t.Errorf("%q, %v, want %q", summary, err, view.Clean(text))
		}
		if cn := back.Children[0].Props.Get(ical.PropAttendee).Params.Get(ical.ParamCommonName); cn != Param(text) {
			t.Errorf("%q, want %q", cn, Param(text))
		}
	})
}

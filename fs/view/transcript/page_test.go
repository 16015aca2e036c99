package transcript_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ibfs/fs/view/transcript"
	"ibfs/fs/view/transcript/transcripttest"
)

const evil = `</style></div><script>alert(1)</script><img src=x onerror=alert(1)> "onclick='x' javascript:alert(1) http://"><svg/onload=1> ` + "\u202e\x00\x1b[31m&amp;&#60; ]]> <!-- "

// evilPage has a text in each field.
func evilPage(s string, at time.Time) *transcript.Page {
	return &transcript.Page{Title: "x" + s, About: []string{"x" + s}, Lost: errors.New(s), Folder: "attachments", Messages: []transcript.Message{
		{
			At: at, Who: s, Kind: s, Via: s, Subject: s, Lines: []string{s, "http://x/" + s},
			Pieces: []transcript.Piece{
				{Text: s, Style: transcript.Bold | transcript.Italic | transcript.Underline | transcript.Strike | transcript.Mention},
				{File: &transcript.File{Name: s + ".jpg", Told: s}}, {File: &transcript.File{Name: s + ".mp4", Told: s}},
				{File: &transcript.File{Name: s + ".m4a", Told: s}}, {File: &transcript.File{Name: s + ".pdf", Told: s}},
				{File: &transcript.File{Told: s}}, {Text: "https://" + s},
			},
			Notes: []transcript.Note{{Class: "reply", Text: s}, {Class: s, Text: s, Before: []string{s, s}}, {Class: "seen", Text: s}},
		},
		{At: at, Event: s, Notes: []transcript.Note{{Class: "status", Text: s}}},
		{Who: s, Mine: true},
	}}
}

func TestEvilText(t *testing.T) {
	p := evilPage(evil, time.Unix(1704103200, 0))
	text := string(p.HTML())
	transcripttest.HTML(t, "evil.html", text, p.Folder)
	if strings.Contains(text, "<script") || strings.Contains(text, "<svg") {
		t.Error(text)
	}
	transcripttest.Text(t, "evil.txt", string(p.Text()), len(p.Messages))
}

func TestText(t *testing.T) {
	at := time.Date(2024, 7, 14, 16, 3, 0, 0, time.UTC)
	p := transcript.Page{Title: "Anna", Lost: errors.New("page 7 is damaged"), Zone: time.FixedZone("CEST", 7200), Messages: []transcript.Message{
		{At: at, Who: "Anna", Pieces: []transcript.Piece{{Text: "look"}, {File: &transcript.File{Told: "a.jpg"}}, {File: &transcript.File{Told: "b.jpg"}}, {Text: "two\nlines"}}},
		{Who: "Me", Mine: true, Lines: []string{"Poll", "one"}, Notes: []transcript.Note{{Text: "edited", Before: []string{"before\nthat"}}, {Class: "seen", Text: "read 18:05"}}},
		{At: at, Event: "Anna left"},
	}}
	want := `Anna
Times are those of CEST
Some messages are missing here: page 7 is damaged

2024-07-14 18:03  Anna: look [a.jpg] [b.jpg] two
                  lines
unknown date      Me: Poll
                  one
                    edited
                      “before
                      that”
                    read 18:05
2024-07-14 18:03  * Anna left
`
	if got := string(p.Text()); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestLinks finds the addresses in a text, without what is the sentence's.
func TestLinks(t *testing.T) {
	for text, want := range map[string]string{
		"see https://en.wikipedia.org/wiki/A_(b) and":   "https://en.wikipedia.org/wiki/A_(b)",
		"(see https://en.wikipedia.org/wiki/A_(b)).":    "https://en.wikipedia.org/wiki/A_(b)",
		"(https://example.com/a)":                       "https://example.com/a",
		"Https://Example.com is one":                    "Https://Example.com",
		"HTTP://EXAMPLE.COM/?":                          "HTTP://EXAMPLE.COM/",
		"https://example.com/[x]{y}, or":                "https://example.com/[x]{y}",
		"https://example.com/]x])":                      "https://example.com/]x",
		"'https://example.com/it's'!":                   "https://example.com/it&#39;s",
		"javascript:alert(1) ftp://example.com http://": "",
		"https://))))":                                  "",
	} {
		p := transcript.Page{Messages: []transcript.Message{{Pieces: []transcript.Piece{{Text: text}}}}}
		_, got, _ := strings.Cut(string(p.HTML()), `href="`)
		if got, _, _ = strings.Cut(got, `"`); got != want {
			t.Errorf("%q links to %q, want %q", text, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	at := time.Date(2024, 7, 14, 22, 30, 0, 0, time.UTC)
	zone := time.FixedZone("CEST", 7200)
	for _, c := range []struct {
		t, of time.Time
		want  string
	}{
		{time.Time{}, at, ""},
		{at, at.Add(-time.Hour), "2024-07-15 00:30"},
		{at.Add(time.Hour), at, "01:30"},
		{at, time.Time{}, "2024-07-15 00:30"},
	} {
		if got := transcript.Clock(c.t, c.of, zone); got != c.want {
			t.Errorf("%v of %v: %q, want %q", c.t, c.of, got, c.want)
		}
	}
}

// FuzzPage holds every page, whatever its text, against what pages keep, and
// that a reader sees the text that was written.
func FuzzPage(f *testing.F) {
	f.Add(evil, int64(1704103200))
	f.Add("plain\r\n2024-01-01 10:00  Me: forged", int64(0))
	f.Add("https://example.com/?q=\"'<>", int64(-1))
	f.Add("..", int64(1))
	f.Fuzz(func(t *testing.T, s string, at int64) {
		p := evilPage(s, time.Unix(at%4e9, 0))
		transcripttest.HTML(t, "fuzz.html", string(p.HTML()), p.Folder)
		transcripttest.Text(t, "fuzz.txt", string(p.Text()), len(p.Messages))
		one := transcript.Page{Messages: []transcript.Message{{Pieces: []transcript.Piece{{Text: "x" + s}}}}}
		doc, err := html.Parse(strings.NewReader(string(one.HTML())))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := bubble(doc), strings.TrimSuffix(transcripttest.Seen("x"+s), "\n"); strings.TrimSuffix(got, "\n") != want {
			t.Fatalf("%q reads as %q", want, got)
		}
	})
}

// bubble is the text of a page's one bubble.
func bubble(n *html.Node) string {
	for _, a := range n.Attr {
		if n.Data == "div" && a.Key == "class" && a.Val == "say" {
			return textOf(n)
		}
	}
	for c := range n.ChildNodes() {
		if s := bubble(c); s != "" {
			return s
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(textOf(c))
	}
	return b.String()
}

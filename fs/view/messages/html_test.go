package messages

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"
)

// allowed are the elements of a page, with the attributes that each may have.
var allowed = map[string]string{
	"html": "lang", "head": "", "meta": "charset http-equiv content name", "title": "", "style": "", "body": "", "h1": "", "h2": "dir", "p": "class dir",
	"div": "class dir", "bdi": "", "time": "datetime", "b": "", "i": "", "u": "", "s": "", "strong": "", "a": "rel href", "details": "", "summary": "",
	"img": "loading src alt", "video": "controls preload src", "audio": "controls preload src",
}

// checkFile holds a page against what every page keeps: nothing but the
// elements above, links to the web or into the folder beside it, no control
// characters; in a text each message begins a line.
func checkFile(t testing.TB, name, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && unicode.IsControl(r) && (strings.HasSuffix(name, ".html") || strings.HasSuffix(name, "conversation.txt")) {
			t.Fatalf("%s has the character %U", name, r)
		}
	}
	if !strings.HasSuffix(name, ".html") {
		return
	}
	style := 0
	for z := html.NewTokenizer(strings.NewReader(text)); z.Next() != html.ErrorToken; {
		token := z.Token()
		if token.Type == html.CommentToken {
			t.Fatalf("%s has a comment", name)
		}
		if token.Type != html.StartTagToken && token.Type != html.SelfClosingTagToken {
			continue
		}
		attributes, ok := allowed[token.Data]
		if !ok {
			t.Fatalf("%s has an element %s", name, token.Data)
		}
		if token.Data == "style" {
			style++
		}
		for _, a := range token.Attr {
			if !strings.Contains(" "+attributes+" ", " "+a.Key+" ") {
				t.Fatalf("%s: %s has the attribute %s", name, token.Data, a.Key)
			}
			web := strings.HasPrefix(a.Val, "http://") || strings.HasPrefix(a.Val, "https://")
			if a.Key == "src" && !strings.HasPrefix(a.Val, "attachments/") || a.Key == "href" && !web && !strings.HasPrefix(a.Val, "attachments/") {
				t.Fatalf("%s: %s leads to %q", name, token.Data, a.Val)
			}
		}
	}
	if style != 1 {
		t.Fatalf("%s has %d styles", name, style)
	}
}

const evil = `</style></div><script>alert(1)</script><img src=x onerror=alert(1)> "onclick='x' javascript:alert(1) http://"><svg/onload=1> ` + "\u202e\x00\x1b[31m&amp;&#60; ]]> <!-- "

// evilPage has evil text in each field.
func evilPage(s string, at time.Time) *page {
	f := file{title: s, shown: s + ".jpg", mime: s}
	gone := file{title: s, missing: s}
	c := &conversation{name: s, title: s, services: []string{s}, people: []person{{name: s, address: s}}, group: true}
	return &page{c: c, label: s, lost: s, messages: []message{{
		guid: s, at: at, who: s, service: s, subject: s, pieces: []piece{{text: s, style: bold | italic | mention}, {file: &f}, {file: &gone}, {text: "https://" + s}},
		app: []string{s, "http://x/" + s}, reply: &quote{s, s}, edits: []edit{{at, s}}, effect: s, tapbacks: []tapback{{mark: s, who: []string{s, s}}},
		delivered: at, read: at, edited: at, deleted: at, unsent: 1, spoken: true,
	}, {event: s, at: at}, {who: s, mine: true, failed: true, service: "SMS"}}}
}

func TestEvilText(t *testing.T) {
	p := evilPage(evil, instant("01-01 10:00"))
	text := string(renderHTML(p, time.UTC))
	checkFile(t, "evil.html", text)
	if strings.Contains(text, "<script") || strings.Contains(text, "<svg") {
		t.Error(text)
	}
	checkLines(t, p, string(renderText(p, time.UTC)))
}

// checkLines holds that only messages begin lines of a text.
func checkLines(t testing.TB, p *page, text string) {
	t.Helper()
	checkFile(t, "conversation.txt", text)
	_, list, _ := strings.Cut(text, "\n\n")
	lines := 0
	for line := range strings.Lines(list) {
		if !strings.HasPrefix(line, indent) {
			lines++
		}
	}
	if lines != len(p.messages) {
		t.Fatalf("%d lines for %d messages:\n%s", lines, len(p.messages), text)
	}
}

// FuzzRender holds every page, whatever its text, against what pages keep, and
// that a reader sees the text that was written.
func FuzzRender(f *testing.F) {
	f.Add(evil, int64(1704103200))
	f.Add("plain\r\n2024-01-01 10:00  Me: forged", int64(0))
	f.Add("https://example.com/?q=\"'<>", int64(-1))
	f.Fuzz(func(t *testing.T, s string, at int64) {
		p := evilPage(s, time.Unix(at%4e9, 0))
		checkFile(t, "fuzz.html", string(renderHTML(p, time.UTC)))
		checkLines(t, p, string(renderText(p, time.UTC)))
		plain := "x" + strings.Map(func(r rune) rune {
			if r == '\n' || shown(r) {
				return r
			}
			return -1
		}, strings.ToValidUTF8(s, "\uFFFD"))
		w := &writer{}
		w.linked("x" + s)
		doc, err := html.Parse(strings.NewReader("<pre>x" + w.String()))
		if err != nil {
			t.Fatal(err)
		}
		if got := "x" + plain; textOfNode(doc) != got {
			t.Fatalf("%q reads as %q", got, textOfNode(doc))
		}
	})
}

func textOfNode(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(textOfNode(c))
	}
	return b.String()
}

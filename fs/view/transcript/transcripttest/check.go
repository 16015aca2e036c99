// Package transcripttest holds pages against what every page keeps.
package transcripttest

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"ibfs/fs/view/transcript"
)

// allowed are the elements of a page, with the attributes that each may have.
var allowed = map[string]string{
	"html": "lang", "head": "", "meta": "charset http-equiv content name", "title": "", "style": "", "body": "", "h1": "", "h2": "dir", "p": "class dir",
	"div": "class dir", "bdi": "", "time": "datetime", "b": "", "i": "", "u": "", "s": "", "strong": "", "a": "rel href", "details": "", "summary": "",
	"img": "loading src alt", "video": "controls preload src", "audio": "controls preload src",
}

// HTML holds that a page of HTML has no elements but those that pages have, no
// control characters, and no links but to the web and into a folder beside it.
func HTML(t testing.TB, name, text, folder string) {
	t.Helper()
	noControls(t, name, text)
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
			inside := strings.HasPrefix(a.Val, folder+"/")
			if a.Key == "src" && !inside || a.Key == "href" && !web && !inside {
				t.Fatalf("%s: %s leads to %q", name, token.Data, a.Val)
			}
		}
	}
	if style != 1 {
		t.Fatalf("%s has %d styles", name, style)
	}
}

// Text holds that a text has no control characters, and that as many lines
// begin a message as there are messages.
func Text(t testing.TB, name, text string, messages int) {
	t.Helper()
	noControls(t, name, text)
	_, list, _ := strings.Cut(text, "\n\n")
	lines := 0
	for line := range strings.Lines(list) {
		if !strings.HasPrefix(line, transcript.Indent) {
			lines++
		}
	}
	if lines != messages {
		t.Fatalf("%s: %d lines for %d messages:\n%s", name, lines, messages, text)
	}
}

func noControls(t testing.TB, name, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			t.Fatalf("%s has the character %U", name, r)
		}
	}
}

// Seen is what a reader of a page sees of a text: all but control characters
// and what turns the direction of what follows.
func Seen(s string) string {
	return strings.Map(func(r rune) rune {
		hidden := unicode.IsControl(r) && r != '\n' && r != '\t'
		if hidden || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0xFEFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

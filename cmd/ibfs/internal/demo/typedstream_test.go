package demo

import (
	"strings"
	"testing"
)

// TestAttributedBody holds our bytes against those that phones write.
func TestAttributedBody(t *testing.T) {
	const (
		head = "\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00\x84\x84\x08NSObject\x00\x85\x92\x84\x84\x84\x08NSString\x01\x94\x84\x01+"
		part = "\x92\x84\x84\x84\x0cNSDictionary\x00\x94\x84\x01i\x01\x92\x84\x96\x96\x1d__kIMMessagePartAttributeName\x86" +
			"\x92\x84\x84\x84\x08NSNumber\x00\x84\x84\x07NSValue\x00\x94\x84\x01*\x84\x99\x99\x00\x86\x86\x86"
	)
	attributes := []attribute{{"__kIMMessagePartAttributeName", 0}}
	long := strings.Repeat("x", 200)
	for _, c := range []struct{ name, text, want string }{
		{"short", "Hello", head + "\x05Hello\x86\x84\x02iI\x01\x05" + part},
		{"a length of two bytes", long, head + "\x81\xc8\x00" + long + "\x86\x84\x02iI\x01\x81\xc8\x00" + part},
		{"UTF-8 bytes, UTF-16 units", "é🎈", head + "\x06é🎈\x86\x84\x02iI\x01\x03" + part},
	} {
		if got := string(attributedBody(run{c.text, attributes})); got != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.name, got, c.want)
		}
	}
}

// TestTalks reads every talk: each says something of people that there are,
// and nobody answers before the question.
func TestTalks(t *testing.T) {
	for _, talk := range append(talks, whatsAppTalks...) {
		lines := talk.lines()
		if len(lines) < 2 {
			t.Errorf("%q says %d lines", talk.with, len(lines))
		}
		for i, l := range lines {
			if l.from != "me" && personOf(l.from).phone == "" {
				t.Errorf("%s has no number", l.from)
			}
			if i > 0 && !l.at.After(lines[i-1].at) {
				t.Errorf("%q is said before %q", l.text, lines[i-1].text)
			}
			if l.text == "" && l.kind == "" {
				t.Errorf("%q: line %d says nothing", talk.with, i)
			}
		}
	}
}

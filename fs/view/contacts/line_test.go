package contacts

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/emersion/go-vcard"

	"ibfs/fs/view"
)

func TestFolding(t *testing.T) {
	for name, line := range map[string]string{
		"empty": "", "just fits": strings.Repeat("x", 75), "one more": strings.Repeat("x", 76), "twice": strings.Repeat("x", 75+74), "thrice": strings.Repeat("x", 75+74+1),
		"two bytes": strings.Repeat("é", 90), "three": strings.Repeat("語", 90), "four": "x" + strings.Repeat("😀", 90),
	} {
		t.Run(name, func(t *testing.T) {
			got := string(appendFolded(nil, line))
			checkLines(t, got)
			if joined := strings.ReplaceAll(got, "\r\n ", ""); joined != line+"\r\n" {
				t.Errorf("%q unfolds to %q", line, joined)
			}
			if n := foldedLen(int64(len(line))); isASCII(line) && n != int64(len(got)) {
				t.Errorf("%d bytes, said to be %d", len(got), n)
			}
		})
	}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// checkLines fails the test where lines are not as RFC 2425 has them.
func checkLines(t *testing.T, s string) {
	t.Helper()
	if !strings.HasSuffix(s, "\r\n") {
		t.Errorf("no line end behind %q", s)
	}
	for l := range strings.SplitSeq(strings.TrimSuffix(s, "\r\n"), "\r\n") {
		if len(l) > lineLength || !utf8.ValidString(l) || strings.ContainsAny(l, "\r\n") {
			t.Errorf("%d bytes: %q", len(l), l)
		}
	}
}

func TestParameters(t *testing.T) {
	for value, want := range map[string]string{
		"twitter": ";X=twitter", "a:b;c,d": `;X="a:b;c,d"`, `say "x"` + "\n:": `;X="say 'x' :"`,
	} {
		if got := param("X", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// parse reads cards with a parser that others wrote. It leaves one escape as it
// is, that of a semicolon.
func parse(t *testing.T, s string) (cards []vcard.Card) {
	t.Helper()
	dec := vcard.NewDecoder(strings.NewReader(s))
	for {
		c, err := dec.Decode()
		if c == nil {
			return cards
		}
		if err != nil {
			t.Fatalf("%v in %q", err, s)
		}
		for _, fields := range c {
			for _, f := range fields {
				f.Value = strings.ReplaceAll(f.Value, `\;`, ";")
			}
		}
		cards = append(cards, c)
	}
}

// FuzzCard renders a contact whose every text is hostile: the card must be read
// by a parser that others wrote, with each text as it was.
func FuzzCard(f *testing.F) {
	f.Add("Anna", "_$!<Home>!$_", "+47 12,,34;5", "700000000.5", int64(phoneProperty))
	f.Add("a;b,c\\n\\", "END:VCARD\r\nBEGIN:VCARD", "\u2028\x00\x85\r\n \tx", "1604-02-29", int64(profileProperty))
	f.Add(strings.Repeat("語", 90), "_$!<HomeFAX>!$_", "https://example.com/?a=b,c;d\\", "-12497328000", int64(urlProperty))
	f.Add("\"quoted\":", "work", "user\nname", "nan", int64(chatProperty))
	f.Add("x", "", "", "99999999999", int64(dateProperty))
	f.Fuzz(func(t *testing.T, name, label, content, day string, property int64) {
		name, label, content = view.Clean(strings.ToValidUTF8(name, "\uFFFD")), view.Clean(strings.ToValidUTF8(label, "\uFFFD")), view.Clean(strings.ToValidUTF8(content, "\uFFFD"))
		p := person{id: 7, birthday: day}
		for i := range p.text {
			p.text[i] = name
		}
		p.values = []value{
			{property: property, label: label, text: content},
			{property: property, label: label, parts: map[string]string{"street": content, "username": content, "service": name, "url": label, "city": name}},
		}
		c := contact{people: []*person{&p}, groups: []string{label, name}}
		c.collect(nil)
		text := string(c.card()) + cardEnd
		checkLines(t, text)
		cards := parse(t, text)
		if len(cards) != 1 {
			t.Fatalf("%d cards in %q", len(cards), text)
		}
		got := cards[0]
		if fn := got.Value("FN"); fn == "" || name != "" && fn != view.OneLine(name) {
			t.Errorf("%q is read as %q", name, fn)
		}
		if got.Value("NOTE") != name || got.Value("NICKNAME") != name {
			t.Errorf("%q is read as %q", name, got.Value("NOTE"))
		}
		if property == phoneProperty && content != "" && !slices.Contains(got.Values("TEL"), view.OneLine(content)) {
			t.Errorf("%q is read as %q", content, got.Values("TEL"))
		}
		if property == relatedProperty && content != "" && !slices.Contains(got.Values("X-ABRELATEDNAMES"), view.OneLine(content)) {
			t.Errorf("%q is read as %q", content, got.Values("X-ABRELATEDNAMES"))
		}
	})
}

package markup_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ibfs/fs/view/markup"
)

// FuzzWriter: whatever a text is, it is that of an element or the value of an
// attribute, and no more.
func FuzzWriter(f *testing.F) {
	for _, s := range []string{"plain", `"><script>alert(1)</script>`, "</style></title><!-- ", "a\x00\u202eb\xff\tc\nd", "&amp;&#60;'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w := markup.Writer{}
		w.Begin("x"+s, "b { color: red }")
		w.Link("https://x/"+s, s)
		for _, ext := range []string{".jpg", ".MOV", ".m4a", ".pdf"} {
			w.File("./x"+s+ext, s+ext)
		}
		w.End()
		count := map[string]int{}
		for z := html.NewTokenizer(strings.NewReader(w.String())); z.Next() != html.ErrorToken; {
			token := z.Token()
			if token.Type == html.CommentToken {
				t.Fatal("a comment")
			}
			if token.Type == html.StartTagToken {
				count[token.Data]++
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Fatalf("the attribute %s", a.Key)
				}
				if a.Key == "src" && !strings.HasPrefix(a.Val, "./x") {
					t.Fatalf("%s loads %q", token.Data, a.Val)
				}
			}
		}
		for name, want := range map[string]int{"a": 5, "img": 1, "video": 1, "audio": 1, "title": 1, "style": 1, "script": 0} {
			if count[name] != want {
				t.Fatalf("%d elements %s, want %d:\n%s", count[name], name, want, w.String())
			}
		}
		for _, r := range w.String() {
			if r != '\n' && !markup.Visible(r) {
				t.Fatalf("the character %U", r)
			}
		}
	})
}

func TestZone(t *testing.T) {
	at := time.Date(2024, 7, 14, 18, 3, 0, 0, time.UTC)
	for want, zone := range map[string]*time.Location{
		"Times are those of UTC": time.UTC, "Times are those of CEST": time.FixedZone("CEST", 7200),
		"Times are those of this machine's zone, " + at.In(time.Local).Format("UTC-07:00") + " at the newest": time.Local,
	} {
		if got := markup.Zone(zone, at); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

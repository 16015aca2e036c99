package safari

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ibfs/fs/view"
)

// FuzzPage holds that a page has one link and one folder, whatever their names
// are, and that nothing in it runs.
func FuzzPage(f *testing.F) {
	f.Add("a", "https://example.com", "b", "c")
	f.Add("</A><script>", "javascript:alert(1)", "</DL>", "\"' onclick=x")
	f.Add("\x00\xff", "https://x/\"><img src=x>", "&amp;", "\n<DT>")
	f.Fuzz(func(t *testing.T, title, address, folder, preview string) {
		m := &mark{title: view.OneLine(title), url: view.OneLine(address), preview: view.OneLine(preview), at: time.Unix(1, 0)}
		root, err := html.Parse(strings.NewReader(string(page("x", []*mark{{folder: true, title: view.OneLine(folder), children: []*mark{m}}}))))
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for n := range root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			count[n.Data]++
			for _, a := range n.Attr {
				switch {
				case a.Key == "href" && !strings.HasPrefix(strings.ToLower(a.Val), "http"):
					t.Errorf("a link to %q", a.Val)
				case a.Key != "href" && a.Key != "add_date" && n.Data != "meta":
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
			}
		}
		for name, n := range count {
			if !strings.Contains(" html head body meta title h1 h3 dl dt dd a p ", " "+name+" ") {
				t.Errorf("%d of <%s>", n, name)
			}
		}
		if count["a"] != 1 || count["h3"] != 1 {
			t.Errorf("%d links, %d folders", count["a"], count["h3"])
		}
	})
}

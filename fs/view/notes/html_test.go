package notes

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"ibfs/fs/view/markup"
)

// allowed are the elements of a page, with the attributes that each may have.
var allowed = map[string]string{
	"html": "lang", "head": "", "meta": "charset http-equiv content name", "title": "", "style": "", "body": "", "header": "", "article": "", "footer": "",
	"h1": "class dir", "h2": "class dir", "h3": "class dir", "p": "", "div": "class dir", "span": "class", "pre": "dir", "blockquote": "", "br": "",
	"ul": "class", "ol": "class", "li": "class dir", "table": "dir", "tbody": "", "tr": "", "td": "dir",
	"b": "", "i": "", "u": "", "s": "", "sup": "", "sub": "", "mark": "class", "a": "rel href",
	"img": "loading src alt", "video": "controls preload src", "audio": "controls preload src",
}

// checkHTML holds a page against what every page keeps: nothing but the elements
// above, links to the web or into the folder beside it, no control characters.
// It returns the text of the article, an anchor for each object.
func checkHTML(t testing.TB, page string) string {
	t.Helper()
	for _, r := range page {
		if r != '\n' && !markup.Visible(r) {
			t.Fatalf("the page has the character %U", r)
		}
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	style := 0
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			t.Fatal("the page has a comment")
		}
		if n.Type != html.ElementNode {
			continue
		}
		attributes, ok := allowed[n.Data]
		if !ok {
			t.Fatalf("the page has an element %s", n.Data)
		}
		if n.Data == "style" {
			style++
		}
		for _, a := range n.Attr {
			if !slices.Contains(strings.Fields(attributes), a.Key) {
				t.Fatalf("%s has the attribute %s", n.Data, a.Key)
			}
			web := strings.HasPrefix(a.Val, "http://") || strings.HasPrefix(a.Val, "https://") || strings.HasPrefix(a.Val, "mailto:") || strings.HasPrefix(a.Val, "tel:")
			if a.Key == "src" && !strings.HasPrefix(a.Val, "./") || a.Key == "href" && !web && !strings.HasPrefix(a.Val, "./") {
				t.Fatalf("%s leads to %q", n.Data, a.Val)
			}
		}
	}
	if style != 1 {
		t.Fatalf("the page has %d styles", style)
	}
	var lines []string
	for n := range root.Descendants() {
		if n.Data == "article" {
			readBlocks(n, &lines)
		}
	}
	return strings.Join(lines, "\n")
}

func class(n *html.Node) string {
	for _, a := range n.Attr {
		if a.Key == "class" {
			return a.Val
		}
	}
	return ""
}

// readBlocks reads the lines of what has blocks in it.
func readBlocks(n *html.Node, lines *[]string) {
	for c := range n.ChildNodes() {
		switch c.Data {
		case "ul", "ol", "blockquote":
			readBlocks(c, lines)
		case "li":
			if class(c) != "none" {
				*lines = append(*lines, lineOf(c))
			}
			readBlocks(c, lines)
		case "h1", "h2", "h3", "pre":
			*lines = append(*lines, lineOf(c))
		case "div":
			if n.Data != "li" {
				*lines = append(*lines, lineOf(c))
			}
		}
	}
}

// lineOf is the text of a block without the blocks in it.
func lineOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		switch {
		case class(c) == "object":
			b.WriteString(anchor)
		case class(c) == "box", c.Data == "ul", c.Data == "ol":
		default:
			text := lineOf(c)
			if c.PrevSibling != nil && class(c.PrevSibling) == "box" {
				text = strings.TrimPrefix(text, " ")
			}
			b.WriteString(text)
		}
	}
	return b.String()
}

// shownText is a text as a page shows it.
func shownText(text string) string {
	return clean(strings.TrimRight(text, "\n"))
}

// letters is a text without spaces.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// readMarkdown is what a program that others wrote reads of Markdown, without
// spaces. It must find no element in it but those of looks.
func readMarkdown(t testing.TB, text []byte) string {
	t.Helper()
	var out strings.Builder
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList), goldmark.WithRendererOptions(gmhtml.WithUnsafe()))
	if err := md.Convert(text, &out); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(out.String()))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Type == html.ElementNode && !slices.Contains(strings.Fields("html head body h1 h2 h3 p ul ol li input pre code blockquote br b i u s sup sub mark strong em del a img table thead tbody tr th td"), n.Data):
			t.Fatalf("the text has an element %s:\n%s", n.Data, text)
		}
	}
	return letters(b.String())
}

const evil = `</style></div><script>alert(1)</script><img src=x onerror=alert(1)> "onclick='x' javascript:alert(1) http://"><svg/onload=1> ` + "\u202e\x00\x1b[31m&amp;&#60; ]]> <!-- ](javascript:1) `*_~~~ | \u2028 # x \u2029"

// Evil text in each field is text, in all that is written.
func TestEvilText(t *testing.T) {
	a := &attachment{row: 1, uti: evil, title: evil, text: evil, url: "https://" + evil, note: 1, file: &file{shown: evil + ".jpg"}}
	tag := &attachment{row: 2, uti: utiInline + evil, text: evil, note: 1}
	link := &attachment{row: 3, uti: utiURL, title: evil, url: evil, note: 1}
	tab := &attachment{row: 4, uti: utiTable, note: 1}
	gone := &attachment{row: 5, uti: "public.png", title: evil, note: 1}
	var pieces []piece
	for kind := range int64(5) {
		pieces = append(pieces, say(evil+"\n", styled(kind, 3), message{}.num(5, 3).num(8, -1).num(14, 1)), say(evil, message{}.text(9, evil)), say("\n"), say("-", styled(99+kind, kind)), say(evil+"\n", message{}.text(9, "https://"+evil)))
	}
	for _, id := range []string{"a", "tag", "link", "tab", "gone", "unknown" + evil} {
		pieces = append(pieces, stands(id, evil))
	}
	b, err := decodeNote(textOf(pieces...))
	if err != nil {
		t.Fatal(err)
	}
	n := &note{row: 1, title: evil, snippet: evil, attachedIn: evil, attached: []*attachment{a, tag, link, tab, gone, {row: 9, note: 1, file: &file{shown: evil}}}}
	newPage := func() *page {
		return &page{
			note: n, body: b, told: []string{evil}, used: map[*attachment]bool{},
			object: func(id string) *attachment {
				return map[string]*attachment{"a": a, "tag": tag, "link": link, "tab": tab, "gone": gone}[id]
			},
			table: func(*attachment) (table, error) {
				return table{rows: [][]body{{b, {text: evil}}}}, nil
			},
		}
	}
	checkHTML(t, string(renderHTML(newPage(), time.UTC)))
	readMarkdown(t, renderMarkdown(newPage(), time.UTC))
}

// FuzzNote: whatever a text says of itself, its lines are those of the text, the
// HTML shows just that text and nothing else, and so does the Markdown to who
// reads it.
func FuzzNote(f *testing.F) {
	f.Add([]byte(textOf(say("Title\n", styled(0, 0)), say("a 👋 b", message{}.num(5, 1)), say("\ncode\n", styled(4, 0)))))
	f.Add([]byte(textOf(say("* a\n", styled(100, 3)), say("1. b\n", styled(102, 16)), say("\n"), say("c\n", styled(103, 1, checked(1))), say("> d", styled(3, 0, message{}.num(8, 1))))))
	f.Add([]byte(textOf(say("see "), stands("X", "public.jpeg"), say(" <b>&amp; [x](y) `c` | d\n---\n    e\n")))[:60])
	f.Add([]byte(message{}.text(2, "a👋b").bytes(5, message{}.num(1, 2)).bytes(5, message{}.num(1, 1<<31-1))))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, _ := decodeNote(data)
		if len(b.text) > 1<<16 {
			return
		}
		var lines []string
		for p := range b.paragraphs() {
			var line strings.Builder
			for _, s := range p.spans {
				line.WriteString(s.text)
			}
			lines = append(lines, line.String())
		}
		if got := strings.Join(lines, "\n"); got != b.text {
			t.Fatalf("the lines are %q, the text %q", got, b.text)
		}
		b.text = strings.TrimRight(b.text, "\n")
		want := shownText(b.text)
		if b.text == "" {
			want = "A note"
		}
		if got := checkHTML(t, string(renderHTML(pageOf(b), nil))); got != want && !(b.text == "" && got == want+"\n") {
			t.Fatalf("the page shows %q, want %q", got, want)
		}
		for i := range b.runs {
			b.runs[i].object = "" // Markdown has no class to know them by
		}
		if got := readMarkdown(t, renderMarkdown(pageOf(b), nil)); got != letters(want) {
			t.Fatalf("the Markdown shows %q, want %q:\n%s", got, letters(want), renderMarkdown(pageOf(b), nil))
		}
	})
}

// FuzzTable: a table is a rectangle of bounded size, whatever its graph says.
func FuzzTable(f *testing.F) {
	for _, rtl := range []bool{false, true} {
		left := budget(maxUnpacked)
		raw, err := left.unpack(grid(rtl, []string{"a", "b"}, []string{"c", "d"}, []string{"", "f"}))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add(raw[:len(raw)/2])
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		tab, err := readTable(raw)
		width := 1
		if err == nil {
			width = len(tab.rows[0])
		}
		if len(tab.rows)*width > maxCells {
			t.Fatalf("%d rows of %d", len(tab.rows), width)
		}
		for _, r := range tab.rows {
			if len(r) != width {
				t.Fatalf("a row of %d cells in a table of %d", len(r), width)
			}
		}
	})
}

// FuzzOldNote: the HTML of an old note becomes a page like any other.
func FuzzOldNote(f *testing.F) {
	f.Add("Shopping<div>milk &amp; eggs</div><div><br></div><div>bread</div>")
	f.Add("<ul><li>a<ol><li><b>b</b></ol></ul><pre>c\n d</pre><a href='https://example.com'>e</a><script>f</script><p>g")
	f.Add("<table><tr><th>a<td>b</table>")
	f.Fuzz(func(t *testing.T, content string) {
		if len(content) > 1<<14 {
			return
		}
		b := decodeHTML(content)
		units := 0
		for _, r := range b.runs {
			units += r.units
		}
		if n, taken := prefix(b.text, 1<<40); n != len(b.text) || taken > units {
			t.Fatalf("the runs have %d units, the text %d", units, taken)
		}
		if got, want := checkHTML(t, string(renderHTML(pageOf(b), nil))), shownText(b.text); got != want && b.text != "" {
			t.Fatalf("the page shows %q, want %q", got, want)
		}
	})
}

package notes

import (
	"strings"
	"unicode/utf16"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// decodeHTML reads the text of an old note, as Notes wrote it or as an e-mail
// account gave it. Of its elements those count that a text of today can have;
// of all others their text does, but for scripts and styles.
func decodeHTML(content string) body {
	d := htmlDecoder{fresh: true}
	z := html.NewTokenizer(strings.NewReader(content))
	z.SetMaxBuf(maxText + 1)
	for len(d.runs) < maxRuns {
		switch z.Next() {
		case html.ErrorToken: // the end
			return d.end()
		case html.TextToken:
			if d.hidden == 0 {
				d.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			d.open(z)
		case html.EndTagToken:
			name, _ := z.TagName()
			d.close(atom.Lookup(name))
		}
	}
	return d.end()
}

type htmlDecoder struct {
	out    strings.Builder
	runs   []run
	depth  [6]int // of the elements of each look that are open
	links  []string
	lists  []kind
	item   bool // within an item of the last list
	pre    int
	hidden int
	fresh  bool // at the beginning of a line
	broken bool // a block ended: what follows begins a line
}

// textLooks are the elements that change how a text looks.
var textLooks = map[atom.Atom]look{
	atom.B: bold, atom.Strong: bold, atom.I: italic, atom.Em: italic, atom.U: underline, atom.Ins: underline,
	atom.S: strike, atom.Strike: strike, atom.Del: strike, atom.Sup: super, atom.Sub: sub,
}

func bit(l look) int {
	n := 0
	for l >>= 1; l > 0; l >>= 1 {
		n++
	}
	return n
}

func (d *htmlDecoder) open(z *html.Tokenizer) {
	name, more := z.TagName()
	tag := atom.Lookup(name)
	switch tag {
	case atom.Br:
		d.line()
	case atom.Td, atom.Th:
		if !d.fresh && !d.broken {
			d.add("\t")
		}
	case atom.A:
		link := ""
		for more {
			var key, val []byte
			if key, val, more = z.TagAttr(); string(key) == "href" {
				link = web(string(val))
			}
		}
		if len(d.links) < maxIndent {
			d.links = append(d.links, link)
		}
	case atom.Ul, atom.Ol:
		d.block()
		k := dotted
		if tag == atom.Ol {
			k = numbered
		}
		if len(d.lists) < maxIndent {
			d.lists = append(d.lists, k)
		}
	case atom.Li:
		d.block()
		d.item = true
	case atom.Pre:
		d.block()
		d.pre++
	case atom.Script, atom.Style, atom.Title:
		d.hidden++
	default:
		if l, ok := textLooks[tag]; ok {
			d.depth[bit(l)]++
		} else if isBlock(tag) {
			d.block()
		}
	}
}

func (d *htmlDecoder) close(tag atom.Atom) {
	switch tag {
	case atom.A:
		if len(d.links) > 0 {
			d.links = d.links[:len(d.links)-1]
		}
	case atom.Ul, atom.Ol:
		d.block()
		if len(d.lists) > 0 {
			d.lists = d.lists[:len(d.lists)-1]
		}
	case atom.Li:
		d.block()
		d.item = false
	case atom.Pre:
		d.block()
		d.pre = max(d.pre-1, 0)
	case atom.Script, atom.Style, atom.Title:
		d.hidden = max(d.hidden-1, 0)
	default:
		if l, ok := textLooks[tag]; ok {
			d.depth[bit(l)] = max(d.depth[bit(l)]-1, 0)
		} else if isBlock(tag) {
			d.block()
		}
	}
}

func isBlock(tag atom.Atom) bool {
	switch tag {
	case atom.Div, atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Table, atom.Tr, atom.Hr, atom.Body, atom.Section:
		return true
	}
	return false
}

// block is where a block begins or ends: what follows is on a line of its own.
func (d *htmlDecoder) block() { d.broken = !d.fresh }

// line ends a line.
func (d *htmlDecoder) line() {
	d.begin()
	d.add("\n")
	d.fresh = true
}

func (d *htmlDecoder) begin() {
	if d.broken {
		d.broken = false
		d.add("\n")
		d.fresh = true
	}
}

func (d *htmlDecoder) text(s string) {
	if d.pre == 0 {
		lead, trail := s != "" && strings.TrimLeft(s, " \t\r\n") != s, s != "" && strings.TrimRight(s, " \t\r\n") != s
		if s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) }), " "); lead && (s != "" || !d.fresh) {
			s = " " + s
		}
		if trail && strings.TrimSpace(s) != "" {
			s += " "
		}
		if d.fresh || d.broken {
			s = strings.TrimLeft(s, " ")
		}
	}
	if s == "" {
		return
	}
	d.begin()
	d.add(s)
	d.fresh = strings.HasSuffix(s, "\n")
}

// add adds a text with the looks of now.
func (d *htmlDecoder) add(s string) {
	d.out.WriteString(s)
	r := run{units: len(utf16.Encode([]rune(s)))}
	for i, n := range d.depth {
		r.look |= when(n > 0, 1<<i)
	}
	if len(d.links) > 0 {
		r.link = d.links[len(d.links)-1]
	}
	switch {
	case d.pre > 0:
		r.line.kind = mono
	case d.item && len(d.lists) > 0:
		r.line.kind, r.line.indent = d.lists[len(d.lists)-1], uint8(len(d.lists)-1)
	}
	d.runs = append(d.runs, r)
}

func (d *htmlDecoder) end() body {
	return body{strings.TrimRight(d.out.String(), "\n"), d.runs}
}

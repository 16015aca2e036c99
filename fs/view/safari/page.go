package safari

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"net/url"
	"strings"
)

// page is a page of bookmarks in the form that browsers import. What is no
// address of the web, such as a script, is shown without a link.
//
// Source: the form is Netscape's; Firefox and Chrome write and read it.
func page(title string, top []*mark) []byte {
	var b bytes.Buffer
	title = html.EscapeString(title)
	fmt.Fprintf(&b, `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>%s</TITLE>
<H1>%s</H1>
`, title, title)
	list(&b, top, "")
	return b.Bytes()
}

func list(b *bytes.Buffer, marks []*mark, indent string) {
	b.WriteString(indent + "<DL><p>\n")
	in := indent + "    "
	for _, m := range marks {
		b.WriteString(in + "<DT>")
		if m.folder {
			fmt.Fprintf(b, "<H3%s%s>%s</H3>\n", m.date(), m.bar(), html.EscapeString(m.name()))
			list(b, m.children, in)
			continue
		}
		text := m.name()
		href := ""
		if isWeb(m.url) {
			href = ` HREF="` + html.EscapeString(m.url) + `"`
		} else if m.url != text {
			text += " (" + m.url + ")"
		}
		fmt.Fprintf(b, "<A%s%s>%s</A>\n", href, m.date(), html.EscapeString(text))
		if m.preview != "" {
			b.WriteString(in + "<DD>" + html.EscapeString(m.preview) + "\n")
		}
	}
	b.WriteString(indent + "</DL><p>\n")
}

func (m *mark) date() string {
	if m.at.IsZero() {
		return ""
	}
	return fmt.Sprintf(` ADD_DATE="%d"`, m.at.Unix())
}

func (m *mark) bar() string {
	if m.special == favourites {
		return ` PERSONAL_TOOLBAR_FOLDER="true"`
	}
	return ""
}

// name is what a mark is shown as. Safari's own folders have keys for names.
func (m *mark) name() string {
	switch {
	case m.special == favourites:
		return "Favourites"
	case m.special == menu:
		return "Bookmarks menu"
	case m.folder:
		return cmp.Or(m.title, "Untitled")
	}
	return cmp.Or(m.title, m.url, "Untitled")
}

// isWeb reports whether a text is an address that a browser may go to.
func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (strings.EqualFold(u.Scheme, "http") || strings.EqualFold(u.Scheme, "https"))
}

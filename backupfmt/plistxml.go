package backupfmt

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"html"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mendXMLPlist writes a property list of XML anew with the values that can be
// read. It takes what programs and bad disks make of one: control characters,
// numbers and dates that are none, tags that do not match, an early end.
func mendXMLPlist(b []byte, skip []string, budget int) (mended []byte, lost int, err error) {
	m := xmlPlist{in: bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), skip: skip, budget: budget}
	if !bytes.HasPrefix(bytes.TrimSpace(m.in), []byte("<")) {
		return nil, 0, errors.New("neither binary nor XML")
	}
	m.out.WriteString("<plist>")
	for {
		tag := m.next(nil)
		switch {
		case tag.kind == xmlEnd:
			return nil, 0, errors.New("it holds no value")
		case tag.kind == xmlClose || tag.name == "plist":
			continue
		case !m.value(tag, 0):
			return nil, 0, errors.New("its outermost value cannot be read")
		}
		m.out.WriteString("</plist>")
		return m.out.Bytes(), m.lost, nil
	}
}

type xmlKind byte

const (
	xmlEnd   xmlKind = iota // the end of the input
	xmlOpen                 // <name>
	xmlEmpty                // <name/>
	xmlClose                // </name>
)

type xmlTag struct {
	kind  xmlKind
	name  string
	start int // its offset, to come back to
}

type xmlPlist struct {
	in     []byte
	pos    int
	out    bytes.Buffer
	skip   []string
	lost   int
	budget int // what the values may still cost
}

// next moves past the next tag and adds the text before it to text.
func (m *xmlPlist) next(text *strings.Builder) xmlTag {
	for {
		n := bytes.IndexByte(m.in[m.pos:], '<')
		if n < 0 {
			m.pos = len(m.in)
			return xmlTag{}
		}
		if text != nil {
			text.WriteString(html.UnescapeString(string(m.in[m.pos : m.pos+n])))
		}
		m.pos += n
		rest := m.in[m.pos:]
		switch {
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			inner := m.past("]]>")
			if text != nil {
				text.Write(inner[len("<![CDATA["):])
			}
		case bytes.HasPrefix(rest, []byte("<!--")):
			m.past("-->")
		case bytes.HasPrefix(rest, []byte("<?")):
			m.past("?>")
		case bytes.HasPrefix(rest, []byte("<!")):
			m.past(">")
		default:
			start := m.pos
			inner := m.past(">")
			if m.pos == len(m.in) && m.in[m.pos-1] != '>' {
				return xmlTag{}
			}
			return parseTag(string(inner[1:]), start)
		}
	}
}

// past moves past the next mark, or to the end, and returns what lay before it.
func (m *xmlPlist) past(mark string) []byte {
	before, _, _ := bytes.Cut(m.in[m.pos:], []byte(mark))
	m.pos = min(m.pos+len(before)+len(mark), len(m.in))
	return before
}

// parseTag takes what lies between < and >. Attributes mean nothing here.
func parseTag(s string, start int) xmlTag {
	tag := xmlTag{kind: xmlOpen, start: start}
	if name, ok := strings.CutPrefix(s, "/"); ok {
		tag.kind, s = xmlClose, name
	} else if name, ok := strings.CutSuffix(s, "/"); ok {
		tag.kind, s = xmlEmpty, name
	}
	if end := strings.IndexAny(s, " \t\r\n"); end >= 0 {
		s = s[:end]
	}
	tag.name = s
	return tag
}

// value writes the value that a tag opens and moves past it. One that cannot be
// read is counted, and nothing of it is written.
func (m *xmlPlist) value(tag xmlTag, depth int) bool {
	mark := m.out.Len()
	m.budget -= plistNode
	ok := m.budget > 0 && depth <= maxPlistDepth
	if ok {
		ok = m.write(tag, depth)
	} else {
		m.pass(tag)
	}
	if !ok {
		m.out.Truncate(mark)
		m.lost++
	}
	return ok
}

func (m *xmlPlist) write(tag xmlTag, depth int) bool {
	switch tag.name {
	case "dict":
		m.budget -= plistDict
		m.writeDict(tag, depth)
		return true
	case "array":
		m.writeArray(tag, depth)
		return true
	}
	clean, ok := cleanLeaf(tag.name, m.text(tag))
	m.budget -= len(clean)
	m.leaf(tag.name, clean)
	return ok
}

// leaf writes an element of text. EscapeText replaces what XML cannot hold.
func (m *xmlPlist) leaf(name, text string) {
	m.out.WriteString("<" + name + ">")
	_ = xml.EscapeText(&m.out, []byte(text)) // a bytes.Buffer takes all
	m.out.WriteString("</" + name + ">")
}

func (m *xmlPlist) writeDict(open xmlTag, depth int) {
	m.out.WriteString("<dict>")
	key, haveKey := "", false
	for open.kind != xmlEmpty {
		tag := m.next(nil)
		if m.closes(tag, "dict") {
			break
		}
		if tag.kind == xmlClose {
			continue
		}
		if tag.name == "key" {
			if haveKey {
				m.lost++
			}
			key, haveKey = m.text(tag), true
			continue
		}
		switch {
		case !haveKey:
			m.lost++
			m.pass(tag)
		case slices.Contains(m.skip, key):
			m.pass(tag)
		default:
			mark := m.out.Len()
			m.leaf("key", key)
			if !m.value(tag, depth+1) {
				m.out.Truncate(mark)
			}
		}
		haveKey = false
	}
	if haveKey {
		m.lost++
	}
	m.out.WriteString("</dict>")
}

func (m *xmlPlist) writeArray(open xmlTag, depth int) {
	m.out.WriteString("<array>")
	for open.kind != xmlEmpty {
		tag := m.next(nil)
		if m.closes(tag, "array") {
			break
		}
		if tag.kind != xmlClose {
			m.value(tag, depth+1)
		}
	}
	m.out.WriteString("</array>")
}

// closes tells whether a tag ends the container of that name. The end of the
// input does, and so does the end of another container, which is left to be
// read again by the one that it ends.
func (m *xmlPlist) closes(tag xmlTag, container string) bool {
	switch {
	case tag.kind == xmlEnd:
		m.lost++
		return true
	case tag.kind != xmlClose:
		return false
	case tag.name == container:
		return true
	case isContainer(tag.name):
		m.lost++
		m.pos = tag.start
		return true
	}
	return false
}

func isContainer(name string) bool { return name == "dict" || name == "array" || name == "plist" }

func isLeaf(name string) bool {
	switch name {
	case "key", "string", "integer", "real", "date", "data", "true", "false":
		return true
	}
	return false
}

// text is what an element without children holds.
func (m *xmlPlist) text(open xmlTag) string {
	var text strings.Builder
	m.readText(open, &text)
	return text.String()
}

// readText moves past an element without children. One that is never closed
// ends where another element of a property list begins or a container ends.
func (m *xmlPlist) readText(open xmlTag, text *strings.Builder) {
	for open.kind != xmlEmpty {
		tag := m.next(text)
		switch {
		case tag.kind == xmlEnd, tag.kind == xmlClose && tag.name == open.name:
			return
		case isContainer(tag.name), tag.kind != xmlClose && isLeaf(tag.name):
			m.pos = tag.start
			return
		}
	}
}

// pass moves past an element that is left out.
func (m *xmlPlist) pass(open xmlTag) {
	if isLeaf(open.name) {
		m.readText(open, nil)
		return
	}
	for depth := 1; depth > 0 && open.kind == xmlOpen; {
		tag := m.next(nil)
		switch {
		case tag.kind == xmlEnd:
			return
		case tag.kind == xmlOpen:
			depth++
		case tag.kind == xmlClose:
			depth--
		}
	}
}

// cleanLeaf gives the text of a value as the library takes it.
func cleanLeaf(name, text string) (clean string, ok bool) {
	switch name {
	case "string":
		return text, true
	case "true", "false":
		return "", true
	case "integer":
		return cleanInteger(strings.TrimSpace(text))
	case "real":
		f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		return strconv.FormatFloat(f, 'g', -1, 64), err == nil
	case "date":
		t, err := time.Parse(time.RFC3339, strings.TrimSpace(text))
		return t.UTC().Format(time.RFC3339Nano), err == nil && t.UTC().Year() >= 0 && t.UTC().Year() <= 9999
	case "data":
		text = strings.Join(strings.Fields(text), "")
		_, err := base64.StdEncoding.DecodeString(text)
		return text, err == nil
	}
	return "", false
}

// cleanInteger takes decimal digits, or hexadecimal ones after 0x, with a sign.
func cleanInteger(s string) (clean string, ok bool) {
	digits, negative := strings.CutPrefix(s, "-")
	base := 10
	if hex, ok := strings.CutPrefix(strings.ToLower(digits), "0x"); ok {
		digits, base = hex, 16
	}
	if negative {
		n, err := strconv.ParseInt("-"+digits, base, 64)
		return strconv.FormatInt(n, 10), err == nil
	}
	n, err := strconv.ParseUint(digits, base, 64)
	return strconv.FormatUint(n, 10), err == nil
}

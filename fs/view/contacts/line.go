package contacts

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// lines writes the lines of a vCard.
//
// Source: RFC 2425 and 2426. The library that there is for vCards reads them
// in the tests; it does not write ours, since it neither folds lines nor keeps a
// semicolon in a name apart from those between the parts of one.
type lines struct {
	b    []byte
	item int // the last group of lines that belong together
}

// add writes a line: a name, parameters such as ";TYPE=HOME", and a value as it
// stands in the file.
func (l *lines) add(name, params, value string) {
	l.b = appendFolded(l.b, name+params+":"+value)
}

// labelled writes a line and, when it has a label, one with the label's text
// that is bound to it, by "item1." before both.
func (l *lines) labelled(label, name, params, value string, more ...string) {
	if label == "" && len(more) == 0 {
		l.add(name, params, value)
		return
	}
	l.item++
	item := fmt.Sprintf("item%d.", l.item)
	l.add(item+name, params, value)
	for i := 0; i+1 < len(more); i += 2 {
		l.add(item+more[i], "", text(more[i+1]))
	}
	if label != "" {
		l.add(item+"X-ABLabel", "", text(label))
	}
}

// texts writes a line whose value is a text, unless it is empty.
func (l *lines) text(name, value string) {
	if value != "" {
		l.add(name, "", text(value))
	}
}

const lineLength = 75 // octets, without the line end

// appendFolded appends a line, folded where a rune begins: a line end and a
// space stand between the pieces.
func appendFolded(b []byte, line string) []byte {
	for room := lineLength; len(line) > room; room = lineLength - 1 {
		cut := room
		for cut > room-utf8.UTFMax && !utf8.RuneStart(line[cut]) {
			cut--
		}
		b = append(b, line[:cut]...)
		b = append(b, "\r\n "...)
		line = line[cut:]
	}
	b = append(b, line...)
	return append(b, "\r\n"...)
}

// foldedLen is the length that a line of so many ASCII letters is folded to.
func foldedLen(n int64) int64 {
	folds := int64(0)
	if n > lineLength {
		folds = (n - lineLength + lineLength - 2) / (lineLength - 1)
	}
	return n + folds*int64(len("\r\n ")) + int64(len("\r\n"))
}

var escaper = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)

// text is a text as it stands in a value.
func text(s string) string { return escaper.Replace(s) }

// parts are several texts in one value.
func parts(texts ...string) string {
	escaped := make([]string, len(texts))
	for i, t := range texts {
		escaped[i] = text(t)
	}
	return strings.Join(escaped, ";")
}

// param is a parameter. A value can hold neither a quote nor a line end.
func param(name, value string) string {
	value = strings.NewReplacer(`"`, "'", "\n", " ", "\t", " ").Replace(value)
	if strings.ContainsAny(value, ":;,") {
		value = `"` + value + `"`
	}
	return ";" + name + "=" + value
}

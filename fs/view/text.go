package view

import "strings"

// Clean is a text without what no reader shows: control characters other than
// tab and newline. Line ends of every kind become newlines.
func Clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085' || r == '\v' || r == '\f':
			return '\n'
		case r < ' ' && r != '\n' && r != '\t', r >= 0x7F && r < 0xA0, r == '\uFEFF':
			return -1
		}
		return r
	}, s))
}

// OneLine is what Clean leaves of a text, in one line.
func OneLine(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

package view

import (
	"strings"

	"ibfs/fs/view/markup"
)

// Clean is a text of visible characters, tabs and newlines: without what no
// reader shows, or what would show the rest in another order. Line ends of every
// kind become newlines.
func Clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085' || r == '\v' || r == '\f':
			return '\n'
		case r != '\n' && !markup.Visible(r):
			return -1
		}
		return r
	}, s))
}

// OneLine is what Clean leaves of a text, in one line.
func OneLine(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

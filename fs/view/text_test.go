package view_test

import (
	"testing"

	"ibfs/fs/view"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, clean, line string }{
		{"plain", "Grüße, 語", "Grüße, 語", "Grüße, 語"},
		{"empty", " \n\t", "", ""},
		{"around", "  a  b \n", "a  b", "a b"},
		{"line ends", "a\r\nb\rc\u2028d\u2029e\u0085f\vg\fh", "a\nb\nc\nd\ne\nf\ng\nh", "a b c d e f g h"},
		{"control characters", "a\x00b\x1bc\x7fd\u009fe\ufefff", "abcdef", "abcdef"},
		{"other direction", "a\u202eb\u2066c\u2069\u202c", "abc", "abc"},
		{"tab", "a\tb", "a\tb", "a b"},
		{"no UTF-8", "a\xffb", "a\ufffdb", "a\ufffdb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := view.Clean(c.in); got != c.clean {
				t.Errorf("Clean: %q, want %q", got, c.clean)
			}
			if got := view.OneLine(c.in); got != c.line {
				t.Errorf("OneLine: %q, want %q", got, c.line)
			}
			if got := view.Clean(c.clean); got != c.clean {
				t.Errorf("once more: %q", got)
			}
		})
	}
}

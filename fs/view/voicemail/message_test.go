package voicemail

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// FuzzMessage renders a message whose every text is hostile: its heading stays
// one line a field, its name one of a file, and a terminal shows it all.
func FuzzMessage(f *testing.F) {
	f.Add("+4712345678", "Anna", "Call me back", int64(1720976580))
	f.Add("../..\r\nTo: x", "\xff\u202e", "\x00", int64(-1))
	f.Add("", "", "", int64(0))
	f.Add("\x1b[2J", "\x9b", "a\x1b]0;b\x07\u202ec", int64(1))
	f.Fuzz(func(t *testing.T, sender, receiver, said string, at int64) {
		m := message{sender: line(sender), receiver: line(receiver), at: view.Unix(float64(at)), length: time.Second}
		name := view.FileName(m.title(m.sender, time.UTC), ".txt")
		if !vtree.ValidName(name) || !strings.HasSuffix(name, ".txt") {
			t.Errorf("%q", name)
		}
		text := string(m.text(m.sender, time.UTC, said, false))
		if i := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' || r == 0x202E }); i >= 0 {
			t.Errorf("it has what a terminal would obey: %q", text)
		}
		head, _, _ := strings.Cut(text, "\n\n")
		fields := 2 // from and length
		for _, there := range []bool{!m.at.IsZero(), m.receiver != ""} {
			if there {
				fields++
			}
		}
		if n := strings.Count(strings.TrimSuffix(head, "\n"), "\n") + 1; n != fields || !utf8.ValidString(head) {
			t.Errorf("%d lines, want %d: %q", n, fields, head)
		}
	})
}

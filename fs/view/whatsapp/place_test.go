package whatsapp

import (
	"slices"
	"testing"

	"ibfs/fs/view"
)

// TestAppendText keeps what somebody wrote beside a place, also where it is a part
// of what is said of it.
func TestAppendText(t *testing.T) {
	for text, want := range map[string]int{"": 2, "Oslo S": 2, "59.91100, 10.75000": 2, "Oslo": 3, "5": 3, "See you there": 3} {
		row := make(view.Row, colText+1)
		row[colText] = text
		got := appendText([]string{"Location: Oslo S", "59.91100, 10.75000"}, row)
		if len(got) != want || want == 3 && !slices.Contains(got, text) {
			t.Errorf("%q: %q", text, got)
		}
	}
}

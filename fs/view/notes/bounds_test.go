package notes

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestBounds: what takes two bytes of a note is not kept without end.
func TestBounds(t *testing.T) {
	long := "https://example.com/" + strings.Repeat("a", maxLink)
	b, err := decodeNote(message{}.text(2, "x\nx").bytes(5, message{}.num(1, 3).text(9, long)))
	if err != nil || b.runs[0].link != "" {
		t.Errorf("a link of %d bytes, %v", len(b.runs[0].link), err)
	}
	many := bytes.Repeat(message{}.bytes(1, nil), maxEntries+2)
	if g, err := decodeGraph(message{}.bytes(3, message{}.bytes(6, many))); !errors.Is(err, errLong) || len(g.objects) > 0 {
		t.Errorf("a dictionary of %d entries: %d objects, %v", maxEntries+2, len(g.objects), err)
	}
	many = bytes.Repeat(message{}.bytes(3, nil), maxEntries+2)
	if g, err := decodeGraph(message{}.bytes(3, message{}.bytes(13, many))); !errors.Is(err, errLong) || len(g.objects) > 0 {
		t.Errorf("a map of %d entries: %d objects, %v", maxEntries+2, len(g.objects), err)
	}
	g, err := decodeGraph(bytes.Repeat(message{}.text(4, "").text(5, ""), maxObjects+1))
	if err != nil || len(g.keys) != maxObjects || len(g.types) != maxObjects {
		t.Errorf("%d keys, %d types, %v", len(g.keys), len(g.types), err)
	}
}

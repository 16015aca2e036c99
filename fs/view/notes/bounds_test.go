package notes

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ibfs/fs/view"
	"ibfs/fs/view/viewtest"
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

// TestStoreBound reads notes for which there is not enough room: those behind the
// bound are lost, and told.
func TestStoreBound(t *testing.T) {
	src := viewtest.Source(t, everything(versions[3]).backup(t), nil)
	read := func(left int) (notes int, told string) {
		s, err := openStore(t.Context(), src)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		s.Left = left
		l, err := s.library(t.Context(), func(what string, err error) { told += fmt.Sprintf("%s: %v\n", what, err) })
		if err != nil {
			t.Fatal(err)
		}
		return len(l.notes), told
	}
	all, told := read(maxStore)
	if all == 0 || strings.Contains(told, view.ErrTooLong.Error()) {
		t.Errorf("%d notes, told %q", all, told)
	}
	if some, told := read(20_000); some == 0 || some >= all || !strings.Contains(told, "some notes: ") {
		t.Errorf("%d of %d notes, told %q", some, all, told)
	}
}

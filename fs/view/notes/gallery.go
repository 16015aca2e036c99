package notes

import (
	"cmp"
	"slices"
	"strings"

	"ibfs/fs/view/wire"
)

// inOrder are the scans of an attachment in the order that its graph gives: each
// map in it that begins with a text names one, and the number of the object that
// follows is its place. Those that it does not name come last, as those do of a
// graph that cannot be read.
//
// Source: apple_cloud_notes_parser lib/AppleNotesEmbeddedGallery.rb.
func (a *attachment) inOrder(packed []byte, left *budget) []*attachment {
	raw, _ := left.unpack(packed) // as far as it goes
	data, _ := within(raw, 2, 3)
	places := map[string]int64{}
	name := ""
	for f := range wire.Intact(data) {
		if f.Number != 3 || len(places) > maxObjects {
			continue
		}
		o, _ := decodeObject(f.Bytes)
		if len(o.entries) > 0 && o.typ >= 0 && o.entries[0].value.text != "" {
			name = o.entries[0].value.text
		}
		if place, ok := placeOf(f.Bytes); ok && name != "" {
			places[strings.ToUpper(name)] = place
			name = ""
		}
	}
	children := slices.Clone(a.children)
	slices.SortStableFunc(children, func(a, b *attachment) int {
		x, xOK := places[strings.ToUpper(a.identifier)]
		y, yOK := places[strings.ToUpper(b.identifier)]
		switch {
		case xOK && yOK:
			return cmp.Compare(x, y)
		case xOK:
			return -1
		case yOK:
			return 1
		}
		return 0
	})
	return children
}

// placeOf is the number that a MergeableDataObjectEntry { 9: { 1: { 2: place } } }
// has.
func placeOf(b []byte) (place int64, ok bool) {
	in, _ := within(b, 9, 1)
	for f := range wire.Intact(in) {
		if f.Number == 2 && f.Bytes == nil {
			place, ok = int64(f.Value), true
		}
	}
	return place, ok
}

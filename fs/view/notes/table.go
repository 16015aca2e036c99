package notes

import (
	"cmp"
	"errors"
	"fmt"

	"ibfs/fs/view/wire"
)

// A table is a table in a note, row by row.
type table struct {
	rows [][]body
	rtl  bool // its first column is the rightmost
}

var errTable = errors.New("it is no table that is known")

const (
	maxObjects = 400_000 // of a table, and keys and types
	maxEntries = 800_000 // of all its objects, and of one dictionary
	maxCells   = 100_000
	maxUUIDs   = 100_000
)

// A graph is what a table is kept as: objects that refer to each other by their
// places.
//
// Wire: MergableDataProto { 2: { 3: { 3: objects; 4: names of keys; 5: names of
// types; 6: UUIDs } } }.
// Source: apple_cloud_notes_parser proto/notestore.proto and
// lib/AppleNotesEmbeddedTable.rb.
type graph struct {
	objects     []object
	keys, types []string
	uuids       map[string]uint64 // place of each
}

// An object is one of: a map with keys, a dictionary, an ordered set, a text, or
// a register, which holds another object.
type object struct {
	typ      int
	entries  []entry // of a map or dictionary
	order    []byte  // of an ordered set
	text     []byte  // Note
	register int     // place of what it holds; -1 for what is none
}

// An entry is of a map, whose keys are places in graph.keys, or of a dictionary,
// whose keys are objects.
type entry struct {
	key   int
	value ref
}

// A ref is an ObjectID { 2: number; 4: text; 6: place of an object }.
type ref struct {
	number uint64
	text   string
	object int // -1 for none
}

// decodeTable reads a table that is packed. With an error comes what texts it
// has, one in each row.
func decodeTable(packed []byte, left *budget) (table, error) {
	raw, err := left.unpack(packed)
	if err != nil {
		err = fmt.Errorf("read table: %w", err)
	}
	if raw == nil {
		return table{}, err
	}
	t, tableErr := readTable(raw)
	return t, cmp.Or(err, tableErr)
}

func readTable(raw []byte) (table, error) {
	data, wireErr := within(raw, 2, 3)
	g, err := decodeGraph(data)
	if err = cmp.Or(wireErr, err); err == nil {
		var t table
		if t, err = g.table(); err == nil {
			return t, nil
		}
	}
	return g.texts(), fmt.Errorf("read table: %w", err)
}

func decodeGraph(b []byte) (*graph, error) {
	g := &graph{uuids: map[string]uint64{}}
	uuids, entries := uint64(0), 0
	var bad error
	for f, err := range wire.Fields(b) {
		if err != nil {
			return g, err
		}
		switch f.Number {
		case 3:
			if len(g.objects) == maxObjects {
				bad = errLong
				continue
			}
			o, err := decodeObject(f.Bytes)
			if err != nil {
				bad = err
			}
			if entries += len(o.entries); entries > maxEntries {
				bad = errLong
				continue
			}
			g.objects = append(g.objects, o)
		case 4:
			if len(g.keys) < maxObjects {
				g.keys = append(g.keys, string(f.Bytes))
			}
		case 5:
			if len(g.types) < maxObjects {
				g.types = append(g.types, string(f.Bytes))
			}
		case 6:
			if _, there := g.uuids[string(f.Bytes)]; !there && uuids < maxUUIDs {
				g.uuids[string(f.Bytes)] = uuids
			}
			uuids++
		}
	}
	return g, bad
}

// decodeObject reads a MergeableDataObjectEntry { 1: register { 2: ref }; 6:
// dictionary; 10: Note; 13: map { 1: type; 3: entries { 1: key; 2: ref } }; 16:
// ordered set }.
func decodeObject(b []byte) (object, error) {
	o := object{typ: -1, register: -1}
	for f, err := range wire.Fields(b) {
		if err != nil {
			return o, err
		}
		switch f.Number {
		case 1:
			held, _ := within(f.Bytes, 2)
			o.register = decodeRef(held).object
		case 6:
			o.entries = decodeDictionary(f.Bytes)
		case 10:
			o.text = f.Bytes
		case 13:
			// What cannot be read of it is missing from the table, which tells.
			for f := range wire.Intact(f.Bytes) {
				switch f.Number {
				case 1:
					o.typ = int(f.Int32())
				case 3:
					if len(o.entries) <= maxEntries {
						o.entries = append(o.entries, decodeMapEntry(f.Bytes))
					}
				}
			}
		case 16:
			o.order = f.Bytes
		}
	}
	return o, nil
}

func decodeMapEntry(b []byte) entry {
	e := entry{key: -1, value: ref{object: -1}}
	for f := range wire.Intact(b) {
		switch f.Number {
		case 1:
			e.key = int(f.Int32())
		case 2:
			e.value = decodeRef(f.Bytes)
		}
	}
	return e
}

// decodeDictionary reads a Dictionary { 1: element { 1: key; 2: value } }.
func decodeDictionary(b []byte) (all []entry) {
	for f := range wire.Intact(b) {
		if f.Number != 1 || len(all) > maxEntries {
			continue
		}
		e := entry{key: -1, value: ref{object: -1}}
		for f := range wire.Intact(f.Bytes) {
			switch f.Number {
			case 1:
				e.key = decodeRef(f.Bytes).object
			case 2:
				e.value = decodeRef(f.Bytes)
			}
		}
		all = append(all, e)
	}
	return all
}

func decodeRef(b []byte) ref {
	r := ref{object: -1}
	for f := range wire.Intact(b) {
		switch f.Number {
		case 2:
			r.number = f.Value
		case 4:
			r.text = string(f.Bytes)
		case 6:
			r.object = int(f.Int32())
		}
	}
	return r
}

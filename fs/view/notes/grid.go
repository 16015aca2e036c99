package notes

import (
	"fmt"

	"ibfs/fs/view/wire"
)

// at is an object by its place.
func (g *graph) at(place int) (*object, bool) {
	if place < 0 || place >= len(g.objects) {
		return nil, false
	}
	return &g.objects[place], true
}

// uuid is the UUID that an object stands for, by its place in graph.uuids.
func (g *graph) uuid(place int) (uint64, bool) {
	o, ok := g.at(place)
	if !ok || o.typ < 0 || len(o.entries) == 0 {
		return 0, false
	}
	return o.entries[0].value.number, true
}

// table puts each cell into its place.
func (g *graph) table() (table, error) {
	var parts map[string]*object
	for i := range g.objects {
		if o := &g.objects[i]; o.typ >= 0 && o.typ < len(g.types) && g.types[o.typ] == "com.apple.notes.ICTable" {
			parts = g.members(o)
			break
		}
	}
	rows, columns, cells := parts["crRows"], parts["crColumns"], parts["cellColumns"]
	if rows == nil || columns == nil || cells == nil {
		return table{}, errTable
	}
	rowAt, height, err := g.order(rows)
	if err != nil {
		return table{}, err
	}
	columnAt, width, err := g.order(columns)
	switch {
	case err != nil:
		return table{}, err
	case height == 0 || width == 0 || height > maxCells/width:
		return table{}, fmt.Errorf("%w: %d rows, %d columns", errTable, height, width)
	}
	t := table{rows: make([][]body, height), rtl: g.rightToLeft(parts["crTableColumnDirection"])}
	for i := range t.rows {
		t.rows[i] = make([]body, width)
	}
	spent := 0 // on texts: cells could all refer to one
	for _, column := range cells.entries {
		x, found := g.find(columnAt, column.key)
		inside, ok := g.at(column.value.object)
		if !ok {
			return table{}, errTable
		}
		if !found {
			continue // a column that was deleted
		}
		for _, cell := range inside.entries {
			o, ok := g.at(cell.value.object)
			if !ok {
				return table{}, errTable
			}
			if y, found := g.find(rowAt, cell.key); found {
				if spent += len(o.text); spent > maxText {
					return table{}, errLong
				}
				if t.rows[y][x], err = decodeNote(o.text); err != nil {
					return table{}, err
				}
			}
		}
	}
	return t, nil
}

// members are the objects that a map refers to, by the names of its keys.
func (g *graph) members(o *object) map[string]*object {
	parts := map[string]*object{}
	for _, e := range o.entries {
		if part, ok := g.at(e.value.object); ok && e.key >= 0 && e.key < len(g.keys) {
			parts[g.keys[e.key]] = part
		}
	}
	return parts
}

// find is where a row or column is that an object names.
func (g *graph) find(at map[uint64]int, place int) (int, bool) {
	id, ok := g.uuid(place)
	if !ok {
		return 0, false
	}
	n, ok := at[id]
	return n, ok
}

// order are the places of rows or columns by the UUIDs that cells name them by,
// and how many there are.
//
// Wire: OrderedSet { 1: { 1: array { 2: { 2: UUID } }; 2: names of what is in the
// array by other UUIDs, a dictionary }; 2: what is in the set, a dictionary }.
func (g *graph) order(set *object) (at map[uint64]int, n int, err error) {
	array, err := within(set.order, 1, 1)
	if err != nil {
		return nil, 0, err
	}
	other, err := within(set.order, 1, 2)
	if err != nil {
		return nil, 0, err
	}
	members, err := within(set.order, 2)
	if err != nil {
		return nil, 0, err
	}
	in := map[uint64]bool{}
	for _, e := range decodeDictionary(members) {
		if id, ok := g.uuid(e.key); ok {
			in[id] = true
		}
	}
	at = map[uint64]int{}
	for f, err := range wire.Fields(array) {
		if err != nil {
			return nil, 0, err
		}
		uuid, _ := within(f.Bytes, 2)
		id, known := g.uuids[string(uuid)]
		if f.Number != 2 || !known || !in[id] {
			continue // one that was deleted, when it is not in the set
		}
		if _, twice := at[id]; !twice {
			at[id] = n
			n++
		}
	}
	for _, e := range decodeDictionary(other) {
		from, known := g.find(at, e.key)
		if id, ok := g.uuid(e.value.object); ok && known {
			at[id] = from
		}
	}
	return at, n, nil
}

// rightToLeft is what an object says of a table's direction: a register that
// holds a text.
func (g *graph) rightToLeft(o *object) bool {
	if o == nil {
		return false
	}
	if held, ok := g.at(o.register); ok {
		o = held
	}
	return len(o.entries) > 0 && o.entries[0].value.text == "CRTableColumnDirectionRightToLeft"
}

// texts are all texts of a graph, for a table that cannot be put together.
func (g *graph) texts() table {
	var t table
	for i := range g.objects {
		if g.objects[i].text == nil || len(t.rows) == maxCells {
			continue
		}
		// What can be read of a text is better than nothing.
		if b, _ := decodeNote(g.objects[i].text); b.text != "" {
			t.rows = append(t.rows, []body{b})
		}
	}
	return t
}

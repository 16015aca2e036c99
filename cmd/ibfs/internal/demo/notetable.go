package demo

// noteTable is a table as a note keeps it: a graph of objects that refer to each
// other by their places. Rows and columns are ordered sets of UUIDs, and a cell
// is found by its column's and then its row's.
func noteTable(rows [][]string) ([]byte, error) {
	g := tableGraph{objects: make([]proto, 1)} // the table itself, when all else has its place
	rowSet, rowIDs := g.set("row", len(rows))
	columnSet, columnIDs := g.set("column", len(rows[0]))
	var columns proto
	for x, column := range columnIDs {
		var cells proto
		for y, row := range rowIDs {
			text := g.add(proto(nil).message(10, proto(nil).text(2, rows[y][x])))
			cells = append(cells, element(row, text)...)
		}
		columns = append(columns, element(column, g.add(proto(nil).message(6, cells)))...)
	}
	root := proto(nil).number(1, 1)
	for key, part := range []int64{rowSet, columnSet, g.add(proto(nil).message(6, columns))} {
		root = root.message(3, proto(nil).number(1, int64(key)).message(2, place(part)))
	}
	g.objects[0] = proto(nil).message(13, root)

	var data proto
	for _, o := range g.objects {
		data = data.message(3, o)
	}
	for _, key := range []string{"crRows", "crColumns", "cellColumns", "UUIDIndex"} {
		data = data.text(4, key)
	}
	for _, typ := range []string{"com.apple.CRDT.NSUUID", "com.apple.notes.ICTable"} {
		data = data.text(5, typ)
	}
	for _, id := range g.uuids {
		data = data.bytes(6, id)
	}
	return packed(data)
}

type tableGraph struct {
	objects []proto
	uuids   [][]byte
}

func (g *tableGraph) add(o proto) int64 {
	g.objects = append(g.objects, o)
	return int64(len(g.objects) - 1)
}

// set adds an ordered set of n UUIDs. It returns its place, and those of the
// objects that stand for its members.
func (g *tableGraph) set(what string, n int) (set int64, members []int64) {
	var array, elements proto
	for i := range n {
		id := rawUUID("table", what, string(rune('a'+i)))
		array = array.message(2, proto(nil).number(1, int64(i)).bytes(2, id))
		index := proto(nil).number(1, 3).message(2, proto(nil).number(2, int64(len(g.uuids))))
		g.uuids = append(g.uuids, id)
		members = append(members, g.add(proto(nil).message(13, proto(nil).number(1, 0).message(3, index))))
		elements = append(elements, element(members[i], members[i])...)
	}
	return g.add(proto(nil).message(16, proto(nil).message(1, proto(nil).message(1, array)).message(2, elements))), members
}

// element is an element of a dictionary.
func element(key, value int64) proto {
	return proto(nil).message(1, proto(nil).message(1, place(key)).message(2, place(value)))
}

// place is a reference to an object.
func place(of int64) proto { return proto(nil).number(6, of) }

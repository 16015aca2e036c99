package calls

import (
	"context"

	"ibfs/fs/view"
)

// readOldCalls reads the store of iOS 7 and earlier.
func readOldCalls(ctx context.Context, db *view.Database, h *history) error {
	const fromHere, byPhone = 1, 4 // bits of flags
	columns := []string{
		"address", "name",
		"date",     // Unix seconds
		"duration", // seconds
		"flags",
		"answered",       // 0 or 1; not everywhere
		"face_time_data", // only of calls by FaceTime
	}
	return h.Table(ctx, db, "call", []string{"address", "date"}, columns, func(r view.Row) {
		c := call{at: r.Unix(2), length: seconds(r.Float(3)), name: view.OneLine(r.Text(1)), direction: incoming, kind: "Phone"}
		if address := view.OneLine(r.Text(0)); address != "" {
			c.handles = []string{address}
		}
		flags := r.Int(4)
		switch {
		case flags&fromHere != 0:
			c.direction = outgoing
		case c.length == 0 && !r.Bool(5):
			c.direction = missed
		}
		if !r.Null(6) && flags&byPhone == 0 {
			c.kind = "FaceTime"
		}
		h.add(c)
	})
}

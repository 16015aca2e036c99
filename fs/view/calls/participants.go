package calls

import (
	"context"
	"errors"
	"regexp"

	"ibfs/fs/view"
)

// joinTable is the table that says who took part in a call. The numbers in its
// name and in its columns are those of entities, which differ by version.
var (
	joinTable  = regexp.MustCompile(`^Z_\d+REMOTEPARTICIPANTHANDLES$`)
	callColumn = regexp.MustCompile(`^Z_\d+REMOTEPARTICIPANTCALLS$`)
)

// participants are the handles at the other end of each call, by its key. Stores
// of iOS 12 and earlier have no such table.
func (h *history) participants(ctx context.Context, db *view.Database) (map[int64][]string, error) {
	names, err := db.Tables(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !joinTable.MatchString(name) {
			continue
		}
		join, err := db.Table(ctx, name)
		if err != nil {
			return nil, err
		}
		var ofCall, ofHandle string
		for _, c := range join.Columns {
			switch {
			case callColumn.MatchString(c):
				ofCall = c
			case joinTable.MatchString(c):
				ofHandle = c
			}
		}
		handles, err := h.handles(ctx, db)
		if err != nil || ofCall == "" || ofHandle == "" {
			return nil, err
		}
		all := map[int64][]string{}
		err = h.Scan(ctx, db, join, []string{ofCall, ofHandle}, func(r view.Row) {
			if handle := handles[r.Int(1)]; handle != "" {
				all[r.Int(0)] = append(all[r.Int(0)], handle)
			}
		})
		return all, err
	}
	return nil, nil
}

func (h *history) handles(ctx context.Context, db *view.Database) (map[int64]string, error) {
	t, err := db.Table(ctx, "ZHANDLE")
	if errors.Is(err, view.ErrSchema) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	handles := map[int64]string{}
	err = h.Scan(ctx, db, t, []string{"Z_PK", "ZVALUE", "ZNORMALIZEDVALUE"}, func(r view.Row) {
		handles[r.Int(0)] = view.OneLine(r.Text(1))
		if r.Null(1) {
			handles[r.Int(0)] = view.OneLine(r.Text(2))
		}
	})
	return handles, err
}

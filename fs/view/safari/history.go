package safari

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"ibfs/fs/view"
)

// A visit is a row of history_visits.
type visit struct {
	id    int64
	at    time.Time
	title string
	page  *visited // nil when it is not known
	cloud bool     // on another device
	bad   bool     // the page did not load
}

// A visited page is a row of history_items.
type visited struct {
	url   string
	times int64
}

// A history is what a database of visits holds.
type history struct {
	visits []visit // the latest first
	view.Reading
}

func readHistory(ctx context.Context, db *view.Database) (*history, error) {
	h := &history{Reading: view.Reading{Left: maxSize}}
	pages := map[int64]*visited{}
	err := h.Table(ctx, db, "history_items", []string{"url"}, []string{"rowid", "url", "visit_count"}, func(r view.Row) {
		pages[r.Int(0)] = &visited{view.OneLine(r.Text(1)), r.Int(2)}
	})
	switch {
	case view.Passing(err):
		return nil, err
	case err != nil && !errors.Is(err, view.ErrSchema):
		h.Lost = append(h.Lost, err)
	case err != nil:
		return nil, err
	}
	columns := []string{
		"rowid", "history_item",
		"visit_time", // Cocoa seconds, or Unix seconds in some databases of iOS 26
		"title",
		"origin",          // 0 this device, 1 another one of the account
		"load_successful", // 0 or 1
	}
	err = h.Table(ctx, db, "history_visits", []string{"history_item", "visit_time"}, columns, func(r view.Row) {
		h.visits = append(h.visits, visit{
			id: r.Int(0), page: pages[r.Int(1)], at: visitTime(r, 2), title: view.OneLine(r.Text(3)), cloud: r.Int(4) == 1, bad: !r.Null(5) && !r.Bool(5),
		})
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(h.visits, func(a, b visit) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.id, a.id)) })
	return h, nil
}

// visitTime tells the two epochs apart: as Cocoa seconds the other would be
// beyond the year 2032.
func visitTime(r view.Row, i int) time.Time {
	const cocoaEpoch = 978307200
	if r.Float(i) > cocoaEpoch {
		return r.Unix(i)
	}
	return r.Cocoa(i)
}

// table has a row for each visit: times as ISO 8601, with the distance from UTC
// that the zone had at that time.
func (h *history) table(zone *time.Location) []byte {
	s := view.NewSheet("Date", "Title", "Address", "Visits", "Device", "Loaded")
	for _, v := range h.visits {
		var address, times string
		if v.page != nil {
			address, times = v.page.url, strconv.FormatInt(v.page.times, 10)
		}
		device, loaded := "this one", "yes"
		if v.cloud {
			device = "another one"
		}
		if v.bad {
			loaded = "no"
		}
		s.Row(view.Stamp(v.at, zone), v.title, address, times, device, loaded)
	}
	return s.Bytes()
}

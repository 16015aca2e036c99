package calls

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/view/people"
)

// A call is one call, in whatever store it is.
type call struct {
	id        int             // its place among all that were read
	at        time.Time       // zero: unknown
	length    time.Duration   // 0 when nobody answered
	handles   []string        // numbers and addresses at the other end; of a group call several
	people    []people.Person // whose each handle is; the zero Person is nobody known
	name      string          // that the phone showed; "" is none
	direction string
	kind      string
	service   string // the app's bundle id; "" for the phone's own
	country   string // ISO code, in capitals
	location  string // where the number is from, as the phone tells it
}

// The directions of a call.
const (
	outgoing = "outgoing"
	incoming = "incoming"
	missed   = "missed"
)

// history is all calls.
type history struct {
	calls []call
	seen  map[string]bool // ids of calls, which two stores may both have
	size  int             // bytes
	lost  []error
}

// maxSize bounds all calls together, in bytes: there may be rows by the million,
// and those whose values lie in the same pages could have text without end.
const maxSize = 128 << 20

// callSize is what a call takes in memory beside its texts, in bytes.
const callSize = 240

var errTooMuch = errors.New("more than any call history has")

// scan reads some columns of a table; what is damaged is lost.
func (h *history) scan(ctx context.Context, db *view.Database, t view.Table, columns []string, each func(view.Row)) error {
	for row, err := range db.Scan(ctx, t, columns...) {
		switch {
		case view.Passing(err):
			return err
		case err != nil:
			h.lost = append(h.lost, err)
			continue
		}
		h.size += callSize
		for i := range row {
			h.size += len(row.Text(i))
		}
		if h.size > maxSize {
			h.lost = append(h.lost, fmt.Errorf("read %s: %w", t.Name, errTooMuch))
			return nil
		}
		each(row)
	}
	return nil
}

func (h *history) add(c call) {
	c.id = len(h.calls)
	h.calls = append(h.calls, c)
}

// readRecords reads a store of iOS 8 and later.
func readRecords(ctx context.Context, db *view.Database, h *history) error {
	t, err := db.Table(ctx, "ZCALLRECORD")
	if err != nil {
		return err
	}
	if err := t.Need("ZDATE"); err != nil {
		return err
	}
	participants, err := h.participants(ctx, db)
	switch {
	case view.Passing(err):
		return err
	case err != nil:
		h.lost = append(h.lost, err)
	}
	columns := []string{
		"Z_PK",
		"ZUNIQUE_ID",
		"ZDATE",             // Cocoa seconds
		"ZDURATION",         // seconds
		"ZADDRESS",          // a blob until iOS 11, then text
		"ZORIGINATED",       // 1: from this phone
		"ZANSWERED",         // 0 or 1, of a call that came in
		"ZCALLTYPE",         // see kindOf
		"ZSERVICE_PROVIDER", // com.apple.Telephony, com.apple.FaceTime, or an app; since iOS 10
		"ZISO_COUNTRY_CODE",
		"ZLOCATION",
		"ZNAME",
	}
	return h.scan(ctx, db, t, columns, func(r view.Row) {
		if id := r.Text(1); id != "" && h.seen[id] {
			return
		} else if id != "" {
			h.seen[id] = true
		}
		c := call{
			at: r.Cocoa(2), length: seconds(r.Float(3)), handles: participants[r.Int(0)], direction: incoming,
			country: strings.ToUpper(oneLine(r.Text(9))), location: oneLine(r.Text(10)), name: oneLine(r.Text(11)),
		}
		c.kind, c.service = kindOf(r.Int(7), oneLine(r.Text(8)))
		if address := oneLine(r.Text(4)); address != "" && len(c.handles) < 2 {
			c.handles = []string{address}
		}
		switch {
		case r.Bool(5):
			c.direction = outgoing
		case !r.Bool(6):
			c.direction = missed
		}
		h.add(c)
	})
}

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
		err = h.scan(ctx, db, join, []string{ofCall, ofHandle}, func(r view.Row) {
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
	err = h.scan(ctx, db, t, []string{"Z_PK", "ZVALUE", "ZNORMALIZEDVALUE"}, func(r view.Row) {
		handles[r.Int(0)] = oneLine(r.Text(1))
		if r.Null(1) {
			handles[r.Int(0)] = oneLine(r.Text(2))
		}
	})
	return handles, err
}

// readOldCalls reads the store of iOS 7 and earlier.
func readOldCalls(ctx context.Context, db *view.Database, h *history) error {
	t, err := db.Table(ctx, "call")
	if err != nil {
		return err
	}
	if err := t.Need("address", "date"); err != nil {
		return err
	}
	const fromHere, byPhone = 1, 4 // bits of flags
	columns := []string{
		"address", "name",
		"date",     // Unix seconds
		"duration", // seconds
		"flags",
		"answered",       // 0 or 1; not everywhere
		"face_time_data", // only of calls by FaceTime
	}
	return h.scan(ctx, db, t, columns, func(r view.Row) {
		c := call{at: r.Unix(2), length: seconds(r.Float(3)), name: oneLine(r.Text(1)), direction: incoming, kind: "Phone"}
		if address := oneLine(r.Text(0)); address != "" {
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

// seconds is a length of time; what is no length of a call is 0.
func seconds(s float64) time.Duration {
	const most = 366 * 24 * 60 * 60
	if !(s > 0 && s < most) {
		return 0
	}
	return time.Duration(s * float64(time.Second)).Round(time.Second)
}

// kindOf is what kind of a call ZCALLTYPE and ZSERVICE_PROVIDER tell of, and the
// app that it went through when that is none of the phone's own.
func kindOf(kind int64, provider string) (shown, app string) {
	switch {
	case kind == 1:
		shown = "Phone"
	case kind == 8:
		shown = "FaceTime video"
	case kind == 16:
		shown = "FaceTime audio"
	case provider == "com.apple.Telephony":
		shown = "Phone"
	case provider == "com.apple.FaceTime":
		shown = "FaceTime"
	default:
		shown = "App"
	}
	if strings.HasPrefix(provider, "com.apple.") {
		return shown, ""
	}
	return shown, provider
}

// resolve finds out whose the handles are, each of them once: a number costs more
// to compare than a call to read.
func (h *history) resolve(who *people.Index) {
	known := map[string]people.Person{}
	for i := range h.calls {
		c := &h.calls[i]
		c.people = make([]people.Person, len(c.handles))
		for j, handle := range c.handles {
			p, ok := known[handle]
			if !ok {
				p, _ = who.Find(handle)
				known[handle] = p
			}
			c.people[j] = p
		}
	}
}

// nameOf is the name of who has the handle of a place: in the address book, or
// as the phone showed it, or the handle.
func (c call) nameOf(i int) string {
	if c.people[i].Name == "" && len(c.handles) == 1 {
		return cmp.Or(c.name, c.handles[i])
	}
	return cmp.Or(c.people[i].Name, c.handles[i])
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

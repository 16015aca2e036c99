package calendars

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"ibfs/fs/view"
)

// A store is what a calendar database holds.
type store struct {
	items     []*item // in the order of their ids
	byID      map[int64]*item
	calendars map[int64]calendar
	accounts  map[int64]account
	locations map[int64]location
	people    map[int64]participant
	names     map[int64]identity
	files     map[int64]string // AttachmentFile: the names
	written   time.Time        // when the backup was made
	device    string           // its UDID
	view.Reading
}

// A calendar is a row of Calendar.
type calendar struct {
	title, color string
	account      int64 // Store.ROWID
}

// An account is a row of Store.
type account struct {
	name     string
	disabled bool
}

// A location is a row of Location.
type location struct {
	title, address      string
	latitude, longitude float64 // degrees; both 0 is none
}

// A participant is a row of Participant.
type participant struct {
	kind         int64 // entity_type: attendeeKind or organizerKind
	identity     int64 // rowid of Identity
	status       int64
	email, phone string
	owner        int64 // CalendarItem.ROWID
}

const (
	attendeeKind  = 7
	organizerKind = 8
)

// An identity is a row of Identity.
type identity struct{ name, address string }

// maxSize bounds all that is read of the database, in bytes.
const maxSize = 256 << 20

var errNoDate = errors.New("its date is not there")

// read reads a calendar database. Only a table of items that cannot be read is
// an error; all else that cannot be is lost.
func read(ctx context.Context, db *view.Database) (*store, error) {
	s := &store{
		Reading: view.Reading{Left: maxSize},
		byID:    map[int64]*item{}, calendars: map[int64]calendar{}, accounts: map[int64]account{}, locations: map[int64]location{},
		people: map[int64]participant{}, names: map[int64]identity{}, files: map[int64]string{},
	}
	if err := s.readItems(ctx, db); err != nil {
		return nil, err
	}
	for _, t := range s.tables() {
		err := s.Table(ctx, db, t.name, nil, t.columns, t.each)
		switch {
		case view.Passing(err):
			return nil, err
		case errors.Is(err, view.ErrSchema) && t.recent:
		case err != nil:
			s.Lost = append(s.Lost, err)
		}
	}
	return s, nil
}

// A table is how one is read. A recent one is not in databases of old versions.
type table struct {
	name    string
	recent  bool
	columns []string
	each    func(view.Row)
}

// tables are all but that of the items.
func (s *store) tables() []table {
	return []table{
		{name: "Calendar", columns: []string{"rowid", "title", "color", "store_id"}, each: func(r view.Row) {
			s.calendars[r.Int(0)] = calendar{titleOf(view.OneLine(r.Text(1))), r.Text(2), r.Int(3)}
		}},
		{name: "Store", columns: []string{"rowid", "name", "type", "disabled"}, each: func(r view.Row) {
			s.accounts[r.Int(0)] = account{accountName(view.OneLine(r.Text(1)), r.Int(2), r.Null(2)), r.Int(3) == 1}
		}},
		{name: "Location", columns: []string{"rowid", "title", "address", "latitude", "longitude"}, each: func(r view.Row) {
			s.locations[r.Int(0)] = location{view.Clean(r.Text(1)), view.Clean(r.Text(2)), r.Float(3), r.Float(4)}
		}},
		{name: "Participant", columns: []string{"rowid", "entity_type", "identity_id", "status", "email", "phone_number", "owner_id"}, each: s.addParticipant},
		{name: "Identity", columns: []string{"rowid", "display_name", "address"}, each: func(r view.Row) {
			s.names[r.Int(0)] = identity{view.OneLine(r.Text(1)), view.OneLine(r.Text(2))}
		}},
		{name: "Recurrence", columns: []string{
			"owner_id",
			"frequency", // 1 daily, 2 weekly, 3 monthly, 4 yearly
			"interval",
			"count",     // 0 is without a bound
			"end_date",  // Cocoa seconds
			"specifier", // see by
		}, each: func(r view.Row) {
			if i := s.byID[r.Int(0)]; i != nil && len(i.rules) < maxOfItem {
				i.rules = append(i.rules, recurrence{r.Int(1), r.Int(2), r.Int(3), instant(r, 4), view.OneLine(r.Text(5))})
			}
		}},
		{name: "ExceptionDate", columns: []string{"owner_id", "date"}, each: func(r view.Row) {
			if i := s.byID[r.Int(0)]; i != nil {
				i.exceptions = append(i.exceptions, instant(r, 1))
			}
		}},
		{name: "Alarm", columns: []string{
			"calendaritem_owner_id",
			"owner_id",         // the same, until iOS 6
			"trigger_interval", // seconds from the start, below 0 before it
			"trigger_date",     // Cocoa seconds
			"acknowledgedDate", // Cocoa seconds
			"proximity",        // not 0: on coming to a place or leaving it
			"disabled",
		}, each: func(r view.Row) {
			i := s.byID[r.Int(0)]
			if r.Null(0) {
				i = s.byID[r.Int(1)]
			}
			if i != nil && r.Int(5) == 0 && r.Int(6) == 0 && len(i.alarms) < maxOfItem {
				i.alarms = append(i.alarms, alarm{r.Int(2), instant(r, 3), instant(r, 4), !r.Null(2)})
			}
		}},
		{name: "AttachmentFile", recent: true, columns: []string{"rowid", "filename"}, each: func(r view.Row) {
			s.files[r.Int(0)] = view.OneLine(r.Text(1))
		}},
		{name: "Attachment", columns: []string{
			"owner_id",
			"file_id",  // AttachmentFile.ROWID
			"filename", // before there was that table
		}, each: func(r view.Row) {
			name := view.OneLine(r.Text(2))
			if name == "" {
				name = s.files[r.Int(1)]
			}
			if i := s.byID[r.Int(0)]; i != nil && name != "" && len(i.attachments) < maxOfItem {
				i.attachments = append(i.attachments, name)
			}
		}},
	}
}

// maxOfItem bounds the rules, alarms, people and attachments of one item.
const maxOfItem = 1000

func (s *store) addParticipant(r view.Row) {
	id, p := r.Int(0), participant{kind: r.Int(1), identity: r.Int(2), status: r.Int(3), email: view.OneLine(r.Text(4)), phone: view.OneLine(r.Text(5)), owner: r.Int(6)}
	s.people[id] = p
	if i := s.byID[p.owner]; i != nil && p.kind == attendeeKind && len(i.attendees) < maxOfItem {
		i.attendees = append(i.attendees, id)
	}
}

// titleOf is the title of a calendar. The phone names its own with a key, which
// it shows in the user's language.
func titleOf(title string) string {
	switch title {
	case "DEFAULT_CALENDAR_NAME":
		return "Calendar"
	case "DEFAULT_TASK_CALENDAR_NAME":
		return "Reminders"
	}
	return title
}

const local = 0 // Store.type of what is on the phone alone

func accountName(name string, kind int64, unknown bool) string {
	if !unknown && kind == local && (name == "" || name == "Default" || name == "Local") {
		return "On My iPhone"
	}
	return name
}

// instant is a time of Cocoa seconds. Calendars go further than other data: a
// birthday may be long past. 0, and what is beyond, is none: far days stand for
// "never".
func instant(r view.Row, i int) time.Time {
	const (
		cocoaEpoch = 978307200
		first      = -6311433600 // 1801
		last       = 6311347200  // 2201
	)
	v := r.Float(i)
	if v == 0 || v < first || v > last {
		return time.Time{}
	}
	return time.Unix(cocoaEpoch+int64(math.Floor(v+1e-3)), 0).UTC()
}

// once are times without those that come again, in their order.
func once(times []time.Time) []time.Time {
	times = slices.DeleteFunc(slices.Clone(times), time.Time.IsZero)
	slices.SortFunc(times, time.Time.Compare)
	return slices.CompactFunc(times, time.Time.Equal)
}

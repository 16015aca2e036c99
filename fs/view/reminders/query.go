package reminders

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ibfs/fs/view"
)

// A store is what one database holds: the reminders of an account.
type store struct {
	byID     map[int64]*reminder
	byList   map[int64][]*reminder // in the order of their ids
	lists    map[int64]list
	accounts map[int64]string
	name     string    // in all backups of all phones: that of its file, and where it lies
	written  time.Time // when the backup was made
	view.Reading
}

// A list is a row of ZREMCDBASELIST, or in iOS 13 and 14 of ZREMCDOBJECT.
type list struct {
	name    string
	account int64
	deleted bool
}

// A reminder is a row of ZREMCDREMINDER, or in iOS 13 and 14 of ZREMCDOBJECT.
type reminder struct {
	id, list, parent int64 // Z_PK; 0 is none
	identifier       string
	title, notes     string
	url              string
	due, completed   time.Time
	created, changed time.Time
	zone             string // the name of a time zone; "" is whatever zone the phone is in, and due is in UTC then
	done             bool
	allDay           bool // due is a day of UTC
	flagged          bool
	priority         int64 // 0 none, 1 high, 5 medium, 9 low
	rule             *rule
}

// A rule is a row of ZREMCDOBJECT that says when a reminder recurs.
type rule struct {
	frequency       int64 // see frequencies
	interval, count int64 // a count of 0 is without a bound
	end             time.Time
}

const (
	reminderTable = "ZREMCDREMINDER"
	listTable     = "ZREMCDBASELIST"
	objectTable   = "ZREMCDOBJECT"
)

// The names of entities, whose numbers differ from store to store.
const (
	reminderEntity = "REMCDReminder"
	listEntity     = "REMCDList"
	accountEntity  = "REMCDAccount"
	ruleEntity     = "REMCDRecurrenceRule"
	linkEntity     = "REMCDURLAttachment"
)

// maxSize bounds all that is read of a store, in bytes.
const maxSize = 128 << 20

// read reads a store. Only reminders that cannot be read are an error; all else
// that cannot be is lost.
func read(ctx context.Context, db *view.Database, name string, written time.Time) (*store, error) {
	s := &store{Reading: view.Reading{Left: maxSize}, byID: map[int64]*reminder{}, byList: map[int64][]*reminder{}, lists: map[int64]list{}, accounts: map[int64]string{}, name: name, written: written}
	entities, err := s.entities(ctx, db)
	if err := s.keep(err); err != nil {
		return nil, err
	}
	_, err = db.Table(ctx, reminderTable)
	own := err == nil
	switch {
	case errors.Is(err, view.ErrSchema): // iOS 13 and 14
	case err != nil:
		return nil, err
	default:
		if err := s.table(ctx, db, reminderTable, []string{"Z_PK", "ZTITLE"}, reminderFields, s.addReminder); err != nil {
			return nil, err
		}
		err := s.table(ctx, db, listTable, nil, listFields, s.addList)
		if err := s.keep(err); err != nil {
			return nil, err
		}
	}
	found, err := s.objects(ctx, db, entities, !own)
	if err := s.keep(err); err != nil {
		return nil, err
	}
	if !own && !found {
		return nil, cmp.Or(err, fmt.Errorf("%w: it has neither a table %s nor rows of the entity %s", view.ErrSchema, reminderTable, reminderEntity))
	}
	for _, r := range s.byID {
		s.byList[r.list] = append(s.byList[r.list], r)
	}
	for _, items := range s.byList {
		slices.SortFunc(items, func(a, b *reminder) int { return cmp.Compare(a.id, b.id) })
	}
	return s, nil
}

// keep notes what is lost; an error that passes is returned.
func (s *store) keep(err error) error {
	if err != nil && !view.Passing(err) {
		s.Lost = append(s.Lost, err)
		return nil
	}
	return err
}

// entities are the names of entities by their numbers.
func (s *store) entities(ctx context.Context, db *view.Database) (map[int64]string, error) {
	names := map[int64]string{}
	return names, s.table(ctx, db, "Z_PRIMARYKEY", nil, []string{"Z_ENT", "Z_NAME"}, func(f fields, r view.Row) {
		names[r.Int(f.of(r, "Z_ENT"))] = r.Text(f.of(r, "Z_NAME"))
	})
}

var (
	reminderFields = []string{"Z_PK", "ZMARKEDFORDELETION", "ZTITLE", "ZNOTES", "ZIDENTIFIER", "ZCKIDENTIFIER", "ZLIST", "ZPARENTREMINDER",
		"ZDUEDATE", "ZCOMPLETIONDATE", "ZCREATIONDATE", "ZLASTMODIFIEDDATE", // Cocoa seconds
		"ZTIMEZONE", "ZCOMPLETED", "ZALLDAY", "ZFLAGGED", "ZPRIORITY"}
	listFields = []string{"Z_PK", "ZNAME", "ZACCOUNT", "ZMARKEDFORDELETION"}
	ruleFields = []string{"Z_PK", "ZREMINDER", "ZFREQUENCY", "ZINTERVAL", "ZOCCURRENCECOUNT", "ZENDDATE"}
)

// objects reads the table that many entities share. With all, that has the
// reminders and lists too; whether it can have any is returned.
func (s *store) objects(ctx context.Context, db *view.Database, entities map[int64]string, all bool) (found bool, err error) {
	names := slices.Concat([]string{"Z_ENT", "ZURL"}, listFields, ruleFields)
	if all {
		names = append(names, reminderFields...)
		found = slices.Contains(slices.Collect(maps.Values(entities)), reminderEntity)
	}
	type link struct {
		reminder int64
		url      string
	}
	var links []link
	rules := map[int64]*rule{}
	err = s.table(ctx, db, objectTable, nil, names, func(f fields, r view.Row) {
		switch entity := entities[r.Int(f.of(r, "Z_ENT"))]; {
		case entity == accountEntity:
			s.accounts[r.Int(f.of(r, "Z_PK"))] = view.OneLine(r.Text(f.of(r, "ZNAME")))
		case entity == ruleEntity && f.of(r, "ZFREQUENCY") >= 0:
			rules[r.Int(f.of(r, "ZREMINDER"))] = &rule{
				r.Int(f.of(r, "ZFREQUENCY")), r.Int(f.of(r, "ZINTERVAL")), r.Int(f.of(r, "ZOCCURRENCECOUNT")), r.Cocoa(f.of(r, "ZENDDATE")),
			}
		case entity == linkEntity:
			links = append(links, link{r.Int(f.of(r, "ZREMINDER")), view.OneLine(r.Text(f.of(r, "ZURL")))})
		case entity == listEntity && all:
			s.addList(f, r)
		case entity == reminderEntity && all:
			s.addReminder(f, r)
		}
	})
	for id, rule := range rules {
		if r := s.byID[id]; r != nil {
			r.rule = rule
		}
	}
	for _, l := range links {
		if r := s.byID[l.reminder]; r != nil && r.url == "" {
			r.url = l.url
		}
	}
	return found, err
}

func (s *store) addList(f fields, r view.Row) {
	s.lists[r.Int(f.of(r, "Z_PK"))] = list{view.OneLine(r.Text(f.of(r, "ZNAME"))), r.Int(f.of(r, "ZACCOUNT")), r.Bool(f.of(r, "ZMARKEDFORDELETION"))}
}

func (s *store) addReminder(f fields, r view.Row) {
	if r.Bool(f.of(r, "ZMARKEDFORDELETION")) {
		return
	}
	id := r.Int(f.of(r, "Z_PK"))
	s.byID[id] = &reminder{
		id: id, list: r.Int(f.of(r, "ZLIST")), parent: r.Int(f.of(r, "ZPARENTREMINDER")),
		identifier: identifier(r, f.of(r, "ZIDENTIFIER"), f.of(r, "ZCKIDENTIFIER")),
		title:      view.OneLine(r.Text(f.of(r, "ZTITLE"))), notes: view.Clean(r.Text(f.of(r, "ZNOTES"))),
		due: r.Cocoa(f.of(r, "ZDUEDATE")), completed: r.Cocoa(f.of(r, "ZCOMPLETIONDATE")),
		created: r.Cocoa(f.of(r, "ZCREATIONDATE")), changed: r.Cocoa(f.of(r, "ZLASTMODIFIEDDATE")),
		zone: r.Text(f.of(r, "ZTIMEZONE")), done: r.Bool(f.of(r, "ZCOMPLETED")), allDay: r.Bool(f.of(r, "ZALLDAY")),
		flagged: r.Bool(f.of(r, "ZFLAGGED")), priority: r.Int(f.of(r, "ZPRIORITY")),
	}
}

// identifier is a UUID, from its 16 bytes or from a text.
func identifier(r view.Row, uuid, text int) string {
	if b := r.Data(uuid); len(b) == 16 {
		return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
	}
	return view.OneLine(r.Text(text))
}

// used are the lists that have reminders.
func (s *store) used() []int64 {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.byList)), func(id int64) bool { return s.lists[id].deleted })
}

// list is the name of a list, and that of its account; that of reminders whose
// list is not there is called as the phone calls its first one. A store has one
// account.
func (s *store) list(id int64) (name, account string) {
	l := s.lists[id]
	account = s.accounts[l.account]
	for _, only := range s.accounts {
		if len(s.accounts) == 1 {
			account = only
		}
	}
	return cmp.Or(l.name, "Reminders"), account
}

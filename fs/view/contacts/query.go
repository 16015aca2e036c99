package contacts

import (
	"context"
	"errors"
	"slices"
	"time"

	"ibfs/fs/view"
)

// A person is a row of ABPerson.
type person struct {
	id        int64
	text      [texts]string
	company   bool   // Kind is 1, not 0
	birthday  string // Cocoa seconds as text, or YYYY-MM-DD; "" is none
	changed   time.Time
	store     int64 // ABStore.ROWID
	link      int64 // of people that are shown as one; 0 or less is none
	preferred bool  // of those who share a link: whose names are shown
	values    []value
	photo     photo
	groups    []string // names of those that it is in
}

// The texts of a person. Any may be NULL, which is "".
const (
	prefix = iota
	first
	middle
	last
	suffix
	nickname
	organization
	department
	jobTitle
	note
	displayName
	firstPhonetic
	middlePhonetic
	lastPhonetic
	organizationPhonetic
	previousFamilyName
	guid
	texts
)

var personColumns = [texts]string{
	"Prefix", "First", "Middle", "Last", "Suffix", "Nickname", "Organization", "Department", "JobTitle", "Note", "DisplayName",
	"FirstPhonetic", "MiddlePhonetic", "LastPhonetic", "OrganizationPhonetic", "PreviousFamilyName", "guid",
}

// A value is a row of ABMultiValue: one of any number that a person has.
type value struct {
	id       int64
	property int64             // which kind; see the constants
	label    string            // "_$!<Home>!$_" is built in, all else the user's; "" is none
	text     string            // "" when it has parts
	parts    map[string]string // rows of ABMultiValueEntry by their keys, in small letters
}

// ABMultiValue.property. Apple publishes no numbers; these are observed.
const (
	phoneProperty   = 3
	emailProperty   = 4
	addressProperty = 5
	dateProperty    = 12
	chatProperty    = 13
	urlProperty     = 22
	relatedProperty = 23
	profileProperty = 46
)

// A group is a row of ABGroup.
type group struct {
	id     int64
	name   string
	store  int64
	people []int64 // ABPerson.ROWID
	groups []int64 // groups in it
}

// A book is what an address book holds.
type book struct {
	people []person         // in the order of their ids
	groups []group          // likewise
	stores map[int64]string // their names
	images map[int64]int64  // by link: whose picture is shown
	view.Reading
}

// maxSize bounds all of an address book, in bytes. It is room for some 90,000
// people with all that belongs to them; a person counts as personSize beside
// the row.
const (
	maxSize    = 256 << 20
	personSize = 750
)

// readBook reads an address book. Only a table of people that cannot be read is
// an error; all else that cannot be is lost.
func readBook(ctx context.Context, db *view.Database) (*book, error) {
	b := &book{Reading: view.Reading{Left: maxSize}, stores: map[int64]string{}, images: map[int64]int64{}}
	if err := b.readPeople(ctx, db); err != nil {
		return nil, err
	}
	for _, read := range []func(context.Context, *view.Database) error{b.readValues, b.readGroups, b.readStores, b.readLinks} {
		if err := read(ctx, db); err != nil {
			if view.Passing(err) {
				return nil, err
			}
			b.Lost = append(b.Lost, err)
		}
	}
	return b, nil
}

func (b *book) readPeople(ctx context.Context, db *view.Database) error {
	columns := append(personColumns[:texts:texts],
		"rowid", "Kind", "Birthday", "StoreID", "PersonLink",
		"IsPreferredName",  // 0 or 1
		"ModificationDate", // Cocoa seconds
		"CreationDate",     // Cocoa seconds
	)
	return b.Table(ctx, db, "ABPerson", []string{"First", "Last"}, columns, func(r view.Row) {
		b.Left -= personSize
		p := person{
			id:        r.Int(texts),
			company:   r.Int(texts+1) == 1,
			birthday:  r.Text(texts + 2),
			store:     r.Int(texts + 3),
			link:      r.Int(texts + 4),
			preferred: r.Int(texts+5) == 1,
			changed:   r.Cocoa(texts + 6),
		}
		if p.changed.IsZero() {
			p.changed = r.Cocoa(texts + 7)
		}
		for i := range p.text {
			p.text[i] = view.Clean(r.Text(i))
		}
		b.people = append(b.people, p)
	})
}

// person finds one by its id.
func (b *book) person(id int64) *person {
	i, ok := slices.BinarySearchFunc(b.people, id, func(p person, id int64) int {
		switch {
		case p.id < id:
			return -1
		case p.id > id:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return &b.people[i]
}

// readStores reads where people are kept: on the phone, or in which account.
func (b *book) readStores(ctx context.Context, db *view.Database) error {
	return b.Table(ctx, db, "ABStore", nil, []string{"rowid", "Name", "AccountID"}, func(r view.Row) {
		name := view.Clean(r.Text(1))
		if r.Int(2) == -1 {
			name = onPhone
		}
		b.stores[r.Int(0)] = name
	})
}

// onPhone is what the phone calls the store that belongs to no account.
const onPhone = "On My iPhone"

// readLinks reads whose picture people have who are shown as one.
func (b *book) readLinks(ctx context.Context, db *view.Database) error {
	err := b.Table(ctx, db, "ABPersonLink", nil, []string{"rowid", "PreferredImagePersonID"}, func(r view.Row) {
		b.images[r.Int(0)] = r.Int(1)
	})
	if errors.Is(err, view.ErrSchema) {
		return nil // iOS 5 and earlier
	}
	return err
}

package view

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"ibfs/backupfmt"
	"ibfs/fs/view/people"
)

// contacts is the index of a snapshot's address book, made when it is first
// asked for.
type contacts struct {
	gate  Gate
	index *people.Index // guarded by gate; nil until it is made
}

// People tells whose a handle is, by the address book of the backup. Where there
// is none, or it cannot be read, nobody is found. The error is one that passes:
// see Passing.
func (s *Source) People(ctx context.Context) (*people.Index, error) {
	if err := s.contacts.gate.Enter(ctx); err != nil {
		return nil, err
	}
	defer s.contacts.gate.Leave()
	if s.contacts.index != nil {
		return s.contacts.index, nil
	}
	x := people.New(s.region(ctx))
	err := s.addPeople(ctx, x)
	if err := cmp.Or(ctx.Err(), err); Passing(err) {
		return nil, err
	}
	if err != nil && !errors.Is(err, ErrAbsent) {
		s.Log.Warn("read the address book", "err", err)
	}
	s.contacts.index = x
	return x, nil
}

const addressBook = "Library/AddressBook/AddressBook.sqlitedb"

// The values of ABMultiValue.property that are handles.
const (
	propertyPhone = 3
	propertyMail  = 4
)

func (s *Source) addPeople(ctx context.Context, x *people.Index) error {
	db, err := s.Database(ctx, "HomeDomain", addressBook)
	if err != nil {
		return err
	}
	defer db.Close()
	person, err := db.Table(ctx, "ABPerson")
	if err != nil {
		return err
	}
	value, err := db.Table(ctx, "ABMultiValue")
	if err != nil {
		return err
	}
	if err := errors.Join(person.Need("ROWID"), value.Need("record_id", "property", "value")); err != nil {
		return err
	}
	ids := map[int64]int64{}             // of the person that a card is of
	persons := map[int64]people.Person{} // by that number
	preferred := map[int64]bool{}
	for r, err := range db.Scan(ctx, person, "ROWID", "PersonLink", "IsPreferredName", "DisplayName", "First", "Middle", "Last", "Nickname", "Organization") {
		if Passing(err) {
			return err
		}
		if err != nil {
			s.Log.Info("not read", "what", "a person of the address book", "err", err)
			continue
		}
		id := -r.Int(0) // a link has a number of its own
		if link := r.Int(1); link > 0 {
			id = link
		}
		ids[r.Int(0)] = id
		full := people.FullName(r.Text(4), r.Text(5), r.Text(6))
		name := cmp.Or(oneLine(r.Text(3)), full, oneLine(r.Text(8)), oneLine(r.Text(7)))
		if name != "" && (persons[id].Name == "" || r.Bool(2) && !preferred[id]) {
			persons[id], preferred[id] = people.Person{ID: id, Name: name}, r.Bool(2)
		}
	}
	for r, err := range db.Scan(ctx, value, "record_id", "property", "value") {
		if Passing(err) {
			return err
		}
		if err != nil {
			s.Log.Info("not read", "what", "a number of the address book", "err", err)
			continue
		}
		if p := r.Int(1); p == propertyPhone || p == propertyMail {
			x.Add(persons[ids[r.Int(0)]], r.Text(2))
		}
	}
	return ctx.Err()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

const maxPreferences = 1 << 20 // bytes; a real one has some kilobytes

// region is that of the phone: of its own number, or of what its owner set.
func (s *Source) region(ctx context.Context) string {
	if r := people.RegionOf(s.Backup.Info().PhoneNumber); r != "" {
		return r
	}
	b, err := s.Read(ctx, "HomeDomain", "Library/Preferences/.GlobalPreferences.plist", maxPreferences)
	if err != nil {
		return ""
	}
	var p map[string]any
	// What cannot be read is left out of p.
	_ = backupfmt.DecodePlist(b, &p)
	locale, _ := p["AppleLocale"].(string) // "nb_NO", "en-GB", "zh-Hans_CN@calendar=gregorian"
	locale, _, _ = strings.Cut(locale, "@")
	region := locale[strings.LastIndexAny(locale, "_-")+1:]
	if len(region) != 2 || region == locale {
		return ""
	}
	return region
}

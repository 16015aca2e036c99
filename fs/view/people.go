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
	region, err := s.region(ctx)
	if Passing(err) {
		return nil, err
	}
	x := people.New(region)
	err = s.addPeople(ctx, x)
	if err := cmp.Or(ctx.Err(), err); Passing(err) {
		return nil, err
	}
	if err != nil && !errors.Is(err, ErrAbsent) {
		s.Log.Warn("read the address book", "err", err)
	}
	s.contacts.index = x
	return x, nil
}

// maxBook bounds what is read of an address book, in bytes.
const maxBook = 64 << 20

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
	book := Reading{Left: maxBook}
	ids := map[int64]int64{}             // of the person that a card is of
	persons := map[int64]people.Person{} // by that number
	preferred := map[int64]bool{}
	err = book.Table(ctx, db, "ABPerson", []string{"ROWID"}, []string{
		"ROWID", "PersonLink", "IsPreferredName", "DisplayName", "First", "Middle", "Last", "Nickname", "Organization",
	}, func(r Row) {
		id := -r.Int(0) // a link has a number of its own
		if link := r.Int(1); link > 0 {
			id = link
		}
		ids[r.Int(0)] = id
		full := people.FullName(r.Text(4), r.Text(5), r.Text(6))
		name := cmp.Or(OneLine(r.Text(3)), full, OneLine(r.Text(8)), OneLine(r.Text(7)))
		if name != "" && (persons[id].Name == "" || r.Bool(2) && !preferred[id]) {
			persons[id], preferred[id] = people.Person{ID: id, Name: name}, r.Bool(2)
		}
	})
	if err != nil {
		return err
	}
	err = book.Table(ctx, db, "ABMultiValue", []string{"record_id", "property", "value"}, []string{"record_id", "property", "value"}, func(r Row) {
		if p := r.Int(1); p == propertyPhone || p == propertyMail {
			x.Add(persons[ids[r.Int(0)]], r.Text(2))
		}
	})
	for _, err := range book.Lost {
		s.Log.Info("not read", "what", "a part of the address book", "err", err)
	}
	return err
}

const maxPreferences = 1 << 20 // bytes; a real one has some kilobytes

// region is that of the phone: of its own number, or of what its owner set.
func (s *Source) region(ctx context.Context) (string, error) {
	if r := people.RegionOf(s.Backup.Info().PhoneNumber); r != "" {
		return r, nil
	}
	b, err := s.Read(ctx, "HomeDomain", "Library/Preferences/.GlobalPreferences.plist", maxPreferences)
	if err != nil {
		return "", err
	}
	var p map[string]any
	// What cannot be read is left out of p.
	_ = backupfmt.DecodePlist(b, &p)
	locale, _ := p["AppleLocale"].(string) // "nb_NO", "en-GB", "zh-Hans_CN@calendar=gregorian"
	locale, _, _ = strings.Cut(locale, "@")
	region := locale[strings.LastIndexAny(locale, "_-")+1:]
	if len(region) != 2 || region == locale {
		return "", nil
	}
	return region, nil
}

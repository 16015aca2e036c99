package demo

import (
	"slices"
	"strings"
	"time"

	"ibfs/backupfmt/backuptest"
)

// contacts are the address book and its pictures.
func contacts(p *phone) ([]backuptest.File, error) {
	const folder = "Library/AddressBook/"
	book, err := addressBook(p).database("HomeDomain", folder+"AddressBook.sqlitedb", p.now.Add(-30*time.Hour))
	if err != nil {
		return nil, err
	}
	s := newScript(imagesSchema)
	for i, who := range people {
		if !who.pictured || !p.has(who.known(i)) {
			continue
		}
		for _, size := range []int{320, 80} {
			c := newCanvas(size, size)
			c.avatar(who, 0.5, 0.5, 0.72)
			data, err := encodeJPEG(c.img, 85)
			if err != nil {
				return nil, err
			}
			if size == 320 {
				s.insert("ABFullSizeImage", "record_id, crop_x, crop_y, crop_width, data", i+1, 0, 0, size, data)
			} else {
				s.insert("ABThumbnailImage", "record_id, format, derived_from_format, data", i+1, 0, 0, data)
			}
		}
	}
	images, err := s.database("HomeDomain", folder+"AddressBookImages.sqlitedb", p.now.Add(-30*time.Hour))
	return []backuptest.File{book, images}, err
}

// What ABMultiValue.property says a value is.
const (
	phoneProperty   = 3
	emailProperty   = 4
	addressProperty = 5
	urlProperty     = 22
)

// The built-in labels.
const (
	mobileLabel = "_$!<Mobile>!$_"
	homeLabel   = "_$!<Home>!$_"
	workLabel   = "_$!<Work>!$_"
	vetLabel    = "out of hours"
)

var (
	labels    = []string{mobileLabel, homeLabel, workLabel, vetLabel}
	entryKeys = []string{"Country", "Street", "ZIP", "City"}
)

// addressBook is the database of people, as iOS 16 and later have it.
func addressBook(p *phone) *script {
	s := newScript(contactsSchema)
	s.insert("_SqliteDatabaseProperties", "key, value", "MinVersion", "23")
	s.insert("ABAccount", "ROWID, AccountIdentifier, guid", 1, uuid("icloud"), uuid("account"))
	s.insert("ABStore", "ROWID, Name, Type, AccountID, Enabled, guid", 1, "Local", 0, -1, 1, uuid("store", "local"))
	s.insert("ABStore", "ROWID, Name, Type, AccountID, Enabled, guid, MeIdentifier", 2, "Card", 4, 1, 1, uuid("store", "card"), 1)
	for i, l := range labels {
		s.insert("ABMultiValueLabel", "rowid, value", i+1, l)
	}
	for i, k := range entryKeys {
		s.insert("ABMultiValueEntryKey", "rowid, value", i+1, k)
	}
	var groups []string
	for i, who := range people {
		if !p.has(who.known(i)) {
			continue
		}
		addPerson(s, i+1, who, who.known(i))
		for _, g := range who.groups {
			if !slices.Contains(groups, g) {
				groups = append(groups, g)
				s.insert("ABGroup", "ROWID, Name, StoreID, guid", len(groups), g, 2, uuid("group", g))
			}
			s.insert("ABGroupMembers", "group_id, member_type, member_id", slices.Index(groups, g)+1, 0, i+1)
		}
	}
	return s
}

func addPerson(s *script, id int, p person, created time.Time) {
	kind := 0
	if p.name() == "" {
		kind = 1
	}
	s.insert("ABPerson", "ROWID, First, Last, Organization, JobTitle, Note, Kind, Birthday, FirstSort, LastSort, "+
		"CreationDate, ModificationDate, StoreID, PersonLink, IsPreferredName, guid",
		id, orNull(p.first), orNull(p.last), orNull(p.organization), orNull(p.job), orNull(p.note), kind, birthday(p),
		strings.ToUpper(p.first), strings.ToUpper(p.last), int64(cocoa(created)), int64(cocoa(created))+3600, 2, -1, 1,
		uuid("person", p.name(), p.organization)+":ABPerson")
	n := 0
	value := func(property int, label string, value any) int {
		n++
		key := id*100 + n
		s.insert("ABMultiValue", "UID, record_id, property, identifier, label, value, guid",
			key, id, property, n-1, slices.Index(labels, label)+1, value, uuid("value", p.name(), p.organization, label, literal(value), literal(property)))
		return key
	}
	label := mobileLabel
	if kind == 1 {
		label = workLabel
	}
	if p.phone != "" {
		value(phoneProperty, label, p.phone)
	}
	if p.home != "" {
		value(phoneProperty, homeLabel, p.home)
	}
	if p.email != "" {
		value(emailProperty, homeLabel, p.email)
	}
	if p.organization == "Vet, Broughton" {
		value(phoneProperty, vetLabel, "+441314960176")
		value(urlProperty, workLabel, "https://vet.example")
	}
	if p.city != "" {
		key := value(addressProperty, homeLabel, nil)
		for i, part := range []string{p.country, p.street, p.zip, p.city} {
			if part != "" {
				s.insert("ABMultiValueEntry", "parent_id, key, value", key, i+1, part)
			}
		}
	}
}

// birthday is noon UTC of the day, in Cocoa seconds, as text.
func birthday(p person) any {
	day, err := time.Parse(time.DateOnly, p.birthday)
	if err != nil {
		return nil
	}
	return literal(cocoa(day.Add(12 * time.Hour)))
}
